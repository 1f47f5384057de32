-- why: programs ask StudioOps by tokens of people, and people connect MCP servers whose tools are known, pinned and kept fresh
-- after: 0006_accounts

-- A token is 256 random bits, so its hash needs no salt; the token itself is shown once.
create table access_tokens (
  id uuid primary key,
  user_id uuid not null references users (id) on delete cascade on update cascade,
  name text not null check (length(name) between 1 and 100),
  token_hash text not null unique,
  token_hint text not null,
  scopes text[] not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  last_used_at timestamptz,
  revoked_at timestamptz
);
create index access_tokens_owner on access_tokens (user_id, created_at);

-- MCP servers of other people's making that a person has connected.
create table tool_servers (
  id uuid primary key,
  user_id uuid not null references users (id) on delete cascade on update cascade,
  name text not null,
  kind text not null check (kind in ('http', 'stdio')),
  -- The URL of an http server; the operator's name of a command.
  address text not null,
  encrypted_token text,
  token_hint text,
  created_at timestamptz not null default now(),
  unique (user_id, name)
);

-- What each server last offered to its person (CON-8, JOB-5). `server` is the id of a tool_servers
-- row, or the name of a system that is built in. The row is the job that keeps it fresh.
create table tool_cache (
  user_id uuid not null references users (id) on delete cascade on update cascade,
  server text not null,
  tools jsonb not null default '[]',
  fetched_at timestamptz,
  failing_since timestamptz,
  failure_code text,
  failure_facts jsonb,
  next_refresh_at timestamptz not null default now(),
  lease_until timestamptz,
  primary key (user_id, server)
);
create index tool_cache_due on tool_cache (next_refresh_at);

-- The name, description and schemas that a person has accepted; another hash is another tool.
create table tool_pins (
  user_id uuid not null references users (id) on delete cascade on update cascade,
  server text not null,
  tool text not null,
  hash text not null,
  definition jsonb not null,
  approved_at timestamptz not null default now(),
  primary key (user_id, server, tool)
);

grant select, insert, update, delete on access_tokens, tool_servers, tool_cache, tool_pins
  to studioops_app;
-- Refreshing asks who is due; what it finds is written as the person.
grant select, update on tool_cache to studioops_maintenance;
grant select, delete on access_tokens to studioops_maintenance;

alter table access_tokens enable row level security;
create policy own on access_tokens for all to studioops_app
  using (user_id = app_user_id()) with check (user_id = app_user_id());
create policy maintenance on access_tokens for all to studioops_maintenance using (true);
alter table tool_servers enable row level security;
create policy own on tool_servers for all to studioops_app
  using (user_id = app_user_id()) with check (user_id = app_user_id());
alter table tool_cache enable row level security;
create policy own on tool_cache for all to studioops_app
  using (user_id = app_user_id()) with check (user_id = app_user_id());
create policy maintenance on tool_cache for all to studioops_maintenance using (true);
alter table tool_pins enable row level security;
create policy own on tool_pins for all to studioops_app
  using (user_id = app_user_id()) with check (user_id = app_user_id());

-- Whoever has the token has 256 bits that only its person was given. Notes at most once a minute
-- that it was used.
create function use_access_token(hash text, at timestamptz)
  returns table (user_id uuid, token_id uuid, scopes text[], expires_at timestamptz)
  language plpgsql security definer set search_path = public, pg_temp as $$
begin
  update access_tokens tokens set last_used_at = at
    where tokens.token_hash = hash and tokens.revoked_at is null and tokens.expires_at > at
      and (tokens.last_used_at is null or tokens.last_used_at < at - interval '1 minute');
  return query
    select tokens.user_id, tokens.id, tokens.scopes, tokens.expires_at
    from access_tokens tokens join users on users.id = tokens.user_id and users.disabled_at is null
    where tokens.token_hash = hash and tokens.revoked_at is null and tokens.expires_at > at;
end
$$;
revoke execute on function use_access_token(text, timestamptz) from public;
grant execute on function use_access_token(text, timestamptz) to studioops_app;
