drop function model_spending(), workspace_keepers(), model_totals(timestamptz, boolean);
drop table model_usage, model_budgets, model_prices, model_choices, model_providers;
