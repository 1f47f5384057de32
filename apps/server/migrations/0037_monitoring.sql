-- why: what happened stays longer than a process, and one id tells the whole of a flow, over jobs and writes to the outside
-- after: 0017_jobs

create table monitoring_events (
  id bigint generated always as identity primary key,
  at timestamptz not null,
  node text not null,
  type text not null,
  name text not null,
  operation text not null,
  outcome text not null,
  duration_ms real not null,
  -- How many operations it stands for.
  weight integer not null check (weight > 0),
  is_important boolean not null,
  code text,
  request_id text,
  trace_id text,
  -- Numbers and closed words, never contents.
  facts jsonb not null default '{}'
);
create index monitoring_events_at on monitoring_events (at desc);
create index monitoring_events_request on monitoring_events (request_id) where request_id is not null;
grant select on monitoring_events to studioops_app;
grant select, insert, delete on monitoring_events to studioops_maintenance;
alter table monitoring_events enable row level security;
create policy administrators on monitoring_events for select to studioops_app
  using (runs_the_workspace());
create policy maintenance on monitoring_events for all to studioops_maintenance using (true) with check (true);

-- Of the request that wanted it, so that what comes of it can be found by one id.
alter table background_jobs add column request_id text;
alter table background_jobs add column trace_id text;
alter table outside_operations add column request_id text;
alter table outside_operations add column trace_id text;
