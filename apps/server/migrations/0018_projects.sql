-- why: projects, who takes part in them and as what; rows of other tables ask here who may see them
-- after: 0017_jobs

create table projects (
  id uuid primary key,
  name text not null check (name <> ''),
  description text not null default '',
  status text not null default 'active' check (status in ('planned', 'active', 'on-hold', 'done')),
  color text not null default 'blue' check (color in
    ('blue', 'teal', 'green', 'amber', 'orange', 'red', 'pink', 'violet', 'gray')),
  created_by uuid references users (id) on delete set null on update cascade,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  archived_at timestamptz,
  -- In the trash since then; `projects_as` does not name it any longer, so nothing of it answers.
  deleted_at timestamptz,
  deleted_by uuid references users (id) on delete set null on update cascade
);
create index projects_created_by on projects (created_by);
create index projects_deleted_by on projects (deleted_by);
create index projects_trash on projects (deleted_at) where deleted_at is not null;

create table project_members (
  project_id uuid not null references projects (id) on delete cascade on update cascade,
  user_id uuid not null references users (id) on delete cascade on update cascade,
  role text not null check (role in ('owner', 'editor', 'viewer')),
  added_by uuid references users (id) on delete set null on update cascade,
  added_at timestamptz not null default now(),
  primary key (user_id, project_id)
);
create index project_members_project on project_members (project_id);
create index project_members_added_by on project_members (added_by);

create table project_budgets (
  project_id uuid not null references projects (id) on delete cascade on update cascade,
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  amount numeric(14, 4) not null check (amount >= 0),
  primary key (project_id, currency)
);

create table project_links (
  id uuid primary key,
  project_id uuid not null references projects (id) on delete cascade on update cascade,
  kind text not null check (kind in ('trello-board', 'jira-project', 'confluence-space')),
  -- Id of the board, key of the project or of the space.
  key text not null,
  name text not null,
  url text,
  -- Null where it was typed while the system was away.
  checked_at timestamptz,
  added_by uuid references users (id) on delete set null on update cascade,
  added_at timestamptz not null default now(),
  unique (project_id, kind, key)
);
create index project_links_added_by on project_links (added_by);

-- Who did what in a project, for those who take part in it; never a secret, never private content.
create table project_activity (
  id bigint generated always as identity primary key,
  project_id uuid not null references projects (id) on delete cascade on update cascade,
  actor_id uuid references users (id) on delete set null on update cascade,
  at timestamptz not null default now(),
  -- `<thing>.<verb>`, as contracts list them.
  action text not null,
  -- What it was done to, as it was called then.
  subject text not null default '',
  facts jsonb not null default '{}'
);
create index project_activity_project on project_activity (project_id, id);
create index project_activity_actor on project_activity (actor_id);

create function project_rank(role text) returns integer language sql immutable as
  $$ select case role when 'viewer' then 1 when 'editor' then 2 when 'owner' then 3 end $$;

-- Projects in which whoever runs the transaction is at least that ('viewer', 'editor', 'owner').
-- Policies of tables with a project_id ask it once for a whole query, not once for each row:
--   using (project_id = any ((select projects_as('viewer'))::uuid[]))
-- What is in the trash is not among them: its documents, chats and chunks answer nobody.
create function projects_as(wanted text, with_trash boolean default false) returns uuid[]
  language sql stable security definer set search_path = public, pg_temp as $$
  select coalesce(array_agg(project_members.project_id), '{}')
  from project_members
  join projects on projects.id = project_members.project_id
    and (with_trash or projects.deleted_at is null)
  where project_members.user_id = app_user_id()
    and project_rank(project_members.role) >= project_rank(wanted) $$;

-- Whoever makes a project owns it.
create function own_new_project() returns trigger
  language plpgsql security definer set search_path = public, pg_temp as $$
begin
  if new.created_by is not null then
    insert into project_members (project_id, user_id, role, added_by)
    values (new.id, new.created_by, 'owner', new.created_by);
  end if;
  return null;
end
$$;
create trigger owned_when_made after insert on projects for each row execute function own_new_project();

-- A person's own row is all that the policies of users show: names of those in a common project.
create function project_people(project uuid)
  returns table (user_id uuid, display_name text, role text, added_at timestamptz)
  language sql stable security definer set search_path = public, pg_temp as $$
  select project_members.user_id, users.display_name, project_members.role, project_members.added_at
  from project_members join users on users.id = project_members.user_id
  where project_members.project_id = project and project = any (projects_as('viewer', true)) $$;

-- Whom an owner may add: people of the workspace with a name, an e-mail or an ID like that.
create function project_candidates(project uuid, pattern text)
  returns table (user_id uuid, display_name text, employee_id text)
  language sql stable security definer set search_path = public, pg_temp as $$
  select users.id, users.display_name, users.employee_id from users
  where project = any (projects_as('owner')) and users.disabled_at is null
    and (users.display_name ilike pattern or users.employee_id ilike pattern or users.email ilike pattern)
    and not exists (select from project_members
      where project_members.project_id = project and project_members.user_id = users.id)
  order by lower(users.display_name), users.id limit 20 $$;

