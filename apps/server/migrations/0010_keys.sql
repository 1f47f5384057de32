-- why: what passwords and sessions hang on gets keys of its own, so that the master key can be changed
-- after: 0001_people

create table root_secrets (
  name text primary key check (name in ('root', 'pepper')),
  -- `v1.<fingerprint of the master key>.…`
  wrapped text not null,
  created_at timestamptz not null default now(),
  wrapped_at timestamptz not null default now()
);

grant select, insert, update on root_secrets to studioops_maintenance;
alter table root_secrets enable row level security;
create policy maintenance on root_secrets for all to studioops_maintenance using (true);

-- Servers that run take up a new key when they hear of it.
create function notify_keys() returns trigger language plpgsql
  set search_path = public, pg_temp as $$
begin
  perform pg_notify('keys', '');
  return null;
end $$;
create trigger keys_changed after insert or update on root_secrets
  for each statement execute function notify_keys();
