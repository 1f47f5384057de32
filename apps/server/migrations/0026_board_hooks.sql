-- why: calls of Trello about a board are asked for again when Trello has stopped them, at most once a day
-- after: 0014_boards

alter table board_webhooks add column checked_at timestamptz not null default now();
