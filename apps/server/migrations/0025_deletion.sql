-- why: projects go with a receipt that outlives them; backups know their installation and make themselves
-- after: 0018_projects

-- Goes with the rows, so that a backup finds where it came from.
alter table workspace add column installation_id uuid not null default gen_random_uuid();

-- When backups are made by themselves; no row or no hours: never.
create table backup_schedule (
  id boolean primary key default true check (id),
  every_hours integer check (every_hours between 1 and 720),
  keep_count integer not null default 7 check (keep_count between 1 and 365),
  changed_at timestamptz not null default now()
);
insert into backup_schedule default values;

grant select, update on backup_schedule to studioops_app;
grant select on backup_schedule to studioops_maintenance;
alter table backup_schedule enable row level security;
create policy administrators on backup_schedule for all to studioops_app
  using (runs_the_workspace()) with check (runs_the_workspace());
create policy maintenance on backup_schedule for select to studioops_maintenance using (true);

-- What went with a project. Names nobody and nothing by a foreign key that could take it along.
create table deletion_receipts (
  id uuid primary key,
  project_id uuid not null unique,
  project_name text not null,
  deleted_by uuid references users (id) on delete set null on update cascade,
  deleted_by_name text not null,
  -- Who took part when it was put into the trash, and may read this.
  members uuid[] not null,
  -- Of the request.
  request_id text,
  purchases text not null default 'detach' check (purchases in ('detach', 'delete')),
  trashed_at timestamptz not null default now(),
  -- The rest is null while the project is in the trash.
  purged_at timestamptz,
  cause text check (cause in ('person', 'retention')),
  -- Rows of each table that went, and of each that stayed without its project.
  removed jsonb,
  detached jsonb,
  -- Objects of the store that nothing names any more, and their bytes.
  objects integer,
  object_bytes bigint,
  jobs integer
);
create index deletion_receipts_deleted_by on deletion_receipts (deleted_by);

grant select, insert on deletion_receipts to studioops_app;
-- Taken out of the trash, nothing has happened.
grant delete on deletion_receipts to studioops_app;
grant select on deletion_receipts to studioops_maintenance;
alter table deletion_receipts enable row level security;
create policy seen on deletion_receipts for select to studioops_app
  using (app_user_id() = any (members) or runs_the_workspace());
create policy begun on deletion_receipts for insert to studioops_app
  with check (deleted_by = app_user_id() and purged_at is null
    and project_id = any ((select projects_as('owner', true))::uuid[]));
create policy taken_back on deletion_receipts for delete to studioops_app
  using (purged_at is null and project_id = any ((select projects_as('owner', true))::uuid[]));
create policy maintenance on deletion_receipts for select to studioops_maintenance using (true);

-- Tables whose rows go with a project, each after those that it hangs on, as the catalog has them, and
-- which rows of them go; $1 is the project.
create function project_tables() returns table (name text, condition text)
  language plpgsql stable set search_path = public, pg_temp as $$
declare
  conditions jsonb := jsonb_build_object('projects', 'id = $1');
  waiting text[];
  next record;
begin
  with recursive reached (id) as (
    select 'public.projects'::regclass::oid
    union
    select keys.conrelid from pg_constraint keys join reached on keys.confrelid = reached.id
    where keys.contype = 'f' and keys.confdeltype = 'c')
  select array_agg(relname::text) into waiting from reached join pg_class on pg_class.oid = reached.id
    where relname <> 'projects';
  name := 'projects';
  condition := 'id = $1';
  return next;
  while cardinality(waiting) > 0 loop
    select keys.child, string_agg(format('(%s) in (select %s from public.%I where %s)',
        keys.columns, keys.parent_columns, keys.parent, conditions ->> keys.parent), ' or ') as rows
      into next
    from (
      select child.relname::text as child, parent.relname::text as parent,
        (select string_agg(quote_ident(attname), ', ' order by place)
          from unnest(keys.conkey) with ordinality as used (number, place)
          join pg_attribute on attrelid = keys.conrelid and attnum = number) as columns,
        (select string_agg(quote_ident(attname), ', ' order by place)
          from unnest(keys.confkey) with ordinality as used (number, place)
          join pg_attribute on attrelid = keys.confrelid and attnum = number) as parent_columns
      from pg_constraint keys
      join pg_class child on child.oid = keys.conrelid
      join pg_class parent on parent.oid = keys.confrelid
      where keys.contype = 'f' and keys.confdeltype = 'c' and keys.conrelid <> keys.confrelid
        and child.relname = any (waiting)
        and (conditions ? parent.relname::text or parent.relname = any (waiting))) keys
    group by keys.child having bool_and(conditions ? keys.parent) order by keys.child limit 1;
    if next.child is null then
      raise exception 'foreign keys go in a circle among %', waiting;
    end if;
    conditions := conditions || jsonb_build_object(next.child, next.rows);
    waiting := array_remove(waiting, next.child);
    name := next.child;
    condition := next.rows;
    return next;
  end loop;
