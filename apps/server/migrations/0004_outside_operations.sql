-- why: writes to the outside that happen exactly once, and the queue that carries them out
-- after: 0003_stories

create table outside_operations (
  id uuid primary key,
  user_id uuid not null references users (id) on delete cascade on update cascade,
  story_id uuid references stories (id) on delete cascade on update cascade,
  kind text not null,
  title text not null,
  target jsonb not null,
  payload jsonb not null,
  payload_hash text not null,
  marker text not null,
  state text not null check (state in
    ('planned', 'attempting', 'done', 'refused', 'unknown', 'needs-user', 'cancelled')),
  epoch integer not null default 0,
  node_id uuid,
  lease_until timestamptz,
  -- Set and committed just before the request leaves: absent means that it provably did not happen.
  sent_at timestamptz,
  attempts integer not null default 0,
  lookups integer not null default 0,
  high_water text,
  next_attempt_at timestamptz,
  error_code text,
  error_facts jsonb,
  external_key text,
  external_url text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index outside_operations_user on outside_operations (user_id, created_at desc);
create index outside_operations_marker on outside_operations (marker);
create index outside_operations_due on outside_operations (next_attempt_at)
  where state in ('planned', 'unknown', 'attempting');
-- One story becomes one issue: a second approval finds the first one's operation.
create unique index outside_operations_one_per_story on outside_operations (story_id)
  where state not in ('refused', 'cancelled');

grant select, insert, update on outside_operations to studioops_app;
grant select, update on outside_operations to studioops_maintenance;

alter table outside_operations enable row level security;
create policy own on outside_operations for all to studioops_app
  using (user_id = app_user_id()) with check (user_id = app_user_id());
create policy maintenance on outside_operations for all to studioops_maintenance using (true);

create function notify_outside_operation() returns trigger language plpgsql as $$
begin
  perform pg_notify('outside_operations', '');
  return null;
end $$;
create trigger outside_operation_planned after insert or update of state on outside_operations
  for each row when (new.state in ('planned', 'unknown'))
  execute function notify_outside_operation();
