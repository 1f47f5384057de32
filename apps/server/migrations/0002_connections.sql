-- why: what a person connects, whether it was tested, and what Jira last said about its projects
-- after: 0001_people

create table model_connections (
  user_id uuid primary key references users (id) on delete cascade on update cascade,
  base_url text not null,
  model text not null,
  encrypted_key text,
  key_hint text,
  set_at timestamptz not null default now()
);

create table connection_checks (
  user_id uuid not null references users (id) on delete cascade on update cascade,
  system text not null check (system in ('jira', 'model')),
  changed_at timestamptz not null,
  passed_at timestamptz,
  failing_since timestamptz,
  failure_code text,
  failure_facts jsonb,
  primary key (user_id, system)
);

create table jira_metadata (
  user_id uuid not null references users (id) on delete cascade on update cascade,
  kind text not null,
  key text not null,
  value jsonb not null,
  fetched_at timestamptz not null default now(),
  primary key (user_id, kind, key)
);

grant select, insert, update, delete on model_connections, connection_checks, jira_metadata
  to studioops_app;

-- The demo's model moves with the port of the product.
grant select, update on model_connections to studioops_maintenance;

alter table model_connections enable row level security;
create policy own on model_connections for all to studioops_app
  using (user_id = app_user_id()) with check (user_id = app_user_id());
create policy maintenance on model_connections for all to studioops_maintenance using (true);
alter table connection_checks enable row level security;
create policy own on connection_checks for all to studioops_app
  using (user_id = app_user_id()) with check (user_id = app_user_id());
alter table jira_metadata enable row level security;
create policy own on jira_metadata for all to studioops_app
  using (user_id = app_user_id()) with check (user_id = app_user_id());