end $$;

-- Tables whose rows stay and lose their project, and by which column.
create function project_leavers() returns table (name text, key text)
  language sql stable set search_path = public, pg_temp as $$
  select pg_class.relname::text, pg_attribute.attname::text
  from pg_constraint keys
  join pg_class on pg_class.oid = keys.conrelid
  join pg_attribute on attrelid = keys.conrelid and attnum = keys.conkey[1]
  where keys.contype = 'f' and keys.confdeltype = 'n'
    and keys.confrelid = 'public.projects'::regclass
  order by 1 $$;

-- How much there is of what goes, of what stays, and of objects; only for an owner, or the purge.
create function count_project(project uuid, held boolean) returns jsonb
  language plpgsql security definer set search_path = public, pg_temp as $$
declare
  part record;
  counted bigint;
  bytes bigint;
  removed jsonb := '{}';
  detached jsonb := '{}';
begin
  -- A parent is held before its children are counted, so that none is added after that.
  for part in select tables.name, tables.condition from project_tables() tables loop
    execute format('select count(*) from (select from public.%I where %s %s) rows', part.name,
      part.condition, case when held then 'for update' else '' end) into counted using project;
    if counted > 0 then
      removed := removed || jsonb_build_object(part.name, counted);
    end if;
  end loop;
  for part in select leavers.name, leavers.key from project_leavers() leavers loop
    execute format('select count(*) from (select from public.%I where %I = $1 %s) rows', part.name,
      part.key, case when held then 'for update' else '' end) into counted using project;
    if counted > 0 then
      detached := detached || jsonb_build_object(part.name, counted);
    end if;
  end loop;
  counted := 0;
  bytes := 0;
  if to_regclass('public.files') is not null then
    execute 'select count(*), coalesce(sum(size_bytes), 0) from public.files where project_id = $1'
      into counted, bytes using project;
  end if;
  return jsonb_build_object('removed', removed, 'detached', detached,
    'objects', counted, 'objectBytes', bytes);
end $$;

create function preview_deletion(project uuid) returns jsonb
  language plpgsql stable security definer set search_path = public, pg_temp as $$
begin
  if not project = any (projects_as('owner', true)) then
    return null;
  end if;
  return count_project(project, false);
end $$;

-- What still works for a project is told to stop, or never begins.
create function stop_project_jobs(project uuid) returns integer
  language plpgsql security definer set search_path = public, pg_temp as $$
declare
  stopped integer;
begin
  update background_jobs set cancel_asked_at = now(),
    state = case state when 'queued' then 'cancelled' else state end,
    ended_at = case state when 'queued' then now() else ended_at end
  where state in ('queued', 'running') and payload ->> 'projectId' = project::text;
  get diagnostics stopped = row_count;
  return stopped;
end $$;

-- The end of a project in the trash: its rows and their receipt in one transaction. What lies in the
-- store is named by `object_removals` from then on.
create function purge_project(project uuid, why text, at timestamptz) returns uuid
  language plpgsql security definer set search_path = public, pg_temp as $$
declare
  receipt deletion_receipts;
  counts jsonb;
  stopped integer;
begin
  -- Whoever adds something to it waits here, and then finds no project.
  perform from projects where id = project and deleted_at is not null for update;
  if not found then
    return null;
  end if;
  select * into receipt from deletion_receipts where project_id = project for update;
  if receipt.id is null then
    insert into deletion_receipts (id, project_id, project_name, deleted_by, deleted_by_name, members, trashed_at)
      select gen_random_uuid(), projects.id, projects.name, projects.deleted_by,
        coalesce(users.display_name, ''), array(select user_id from project_members
          where project_members.project_id = project), projects.deleted_at
      from projects left join users on users.id = projects.deleted_by where projects.id = project
      returning * into receipt;
  end if;
  counts := count_project(project, true);
  stopped := stop_project_jobs(project);
  if receipt.purchases = 'delete' and counts -> 'detached' ? 'purchases' then
    execute 'delete from public.purchases where project_id = $1' using project;
    counts := jsonb_set(counts #- '{detached,purchases}', '{removed,purchases}',
      counts #> '{detached,purchases}');
  end if;
  delete from projects where id = project;
  update deletion_receipts set purged_at = at, cause = why, removed = counts -> 'removed',
    detached = counts -> 'detached', objects = (counts ->> 'objects')::integer,
    object_bytes = (counts ->> 'objectBytes')::bigint, jobs = stopped
  where id = receipt.id;
  return receipt.id;
end $$;

revoke execute on function count_project(uuid, boolean), preview_deletion(uuid),
  stop_project_jobs(uuid), purge_project(uuid, text, timestamptz) from public;
grant execute on function preview_deletion(uuid) to studioops_app;
grant execute on function purge_project(uuid, text, timestamptz), stop_project_jobs(uuid)
  to studioops_maintenance;
