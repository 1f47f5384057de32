-- why: background work that any of several workers takes, that survives them, and that its person sees
-- after: 0016_operations

create table background_jobs (
  id uuid primary key,
  -- Absent: work of the installation, such as removing what nobody can ask for any more.
  user_id uuid references users (id) on delete cascade on update cascade,
  kind text not null,
  payload jsonb not null default '{}',
  -- Of the payload's shape, and of the product that wrote it.
  version integer not null default 1,
  written_by text not null,
  -- Why it is there, in the words of a code: `button`, `schedule`, `change`.
  cause text not null,
  -- At most one that has not ended.
  singleton text,
  -- 0: somebody waits for it.
  priority smallint not null default 1 check (priority in (0, 1)),
  state text not null default 'queued' check (state in
    ('queued', 'running', 'done', 'cancelled', 'dead')),
  run_at timestamptz not null default now(),
  attempts integer not null default 0,
  attempts_max integer not null default 6,
  epoch integer not null default 0,
  node_id uuid,
  lease_until timestamptz,
  progress_done integer,
  progress_total integer,
  cancel_asked_at timestamptz,
  error_code text,
  error_facts jsonb,
  created_at timestamptz not null default now(),
  started_at timestamptz,
  ended_at timestamptz
);
create index background_jobs_queue on background_jobs (priority, run_at, id) where state = 'queued';
create index background_jobs_leased on background_jobs (lease_until) where state = 'running';
create unique index background_jobs_singleton on background_jobs (singleton)
  where state in ('queued', 'running');
create index background_jobs_user on background_jobs (user_id, created_at desc);
create index background_jobs_ended on background_jobs (ended_at) where ended_at is not null;

-- One row a schedule: whoever moves its time on puts its job there, so that of many workers one does.
create table job_schedules (
  name text primary key,
  every_ms bigint not null check (every_ms > 0),
  next_at timestamptz not null
);

grant select, insert, update on background_jobs to studioops_app;
grant select, insert, update, delete on background_jobs to studioops_maintenance;
grant select, insert, update, delete on job_schedules to studioops_maintenance;

alter table background_jobs enable row level security;
create policy own on background_jobs for all to studioops_app
  using (user_id = app_user_id()) with check (user_id = app_user_id());
create policy maintenance on background_jobs for all to studioops_maintenance using (true);
alter table job_schedules enable row level security;
create policy maintenance on job_schedules for all to studioops_maintenance using (true);

create function notify_background_job() returns trigger language plpgsql as $$
begin
  if tg_level = 'ROW' and new.cancel_asked_at is not null then
    perform pg_notify('background_jobs', 'cancel');
  else
    perform pg_notify('background_jobs', '');
  end if;
  return null;
end $$;
create trigger background_job_added after insert on background_jobs
  for each statement execute function notify_background_job();
create trigger background_job_changed after update of state, run_at, cancel_asked_at on background_jobs
  for each row when (new.state = 'queued' or new.cancel_asked_at is not null)
  execute function notify_background_job();

-- How many jobs of anybody go before each queued one of the person; nothing else of them.
create function own_job_positions() returns table (job_id uuid, ahead integer)
  language sql stable security definer set search_path = public, pg_temp as $$
  select own.id, (
    select count(*)::int from (
      select from background_jobs other
      where other.state = 'queued' and other.run_at <= now()
        and (other.priority, other.run_at, other.id) < (own.priority, own.run_at, own.id)
      limit 1000) first)
  from background_jobs own
  where own.user_id = app_user_id() and own.state = 'queued' and own.run_at <= now()
  order by own.created_at desc limit 100 $$;

-- For those who run the workspace: how much there is of each kind, and of what died why; never of whom.
create function job_counts()
  returns table (kind text, state text, jobs integer, oldest_at timestamptz)
  language sql stable security definer set search_path = public, pg_temp as $$
  select kind, state, count(*)::int, min(created_at) from background_jobs
  where runs_the_workspace() and state in ('queued', 'running', 'dead')
  group by kind, state order by kind, state $$;
create function dead_job_reasons()
  returns table (kind text, error_code text, jobs integer, last_at timestamptz)
  language sql stable security definer set search_path = public, pg_temp as $$
  select kind, error_code, count(*)::int, max(coalesce(ended_at, created_at)) from background_jobs
  where runs_the_workspace() and state = 'dead'
  group by kind, error_code order by 4 desc limit 100 $$;
revoke execute on function own_job_positions(), job_counts(), dead_job_reasons() from public;
grant execute on function own_job_positions(), job_counts(), dead_job_reasons() to studioops_app;
