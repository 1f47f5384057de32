-- why: accounts without Jira, invitations, second factors, resets, and sessions that renew their id
-- after: 0005_demo

-- Somebody who was invited may connect Jira later, or never.
alter table users alter column encrypted_jira_pat drop not null;
alter table users alter column jira_url drop not null;
alter table users alter column jira_flavour drop not null;
alter table users alter column jira_token_hint drop not null;
alter table users alter column jira_token_set_at drop not null;
alter table users alter column jira_token_set_at drop default;

-- Absent: as the environment says.
alter table workspace add column registration_ways text[];
alter table workspace add column second_factor_required boolean not null default false;

-- All ids that one sign-in has had; absent in sessions from before, which end by themselves.
alter table user_sessions add column family uuid;
alter table user_sessions add column refresh_hash text;
alter table user_sessions add column previous_refresh_hash text;
alter table user_sessions add column rotated_at timestamptz;
alter table user_sessions add column stepped_up_at timestamptz;
create index user_sessions_family on user_sessions (family);

create table second_factors (
  user_id uuid primary key references users (id) on delete cascade on update cascade,
  encrypted_secret text not null,
  -- The thirty seconds of the last code that was taken; none of before is taken again.
  last_step integer not null default 0,
  confirmed_at timestamptz,
  created_at timestamptz not null default now()
);

create table recovery_codes (
  user_id uuid not null references users (id) on delete cascade on update cascade,
  code_hash text not null,
  used_at timestamptz,
  primary key (user_id, code_hash)
);

create table invitations (
  id uuid primary key,
  token_hash text not null unique,
  email text not null,
  role text not null check (role in ('owner', 'admin', 'member', 'viewer')),
  invited_by uuid references users (id) on delete set null on update cascade,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  used_at timestamptz,
  revoked_at timestamptz
);

create table password_resets (
  token_hash text primary key,
  user_id uuid not null references users (id) on delete cascade on update cascade,
  expires_at timestamptz not null,
  used_at timestamptz
);

-- The role of whoever runs the transaction; null for visitors and people who are disabled.
create function app_user_role() returns text language sql stable as
  $$ select role from users where id = app_user_id() and disabled_at is null $$;

create function runs_the_workspace() returns boolean language sql stable as
  $$ select coalesce(app_user_role() in ('owner', 'admin'), false) $$;

-- Who runs the workspace sees of people what is written here, and nothing of their secrets.
create function list_people()
  returns table (
    id uuid, employee_id text, name text, display_name text, email text, role text,
    jira_url text, is_demo boolean, disabled_at timestamptz, created_at timestamptz,
    last_seen_at timestamptz, live_sessions integer, has_second_factor boolean, broken jsonb)
  language sql stable security definer set search_path = public, pg_temp as $$
  select users.id, users.employee_id, users.name, users.display_name, users.email, users.role,
    users.jira_url, users.is_demo, users.disabled_at, users.created_at,
    (select max(last_seen_at) from user_sessions where user_id = users.id),
    (select count(*)::integer from user_sessions
      where user_id = users.id and revoked_at is null and expires_at > now()),
    exists (select from second_factors where user_id = users.id and confirmed_at is not null),
    coalesce((select jsonb_agg(jsonb_build_object(
        'system', system, 'code', failure_code, 'since', failing_since) order by system)
      from connection_checks where user_id = users.id and failing_since is not null), '[]')
  from users
  where runs_the_workspace()
  order by lower(users.display_name), users.id $$;

-- Changes the role or the state of somebody. Only owners decide about owners, and one always stays.
create function change_person(person uuid, wanted_role text, wanted_disabled boolean) returns text
  language plpgsql security definer set search_path = public, pg_temp as $$
declare
  before users%rowtype;
begin
  if not runs_the_workspace() then return 'not-allowed'; end if;
  perform pg_advisory_xact_lock(72010);
  select * into before from users where id = person for update;
  if not found then return 'not-found'; end if;
  if app_user_role() <> 'owner' and (before.role = 'owner' or wanted_role = 'owner') then
    return 'not-allowed';
  end if;
  if before.role = 'owner' and before.disabled_at is null
    and (wanted_role <> 'owner' or wanted_disabled)
    and not exists (select from users
      where role = 'owner' and disabled_at is null and id <> person) then
    return 'last-owner';
  end if;
  if wanted_disabled and person = app_user_id() then return 'self'; end if;
  update users set role = wanted_role, updated_at = now(),
    disabled_at = case when wanted_disabled then coalesce(disabled_at, now()) end
    where id = person;
  if wanted_disabled then
    update user_sessions set revoked_at = now() where user_id = person and revoked_at is null;
  end if;
  return 'done';
end
$$;

create function may_decide_about(person uuid) returns boolean
  language sql stable security definer set search_path = public, pg_temp as $$
  select runs_the_workspace() and exists (select from users
    where id = person and (role <> 'owner' or app_user_role() = 'owner')) $$;

create function end_sessions_of(person uuid) returns boolean
  language plpgsql security definer set search_path = public, pg_temp as $$
