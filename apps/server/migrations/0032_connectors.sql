-- why: processes on one database keep the limits of Trello together, and a foreign server of tools has its own trust
-- after: 0015_tools

-- How many requests each key and token of Trello has sent lately, over all processes; the id is a hash.
create table trello_windows (
  id text primary key,
  -- Milliseconds since 1970 by the clock of the database; those to come are reserved.
  taken_at float8[] not null default '{}',
  -- Trello has refused: nothing leaves before.
  closed_until float8 not null default 0,
  changed_at timestamptz not null default now()
);
grant select, insert, update, delete on trello_windows to studioops_maintenance;
alter table trello_windows enable row level security;
create policy maintenance on trello_windows for all to studioops_maintenance using (true) with check (true);

-- PEM that is trusted besides what everybody trusts.
alter table tool_servers add column certificate text;
alter table tool_servers add column is_verified boolean not null default true;
