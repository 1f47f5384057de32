-- why: failed tries are counted for all servers together, and what a demo or a lost key leaves behind goes
-- after: 0010_keys

-- Versions that somebody made while trying the demo; they go with it, and history stays history.
alter table company_model_versions add column is_demo boolean not null default false;
grant delete on company_model_versions to studioops_maintenance;
create policy demo_only on company_model_versions as restrictive for delete
  to studioops_maintenance using (is_demo);

-- Whose cookie it is, as it is kept of every other system.
alter table company_model_connections
  drop constraint company_model_connections_identity_check;
alter table company_model_connections alter column identity type jsonb using
  case when identity is not null then jsonb_build_object('name', '', 'verdict',
    case identity when 'match' then 'same' when 'mismatch' then 'different'
      else 'unverifiable' end) end;

-- `studioops keys reset` takes second factors away, and these are part of them.
grant select, delete on recovery_codes to studioops_maintenance;
create policy maintenance on recovery_codes for all to studioops_maintenance using (true);

-- Another id has taken the place of this one: requests that were under way may still finish.
alter table user_sessions add column replaced_at timestamptz;

-- Tries that failed, by a keyed hash of name, address, browser or person. Cheap to lose: at worst
-- somebody waits less.
create unlogged table failed_tries (
  key text primary key check (length(key) = 43),
  failures integer not null,
  failed_at timestamptz not null,
  wait_until timestamptz not null
);
create index failed_tries_failed_at on failed_tries (failed_at);

-- A quarter of an hour without a failure, and the next one is the first again.
create function find_failed_tries(wanted text[], at timestamptz)
  returns table (wait_until timestamptz, known integer)
  language sql stable security definer set search_path = public, pg_temp as $$
  select max(tries.wait_until), count(*)::integer from failed_tries tries
  where tries.key = any (wanted) and tries.failed_at > at - interval '15 minutes' $$;

create function note_failed_try(wanted text, free integer, at timestamptz) returns void
  language plpgsql security definer set search_path = public, pg_temp as $$
declare
  count integer;
begin
  insert into failed_tries as kept (key, failures, failed_at, wait_until)
    values (wanted, 1, at, at)
    on conflict (key) do update set failed_at = at,
      failures = case when kept.failed_at > at - interval '15 minutes'
        then kept.failures + 1 else 1 end
    returning kept.failures into count;
  update failed_tries set wait_until = at + make_interval(secs =>
      case when count <= free then 0 else least(60, 2 ^ least(count - free - 1, 6)) end)
    where key = wanted;
end
$$;

create function forget_failed_tries(wanted text[]) returns void
  language sql security definer set search_path = public, pg_temp as
  $$ delete from failed_tries where key = any (wanted) $$;

revoke execute on function find_failed_tries(text[], timestamptz),
  note_failed_try(text, integer, timestamptz), forget_failed_tries(text[]) from public;
grant execute on function find_failed_tries(text[], timestamptz),
  note_failed_try(text, integer, timestamptz), forget_failed_tries(text[]) to studioops_app;
grant select, delete on failed_tries to studioops_maintenance;

alter table failed_tries enable row level security;
create policy maintenance on failed_tries for all to studioops_maintenance using (true);

-- What `idempotency_keys` is for people: requests of visitors that may not be carried out twice. By a
-- keyed hash of route and key; the answer is sealed.
create table visitor_keys (
  key text primary key check (length(key) = 43),
  request_hash text not null,
  status integer,
  body text,
  created_at timestamptz not null default now()
);
create index visitor_keys_created_at on visitor_keys (created_at);

-- No row: it is the caller's now. A process that had it and died is followed by the next, as there.
create function claim_visitor_key(wanted text, hash text)
  returns table (request_hash text, status integer, body text)
  language plpgsql security definer set search_path = public, pg_temp as $$
begin
  insert into visitor_keys as kept (key, request_hash) values (wanted, hash)
    on conflict (key) do update set created_at = now()
      where kept.status is null and kept.created_at < now() - interval '1 minute'
        and kept.request_hash = hash;
  if found then return; end if;
  return query select kept.request_hash, kept.status, kept.body
    from visitor_keys kept where kept.key = wanted;
end
$$;

create function keep_visitor_reply(wanted text, hash text, new_status integer, reply text)
  returns void language sql security definer set search_path = public, pg_temp as $$
  update visitor_keys set status = new_status, body = reply
    where key = wanted and request_hash = hash and status is null $$;

create function release_visitor_key(wanted text, hash text) returns void
  language sql security definer set search_path = public, pg_temp as $$
  delete from visitor_keys where key = wanted and request_hash = hash and status is null $$;

revoke execute on function claim_visitor_key(text, text),
  keep_visitor_reply(text, text, integer, text), release_visitor_key(text, text) from public;
grant execute on function claim_visitor_key(text, text),
  keep_visitor_reply(text, text, integer, text), release_visitor_key(text, text) to studioops_app;
grant select, delete on visitor_keys to studioops_maintenance;
alter table visitor_keys enable row level security;
create policy maintenance on visitor_keys for all to studioops_maintenance using (true);