-- Whether there is such a person who has not been disabled.
create function active_person(person uuid) returns setof uuid
  language sql stable security definer set search_path = public, pg_temp as
  $$ select id from users where id = person and disabled_at is null $$;

create function project_actors(actors uuid[], project uuid)
  returns table (user_id uuid, display_name text)
  language sql stable security definer set search_path = public, pg_temp as $$
  select users.id, users.display_name from users
  where users.id = any (actors) and project = any (projects_as('viewer', true))
    and exists (select from project_activity
      where project_activity.project_id = project and project_activity.actor_id = users.id) $$;

-- Who runs the workspace sees that projects exist and whose they are, not what is in them (ID-14).
create function workspace_projects()
  returns table (id uuid, name text, status text, owners text[], members integer,
    created_at timestamptz, updated_at timestamptz, archived_at timestamptz, deleted_at timestamptz)
  language sql stable security definer set search_path = public, pg_temp as $$
  select projects.id, projects.name, projects.status,
    coalesce((select array_agg(users.display_name order by lower(users.display_name), users.id)
      from project_members join users on users.id = project_members.user_id
      where project_members.project_id = projects.id and project_members.role = 'owner'), '{}'),
    (select count(*)::integer from project_members where project_members.project_id = projects.id),
    projects.created_at, projects.updated_at, projects.archived_at, projects.deleted_at
  from projects where runs_the_workspace() order by lower(projects.name), projects.id $$;

-- Takes a project over whose owner is gone; it is written down where its members see it.
create function take_project_over(project uuid) returns boolean
  language plpgsql security definer set search_path = public, pg_temp as $$
begin
  if not runs_the_workspace() or not exists (select from projects where id = project) then
    return false;
  end if;
  insert into project_members (project_id, user_id, role, added_by)
    values (project, app_user_id(), 'owner', app_user_id())
    on conflict (user_id, project_id) do update set role = 'owner';
  insert into project_activity (project_id, actor_id, action)
    values (project, app_user_id(), 'project.take-over');
  return true;
end
$$;

revoke execute on function projects_as(text, boolean), project_people(uuid),
  project_candidates(uuid, text), project_actors(uuid[], uuid), active_person(uuid),
  workspace_projects(), take_project_over(uuid), own_new_project() from public;
grant execute on function projects_as(text, boolean), project_people(uuid),
  project_candidates(uuid, text), project_actors(uuid[], uuid), active_person(uuid),
  workspace_projects(), take_project_over(uuid) to studioops_app;

-- Rows leave for good by the purge of the trash only.
grant select, insert, update on projects to studioops_app;
grant select, insert, update, delete on project_members, project_budgets, project_links
  to studioops_app;
grant select, insert on project_activity to studioops_app;
grant select, update, delete on projects to studioops_maintenance;
grant select on project_members, project_budgets, project_links to studioops_maintenance;
grant select, insert on project_activity to studioops_maintenance;

alter table projects enable row level security;
create policy seen on projects for select to studioops_app
  using (id = any ((select projects_as('viewer', true))::uuid[]));
create policy made on projects for insert to studioops_app with check (created_by = app_user_id());
create policy changed on projects for update to studioops_app
  using (id = any ((select projects_as('editor', true))::uuid[]))
  with check (id = any ((select projects_as('editor', true))::uuid[]));
create policy maintenance on projects for all to studioops_maintenance using (true);

alter table project_members enable row level security;
create policy seen on project_members for select to studioops_app
  using (project_id = any ((select projects_as('viewer', true))::uuid[]));
create policy added on project_members for insert to studioops_app
  with check (project_id = any ((select projects_as('owner'))::uuid[]));
create policy changed on project_members for update to studioops_app
  using (project_id = any ((select projects_as('owner'))::uuid[]))
  with check (project_id = any ((select projects_as('owner'))::uuid[]));
-- Anybody may leave.
create policy removed on project_members for delete to studioops_app
  using (user_id = app_user_id() or project_id = any ((select projects_as('owner'))::uuid[]));
create policy maintenance on project_members for select to studioops_maintenance using (true);

alter table project_budgets enable row level security;
create policy seen on project_budgets for select to studioops_app
  using (project_id = any ((select projects_as('viewer', true))::uuid[]));
create policy changed on project_budgets for all to studioops_app
  using (project_id = any ((select projects_as('editor'))::uuid[]))
  with check (project_id = any ((select projects_as('editor'))::uuid[]));
create policy maintenance on project_budgets for select to studioops_maintenance using (true);

alter table project_links enable row level security;
create policy seen on project_links for select to studioops_app
  using (project_id = any ((select projects_as('viewer', true))::uuid[]));
create policy changed on project_links for all to studioops_app
  using (project_id = any ((select projects_as('editor'))::uuid[]))
  with check (project_id = any ((select projects_as('editor'))::uuid[]));
create policy maintenance on project_links for select to studioops_maintenance using (true);

alter table project_activity enable row level security;
create policy seen on project_activity for select to studioops_app
  using (project_id = any ((select projects_as('viewer', true))::uuid[]));
create policy added on project_activity for insert to studioops_app
  with check (actor_id = app_user_id() and project_id = any ((select projects_as('viewer', true))::uuid[]));
create policy maintenance on project_activity for all to studioops_maintenance using (true);
