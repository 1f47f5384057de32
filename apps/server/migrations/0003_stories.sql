-- why: stories with their versions, the generations that write them, and every event of those
-- after: 0001_people

create table stories (
  id uuid primary key,
  user_id uuid not null references users (id) on delete cascade on update cascade,
  -- Carried by the issue in Jira, so that it can be found again; changes with "create anyway" only.
  marker text not null unique,
  requirement text not null,
  format text not null check (format in ('classic', 'bdd')),
  language text not null check (language in ('en', 'he')),
  project_key text,
  issue_type text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index stories_user on stories (user_id, updated_at desc);

create table story_versions (
  story_id uuid not null references stories (id) on delete cascade on update cascade,
  number integer not null check (number > 0),
  user_id uuid not null references users (id) on delete cascade on update cascade,
  source text not null check (source in ('model', 'edit', 'offline')),
  instruction text,
  model text,
  content jsonb not null,
  -- The generation that made it: a run that is repeated after a crash does not make a second one.
  run_id uuid unique,
  created_at timestamptz not null default now(),
  primary key (story_id, number)
);
create index story_versions_user on story_versions (user_id);

create table runs (
  id uuid primary key,
  user_id uuid not null references users (id) on delete cascade on update cascade,
  story_id uuid not null references stories (id) on delete cascade on update cascade,
  state text not null check (state in
    ('running', 'waiting', 'interrupted', 'complete', 'offline', 'stopped', 'partial', 'failed')),
  -- Grows with each writer of the events; what an older writer still wants to add is refused.
  epoch integer not null default 0,
  input jsonb not null,
  question jsonb,
  clarifications jsonb not null default '[]',
  version integer,
  started_at timestamptz not null default now(),
  ended_at timestamptz
);
create index runs_story on runs (story_id, started_at desc);
create index runs_user on runs (user_id);
create unique index runs_one_at_a_time on runs (story_id)
  where state in ('running', 'waiting', 'interrupted');

create table run_events (
  run_id uuid not null references runs (id) on delete cascade on update cascade,
  seq integer not null check (seq >= 0),
  epoch integer not null,
  type text not null,
  data jsonb not null,
  at timestamptz not null default now(),
  primary key (run_id, seq)
);

grant select, insert, update, delete on stories, story_versions to studioops_app;
grant select, insert, update on runs to studioops_app;
grant select on run_events to studioops_app;
grant select, update on runs to studioops_maintenance;
grant select, insert, delete on run_events to studioops_maintenance;

alter table stories enable row level security;
create policy own on stories for all to studioops_app
  using (user_id = app_user_id()) with check (user_id = app_user_id());
alter table story_versions enable row level security;
create policy own on story_versions for all to studioops_app
  using (user_id = app_user_id()) with check (user_id = app_user_id());
alter table runs enable row level security;
create policy own on runs for all to studioops_app
  using (user_id = app_user_id()) with check (user_id = app_user_id());
create policy maintenance on runs for all to studioops_maintenance using (true);
alter table run_events enable row level security;
create policy own on run_events for select to studioops_app
  using (run_id in (select id from runs));
create policy maintenance on run_events for all to studioops_maintenance using (true);
