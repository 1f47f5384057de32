-- why: what Trello last said of a person's boards is kept, so that it can be shown while Trello is away
-- after: 0009_connections

create table board_copies (
  user_id uuid not null references users (id) on delete cascade on update cascade,
  kind text not null check (kind in ('boards', 'board', 'comments')),
  -- The id in Trello; empty for the list of boards.
  key text not null,
  value jsonb not null,
  fetched_at timestamptz not null default now(),
  -- Trello has called that it changed.
  is_outdated boolean not null default false,
  primary key (user_id, kind, key)
);

-- Trello calls back for changes of a board; the id is part of the address that it calls.
create table board_webhooks (
  id uuid primary key,
  user_id uuid not null references users (id) on delete cascade on update cascade,
  board_id text not null,
  -- Its id in Trello; absent until Trello has agreed.
  webhook_id text,
  created_at timestamptz not null default now(),
  unique (user_id, board_id)
);

grant select, insert, update, delete on board_copies, board_webhooks to studioops_app;
grant select, update on board_copies to studioops_maintenance;
grant select on board_webhooks to studioops_maintenance;

alter table board_copies enable row level security;
create policy own on board_copies for all to studioops_app
  using (user_id = app_user_id()) with check (user_id = app_user_id());
create policy maintenance on board_copies for all to studioops_maintenance using (true);
alter table board_webhooks enable row level security;
create policy own on board_webhooks for all to studioops_app
  using (user_id = app_user_id()) with check (user_id = app_user_id());
create policy maintenance on board_webhooks for select to studioops_maintenance using (true);
