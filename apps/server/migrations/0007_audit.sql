-- why: who did what, in a chain of hashes that cannot be changed without being noticed
-- after: 0006_accounts

-- Names no person by a foreign key: what somebody did outlives them.
create table audit_events (
  -- The trigger gives the first and the last four of these; a caller cannot.
  sequence integer primary key default 0,
  at timestamptz not null default now(),
  actor_id uuid,
  action text not null check (length(action) between 3 and 60),
  target text check (length(target) <= 300),
  outcome text not null check (outcome in ('done', 'refused', 'failed')),
  request_id text check (length(request_id) <= 100),
  address text check (length(address) <= 100),
  facts jsonb not null default '{}' check (jsonb_typeof(facts) = 'object'),
  previous bytea not null default '',
  hash bytea not null default ''
);
create index audit_events_at on audit_events (at desc);
create index audit_events_actor on audit_events (actor_id, sequence desc);
create index audit_events_action on audit_events (action, sequence desc);

-- Events that were kept elsewhere and taken out of the chain: it goes on from the last hash.
create table audit_segments (
  first_sequence integer not null,
  last_sequence integer primary key check (last_sequence >= first_sequence),
  last_hash bytea not null,
  closed_at timestamptz not null default now()
);

-- A JSON array, so that no separator can be played with (security.md 6).
create function audit_body(event audit_events) returns text language sql stable
  set search_path = public, pg_temp as $$
  select jsonb_build_array(event.sequence, extract(epoch from event.at), event.actor_id,
    event.action, event.target, event.outcome, event.request_id, event.address, event.facts)::text $$;

create function audit_append() returns trigger language plpgsql security definer
  set search_path = public, pg_temp as $$
declare
  last record;
begin
  -- One writer at a time, else two events would have the same one before them.
  perform pg_advisory_xact_lock(72002);
  select chain.sequence, chain.hash into last from (
    select events.sequence, events.hash from audit_events events
    union all
    select segments.last_sequence, segments.last_hash from audit_segments segments
    order by 1 desc limit 1) chain;
  new.sequence := coalesce(last.sequence, 0) + 1;
  new.previous := coalesce(last.hash, ''::bytea);
  new.at := clock_timestamp();
  new.hash := sha256(new.previous || convert_to(audit_body(new), 'UTF8'));
  return new;
end $$;

create function audit_refuse() returns trigger language plpgsql
  set search_path = public, pg_temp as $$
begin
  raise exception 'the audit log is append-only' using errcode = '42501';
end $$;

-- Only what lies in a closed segment may go.
create function audit_refuse_delete() returns trigger language plpgsql security definer
  set search_path = public, pg_temp as $$
begin
  if exists (select from audit_segments segments
      where old.sequence between segments.first_sequence and segments.last_sequence) then
    return old;
  end if;
  raise exception 'the audit log is append-only' using errcode = '42501';
end $$;

create trigger append before insert on audit_events
  for each row execute function audit_append();
create trigger refuse_update before update on audit_events
  for each row execute function audit_refuse();
create trigger refuse_delete before delete on audit_events
  for each row execute function audit_refuse_delete();
create trigger refuse_truncate before truncate on audit_events
  for each statement execute function audit_refuse();
create trigger refuse_change before update or delete on audit_segments
  for each row execute function audit_refuse();
create trigger refuse_truncate before truncate on audit_segments
  for each statement execute function audit_refuse();

-- Takes the events up to this one out of the chain; the chain itself says that it was done.
create function audit_close_segment(up_to integer, request text) returns integer language plpgsql
  security definer set search_path = public, pg_temp as $$
declare
  bounds record;
begin
  perform pg_advisory_xact_lock(72002);
  select min(events.sequence) as first, max(events.sequence) as last into bounds
    from audit_events events where events.sequence <= up_to;
  if bounds.last is null then
    return 0;
  end if;
  insert into audit_events (action, target, outcome, request_id, facts)
    select 'audit.segment-close', format('audit:%s-%s', bounds.first, bounds.last), 'done', request,
      jsonb_build_object('first', bounds.first, 'last', bounds.last, 'hash', encode(events.hash, 'hex'))
    from audit_events events where events.sequence = bounds.last;
  insert into audit_segments (first_sequence, last_sequence, last_hash)
    select bounds.first, bounds.last, events.hash
    from audit_events events where events.sequence = bounds.last;
  delete from audit_events events where events.sequence <= bounds.last;
  return bounds.last - bounds.first + 1;
end $$;

-- Names for the viewer; the policies of `users` show each person only the own row.
create function audit_people() returns table (id uuid, display_name text)
  language sql stable security definer set search_path = public, pg_temp as $$
  select people.id, people.display_name from users people where runs_the_workspace() $$;

revoke execute on function audit_close_segment(integer, text), audit_people(),
  runs_the_workspace() from public;
grant execute on function runs_the_workspace(), audit_people() to studioops_app;
grant execute on function audit_close_segment(integer, text) to studioops_maintenance;

grant select, insert (actor_id, action, target, outcome, request_id, address, facts)
  on audit_events to studioops_app, studioops_maintenance;
grant select on audit_segments to studioops_app, studioops_maintenance;

alter table audit_events enable row level security;
-- Nobody writes in the name of somebody else; before anybody is known there is no name.
create policy append on audit_events for insert to studioops_app
  with check (actor_id is null or actor_id = app_user_id());
create policy administrators on audit_events for select to studioops_app
  using (runs_the_workspace());
create policy maintenance on audit_events for all to studioops_maintenance using (true);
alter table audit_segments enable row level security;
create policy administrators on audit_segments for select to studioops_app
  using (runs_the_workspace());
create policy maintenance on audit_segments for select to studioops_maintenance using (true);
