-- why: Confluence, Trello and the object store join the connections, each with TLS of its own; whose account it is is compared; every stored credential is tried weekly
-- after: 0008_model_files

create table integration_connections (
  user_id uuid not null references users (id) on delete cascade on update cascade,
  system text not null check (system in ('confluence', 'trello')),
  base_url text not null,
  flavour text check (flavour in ('dc', 'cloud')),
  login_email text,
  encrypted_token text not null,
  token_hint text not null,
  -- Trello: the API key that the token belongs to.
  encrypted_key text,
  key_hint text,
  set_at timestamptz not null default now(),
  primary key (user_id, system)
);

-- Only where somebody changed what holds for everybody: verified, by the authorities that Node knows.
create table connection_tls (
  user_id uuid not null references users (id) on delete cascade on update cascade,
  system text not null check (system in ('jira', 'model', 'confluence', 'trello')),
  is_verified boolean not null default true,
  certificate text check (length(certificate) <= 20000),
  primary key (user_id, system)
);

alter table connection_checks drop constraint connection_checks_system_check;
alter table connection_checks add constraint connection_checks_system_known
  check (system in ('jira', 'model', 'confluence', 'trello', 'company-model')) not valid;
alter table connection_checks validate constraint connection_checks_system_known;
-- Who the system says that the credential belongs to, and what came of comparing (CFG-16).
alter table connection_checks add column identity jsonb;
alter table connection_checks add column identity_verdict text
  check (identity_verdict in ('same', 'different', 'unverifiable'));
-- The row is the weekly job of its credential (OPS-9): when it is next, and who is at it.
alter table connection_checks add column checked_at timestamptz;
alter table connection_checks add column next_check_at timestamptz;
alter table connection_checks add column lease_until timestamptz;
create index connection_checks_due on connection_checks (next_check_at);

-- Where files of the workspace lie; without a row in the data directory.
create table object_store (
  id boolean primary key default true check (id),
  endpoint text not null,
  region text not null,
  bucket text not null,
  access_key_id text not null,
  encrypted_secret text not null,
  secret_hint text not null,
  wrapped_key text not null,
  is_verified boolean not null default true,
  certificate text check (length(certificate) <= 20000),
  set_at timestamptz not null default now(),
  passed_at timestamptz
);

grant select, insert, update, delete on integration_connections, connection_tls, object_store
  to studioops_app;
-- The demo's addresses move with the port of the product.
grant select, update on integration_connections to studioops_maintenance;
grant select, delete on object_store to studioops_maintenance;
grant select, insert, update, delete on connection_checks to studioops_maintenance;
-- The weekly check takes up cookies of the company model as well.
grant select on company_model_connections to studioops_maintenance;
create policy maintenance on company_model_connections for select to studioops_maintenance
  using (true);

alter table integration_connections enable row level security;
create policy own on integration_connections for all to studioops_app
  using (user_id = app_user_id()) with check (user_id = app_user_id());
create policy maintenance on integration_connections for all to studioops_maintenance using (true);
alter table connection_tls enable row level security;
create policy own on connection_tls for all to studioops_app
  using (user_id = app_user_id()) with check (user_id = app_user_id());
create policy maintenance on connection_checks for all to studioops_maintenance using (true);
alter table object_store enable row level security;
create policy admin on object_store for all to studioops_app
  using (runs_the_workspace()) with check (runs_the_workspace());
-- A demo that is left leaves nothing.
create policy maintenance on object_store for all to studioops_maintenance using (true);

-- How the credentials of everybody stand, for those who run the workspace; never what they are.
create function credential_states()
  returns table (user_id uuid, employee_id text, display_name text, system text,
    changed_at timestamptz, passed_at timestamptz, failing_since timestamptz, failure_code text,
    identity_verdict text, checked_at timestamptz, next_check_at timestamptz)
  language sql stable security definer set search_path = public, pg_temp as $$
  select users.id, users.employee_id, users.display_name, checks.system, checks.changed_at,
    checks.passed_at, checks.failing_since, checks.failure_code, checks.identity_verdict,
    checks.checked_at, checks.next_check_at
  from (
    select known.user_id, known.system, known.changed_at, known.passed_at, known.failing_since,
      known.failure_code, known.identity_verdict, known.checked_at, known.next_check_at
    from connection_checks known
    union all
    -- Registration was the first test of a Jira token; until the first weekly one it has no row.
    select people.id, 'jira', coalesce(people.jira_token_set_at, people.created_at),
      coalesce(people.jira_token_set_at, people.created_at), null, null, null, null, null
    from users people where people.encrypted_jira_pat is not null and not exists (
      select from connection_checks known where known.user_id = people.id and known.system = 'jira')
  ) checks join users on users.id = checks.user_id
  where runs_the_workspace()
  order by checks.failing_since is null, users.display_name, checks.system $$;
revoke execute on function credential_states() from public;
grant execute on function credential_states() to studioops_app;
