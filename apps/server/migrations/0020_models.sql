-- why: models of the workspace in an order, each person's choice, and what every call took: tokens, time, cost, and how much of it is allowed
-- after: 0018_projects

-- The chain of models. The first two stand for what each person brings: an own connection, and the
-- company's model with an own cookie.
create table model_providers (
  id uuid primary key,
  kind text not null check (kind in ('own', 'company', 'server')),
  name text not null default '',
  base_url text,
  model text,
  encrypted_key text,
  key_hint text,
  wrapped_key text,
  position integer not null,
  is_enabled boolean not null default true,
  -- Of all people together.
  last_good_at timestamptz,
  failing_since timestamptz,
  failure_code text,
  created_at timestamptz not null default now(),
  check (kind <> 'server' or (base_url is not null and model is not null))
);
create unique index model_providers_one_each on model_providers (kind) where kind <> 'server';
insert into model_providers (id, kind, position) values
  ('00000000-0000-4000-8000-000000000001', 'own', 0),
  ('00000000-0000-4000-8000-000000000002', 'company', 1);

create table model_choices (
  user_id uuid primary key references users (id) on delete cascade on update cascade,
  provider_id uuid not null references model_providers (id) on delete cascade on update cascade
);
create index model_choices_provider on model_choices (provider_id);

-- US dollars for a million tokens, for models whose name begins so; the longest beginning counts.
create table model_prices (
  model text primary key check (model <> ''),
  input numeric(12, 4) not null check (input >= 0),
  output numeric(12, 4) not null check (output >= 0)
);

-- What may be used in a month. Without a person: 'everyone' holds for each of them, 'workspace' for
-- all together.
create table model_budgets (
  id uuid primary key default gen_random_uuid(),
  scope text not null check (scope in ('workspace', 'everyone', 'person')),
  user_id uuid references users (id) on delete cascade on update cascade,
  tokens bigint check (tokens >= 0),
  cost numeric(14, 4) check (cost >= 0),
  check ((scope = 'person') = (user_id is not null)),
  unique nulls not distinct (scope, user_id)
);
create index model_budgets_user on model_budgets (user_id);

-- One row for each attempt at a model. Never what was asked or answered.
create table model_usage (
  id bigint generated always as identity primary key,
  user_id uuid not null references users (id) on delete cascade on update cascade,
  project_id uuid references projects (id) on delete set null on update cascade,
  at timestamptz not null default now(),
  provider text not null,
  model text not null,
  purpose text not null,
  outcome text not null check (outcome in ('complete', 'failed', 'stopped')),
  error_kind text,
  input_tokens integer not null default 0,
  output_tokens integer not null default 0,
  -- The provider did not say: counted from the length of the texts.
  is_estimated boolean not null default false,
  -- Null where the model has no price.
  cost numeric(14, 6),
  ttft_ms integer,
  duration_ms integer not null
);
create index model_usage_user on model_usage (user_id, at);
create index model_usage_at on model_usage (at);
create index model_usage_project on model_usage (project_id);

grant select, insert, update, delete on model_providers, model_choices, model_prices, model_budgets
  to studioops_app;
grant select, insert on model_usage to studioops_app;
grant select, update, delete on model_providers to studioops_maintenance;
grant select, delete on model_usage to studioops_maintenance;

alter table model_providers enable row level security;
create policy seen on model_providers for select to studioops_app
  using (app_user_role() is not null);
create policy changed on model_providers for all to studioops_app
  using (runs_the_workspace()) with check (runs_the_workspace());
create policy maintenance on model_providers for all to studioops_maintenance using (true);
alter table model_choices enable row level security;
create policy own on model_choices for all to studioops_app
  using (user_id = app_user_id()) with check (user_id = app_user_id());
alter table model_prices enable row level security;
create policy seen on model_prices for select to studioops_app using (app_user_role() is not null);
create policy changed on model_prices for all to studioops_app
  using (runs_the_workspace()) with check (runs_the_workspace());
alter table model_budgets enable row level security;
create policy seen on model_budgets for select to studioops_app
  using (user_id is null or user_id = app_user_id() or runs_the_workspace());
create policy changed on model_budgets for all to studioops_app
  using (runs_the_workspace()) with check (runs_the_workspace());
alter table model_usage enable row level security;
create policy own on model_usage for all to studioops_app
  using (user_id = app_user_id()) with check (user_id = app_user_id());
create policy maintenance on model_usage for all to studioops_maintenance using (true);

-- What this month took so far: of the person, and of all together.
create function model_spending()
  returns table (own_tokens bigint, own_cost numeric, all_tokens bigint, all_cost numeric)
  language sql stable security definer set search_path = public, pg_temp as $$
  select
    coalesce(sum(input_tokens + output_tokens) filter (where user_id = app_user_id()), 0)::bigint,
    coalesce(sum(cost) filter (where user_id = app_user_id()), 0),
    coalesce(sum(input_tokens + output_tokens), 0)::bigint,
    coalesce(sum(cost), 0)
  from model_usage
  where at >= date_trunc('month', now() at time zone 'utc') at time zone 'utc'
    and app_user_role() is not null $$;

-- Who can raise a budget, by name.
create function workspace_keepers() returns table (display_name text)
  language sql stable security definer set search_path = public, pg_temp as $$
  select users.display_name from users
  where users.role in ('owner', 'admin') and users.disabled_at is null and app_user_role() is not null
  order by users.role desc, lower(users.display_name) limit 3 $$;

-- Totals by day, person, provider and model: of everybody for those who run the workspace.
create function model_totals(since timestamptz, of_everybody boolean)
  returns table (day date, user_id uuid, display_name text, provider text, model text, calls bigint,
    failed bigint, input_tokens bigint, output_tokens bigint, cost numeric, unpriced bigint,
    ttft_ms double precision)
  language sql stable security definer set search_path = public, pg_temp as $$
  select (used.at at time zone 'utc')::date, users.id, users.display_name, used.provider, used.model,
    count(*), count(*) filter (where used.outcome = 'failed'), sum(used.input_tokens)::bigint,
    sum(used.output_tokens)::bigint, coalesce(sum(used.cost), 0),
    count(*) filter (where used.cost is null and used.outcome <> 'failed'),
    percentile_cont(0.5) within group (order by used.ttft_ms)
  from model_usage used join users on users.id = used.user_id
  where used.at >= since
    and (used.user_id = app_user_id() or (of_everybody and runs_the_workspace()))
  group by 1, 2, 3, 4, 5 order by 1 desc, 6 desc limit 2000 $$;

revoke execute on function model_spending(), workspace_keepers(), model_totals(timestamptz, boolean)
  from public;
grant execute on function model_spending(), workspace_keepers(), model_totals(timestamptz, boolean)
  to studioops_app;
