-- why: the workspace, its people, their sessions and keys; two run-time roles that own nothing

do $$
begin
  if not exists (select from pg_roles where rolname = 'studioops_app') then
    create role studioops_app nologin nosuperuser nobypassrls nocreatedb nocreaterole;
  end if;
  if not exists (select from pg_roles where rolname = 'studioops_maintenance') then
    create role studioops_maintenance nologin nosuperuser nobypassrls nocreatedb nocreaterole;
  end if;
  -- Where one login must do everything, it switches to these roles; it has to be their member.
  if not pg_has_role(current_user, 'studioops_app', 'member') then
    execute format('grant studioops_app, studioops_maintenance to %I', current_user);
  end if;
end
$$;

-- Whoever runs the transaction; no user set means no rows (security.md 5).
create function app_user_id() returns uuid language sql stable as
  $$ select nullif(current_setting('app.user_id', true), '')::uuid $$;

create table workspace (
  id boolean primary key default true check (id),
  mode text not null default 'new' check (mode in ('new', 'demo', 'own')),
  jira_base_urls text[] not null default '{}',
  updated_at timestamptz not null default now()
);
insert into workspace default values;

create table users (
  id uuid primary key,
  employee_id text not null,
  name text not null,
  email text not null,
  display_name text not null,
  hashed_password text not null,
  encrypted_jira_pat text not null,
  jira_url text not null,
  jira_flavour text not null check (jira_flavour in ('dc', 'cloud')),
  jira_login_email text,
  jira_token_hint text not null,
  jira_token_set_at timestamptz not null default now(),
  avatar_url text,
  avatar_image bytea,
  avatar_media_type text,
  wrapped_key text not null,
  role text not null check (role in ('owner', 'admin', 'member', 'viewer')),
  preferences jsonb not null default '{}',
  is_demo boolean not null default false,
  disabled_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create unique index users_employee_id on users (lower(employee_id));
create unique index users_email on users (lower(email));
create index users_name on users (lower(name));
create index users_display_name on users (lower(display_name));

create table user_sessions (
  jti uuid primary key,
  user_id uuid not null references users (id) on delete cascade on update cascade,
  created_at timestamptz not null default now(),
  last_seen_at timestamptz not null default now(),
  expires_at timestamptz not null,
  absolute_end timestamptz not null,
  revoked_at timestamptz,
  user_agent text,
  address text
);
create index user_sessions_user on user_sessions (user_id);

create table idempotency_keys (
  user_id uuid not null references users (id) on delete cascade on update cascade,
  route text not null,
  key text not null,
  request_hash text not null,
  status integer,
  body jsonb,
  created_at timestamptz not null default now(),
  primary key (user_id, route, key)
);

-- Before anybody is signed in there is no user: these functions tell exactly what the first pages need.
create function find_login(username text)
  returns table (id uuid, hashed_password text, disabled boolean)
  language sql stable security definer set search_path = public, pg_temp as $$
  with ranked as (
    select users.id, users.hashed_password, users.disabled_at is not null as disabled,
      case when lower(users.employee_id) = lower(username) or lower(users.email) = lower(username)
        then 1 else 2 end as rank
    from users
    where lower(username) in
      (lower(users.employee_id), lower(users.email), lower(users.name), lower(users.display_name)))
  select ranked.id, ranked.hashed_password, ranked.disabled from ranked
  where ranked.rank = (select min(rank) from ranked)
  limit 2 $$;

create function count_people() returns integer
  language sql stable security definer set search_path = public, pg_temp as
  $$ select count(*)::integer from users $$;

create function is_registered(wanted_employee_id text) returns boolean
  language sql stable security definer set search_path = public, pg_temp as
  $$ select exists (select from users where lower(employee_id) = lower(wanted_employee_id)) $$;

revoke execute on function find_login(text), count_people(), is_registered(text) from public;
grant execute on function find_login(text), count_people(), is_registered(text)
  to studioops_app, studioops_maintenance;

grant usage on schema public to studioops_app, studioops_maintenance;
grant select, update on workspace to studioops_app, studioops_maintenance;
grant select, insert, update, delete on users, user_sessions, idempotency_keys to studioops_app;
grant select, update, delete on users, user_sessions, idempotency_keys to studioops_maintenance;

alter table users enable row level security;
create policy own on users for all to studioops_app using (id = app_user_id()) with check (id = app_user_id());
create policy maintenance on users for all to studioops_maintenance using (true);

alter table user_sessions enable row level security;
create policy own on user_sessions for all to studioops_app
  using (user_id = app_user_id()) with check (user_id = app_user_id());
create policy maintenance on user_sessions for all to studioops_maintenance using (true);

alter table idempotency_keys enable row level security;
create policy own on idempotency_keys for all to studioops_app
  using (user_id = app_user_id()) with check (user_id = app_user_id());
create policy maintenance on idempotency_keys for all to studioops_maintenance using (true);