begin
  if not may_decide_about(person) then return false; end if;
  update user_sessions set revoked_at = now() where user_id = person and revoked_at is null;
  return true;
end
$$;

create function remove_second_factor_of(person uuid) returns boolean
  language plpgsql security definer set search_path = public, pg_temp as $$
begin
  if not may_decide_about(person) then return false; end if;
  delete from second_factors where user_id = person;
  delete from recovery_codes where user_id = person;
  return true;
end
$$;

create function offer_password_reset(person uuid, hash text, until timestamptz) returns boolean
  language plpgsql security definer set search_path = public, pg_temp as $$
begin
  if not may_decide_about(person) then return false; end if;
  delete from password_resets where user_id = person;
  insert into password_resets (token_hash, user_id, expires_at) values (hash, person, until);
  return true;
end
$$;

-- Whoever has the link has 256 bits that only its person was given.
create function find_password_reset(hash text, at timestamptz)
  returns table (user_id uuid, employee_id text)
  language sql stable security definer set search_path = public, pg_temp as $$
  select users.id, users.employee_id from password_resets
  join users on users.id = password_resets.user_id and users.disabled_at is null
  where token_hash = hash and used_at is null and expires_at > at $$;

create function take_password_reset(hash text, at timestamptz) returns boolean
  language sql security definer set search_path = public, pg_temp as $$
  with taken as (
    update password_resets set used_at = at
    where token_hash = hash and user_id = app_user_id() and used_at is null and expires_at > at
    returning user_id)
  select exists (select from taken) $$;

create function find_jira_person(wanted_employee_id text, wanted_jira_url text)
  returns table (user_id uuid, disabled boolean)
  language sql stable security definer set search_path = public, pg_temp as $$
  select id, disabled_at is not null from users
  where lower(employee_id) = lower(wanted_employee_id) and jira_url = wanted_jira_url $$;

create function find_invitation(hash text, at timestamptz)
  returns table (id uuid, email text, role text, expires_at timestamptz)
  language sql stable security definer set search_path = public, pg_temp as $$
  select id, email, role, expires_at from invitations
  where token_hash = hash and used_at is null and revoked_at is null and expires_at > at $$;

create function take_invitation(hash text, at timestamptz) returns boolean
  language sql security definer set search_path = public, pg_temp as $$
  with taken as (
    update invitations set used_at = at
    where token_hash = hash and used_at is null and revoked_at is null and expires_at > at
    returning id)
  select exists (select from taken) $$;

-- Whoever holds a stream of the sign-in open looks whether it still lives.
create function tell_session_ended() returns trigger language plpgsql as $$
begin
  perform pg_notify('session_ended', coalesce(old.family, old.jti)::text);
  return null;
end
$$;
create trigger told_when_revoked after update of revoked_at on user_sessions for each row
  when (old.revoked_at is null and new.revoked_at is not null)
  execute function tell_session_ended();
create trigger told_when_removed after delete on user_sessions for each row
  when (old.revoked_at is null)
  execute function tell_session_ended();

-- A person changes of the own row what belongs to the person; role and state are changed above.
revoke update on users from studioops_app;
grant update (employee_id, name, email, display_name, hashed_password, encrypted_jira_pat, jira_url,
  jira_flavour, jira_login_email, jira_token_hint, jira_token_set_at, avatar_url, avatar_image,
  avatar_media_type, wrapped_key, preferences, updated_at) on users to studioops_app;

grant select, insert, update, delete on second_factors, recovery_codes to studioops_app;
grant select, insert, update on invitations to studioops_app;
grant select, update, delete on second_factors to studioops_maintenance;
grant select, delete on invitations, password_resets to studioops_maintenance;

revoke execute on function list_people(), change_person(uuid, text, boolean),
  may_decide_about(uuid), end_sessions_of(uuid), remove_second_factor_of(uuid),
  offer_password_reset(uuid, text, timestamptz), find_password_reset(text, timestamptz),
  take_password_reset(text, timestamptz), find_jira_person(text, text),
  find_invitation(text, timestamptz), take_invitation(text, timestamptz) from public;
grant execute on function list_people(), change_person(uuid, text, boolean),
  may_decide_about(uuid), end_sessions_of(uuid), remove_second_factor_of(uuid),
  offer_password_reset(uuid, text, timestamptz), find_password_reset(text, timestamptz),
  take_password_reset(text, timestamptz), find_jira_person(text, text),
  find_invitation(text, timestamptz), take_invitation(text, timestamptz) to studioops_app;

alter table second_factors enable row level security;
create policy own on second_factors for all to studioops_app
  using (user_id = app_user_id()) with check (user_id = app_user_id());
create policy maintenance on second_factors for all to studioops_maintenance using (true);

alter table recovery_codes enable row level security;
create policy own on recovery_codes for all to studioops_app
  using (user_id = app_user_id()) with check (user_id = app_user_id());

alter table invitations enable row level security;
create policy workspace on invitations for all to studioops_app
  using (runs_the_workspace()) with check (runs_the_workspace());
create policy maintenance on invitations for all to studioops_maintenance using (true);

alter table password_resets enable row level security;
create policy maintenance on password_resets for all to studioops_maintenance using (true);
