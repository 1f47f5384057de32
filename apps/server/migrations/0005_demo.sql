-- why: the simulated systems of the demo workspace keep what was made in them over a restart
-- after: 0001_people

create table demo_systems (
  name text primary key,
  snapshot jsonb,
  fault text not null default 'none',
  updated_at timestamptz not null default now()
);
grant select, insert, update, delete on demo_systems to studioops_maintenance;
