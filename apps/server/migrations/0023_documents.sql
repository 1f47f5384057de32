-- why: documents of a project: bytes kept once, links to them with versions and tags, their text in passages
-- after: 0018_projects

-- The bytes of a project, once for each content; never across projects, so that nobody learns by an
-- upload what others have.
create table files (
  id uuid primary key,
  project_id uuid not null references projects (id) on delete cascade on update cascade,
  -- SHA-256, hex. With the project it is the key in the object store.
  file_hash text not null check (file_hash ~ '^[0-9a-f]{64}$'),
  size_bytes integer not null check (size_bytes >= 0),
  -- What the bytes are, whatever the name says.
  format text not null,
  -- Null while nobody has been told that it is kept: such a row and its object may be swept.
  stored_at timestamptz,
  stored_in text not null check (stored_in in ('files', 's3')),
  -- When an upload last began to store it; the sweeper waits for the longest one.
  touched_at timestamptz not null default now(),
  state text not null default 'uploading'
    check (state in ('uploading', 'queued', 'processing', 'ready', 'no-text', 'failed', 'cancelled')),
  job_id uuid,
  error_code text,
  error_facts jsonb,
  language text,
  pages integer,
  characters integer,
  provider_file_ids jsonb not null default '{}',
  local_cache_path text,
  last_accessed timestamptz not null default now(),
  access_count integer not null default 0,
  created_at timestamptz not null default now(),
  unique (project_id, file_hash),
  unique (project_id, id)
);
create index files_unstored on files (touched_at) where stored_at is null;
create index files_cached on files (last_accessed) where local_cache_path is not null;

create table documents (
  id uuid primary key,
  project_id uuid not null references projects (id) on delete cascade on update cascade,
  -- Of the newest version; a file of the same project and no other.
  file_id uuid not null,
  -- As it was called where it came from, every character of it.
  name text not null check (name <> ''),
  tags text[] not null default '{}',
  version integer not null default 1,
  created_by uuid references users (id) on delete set null on update cascade,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  -- In the trash since then.
  deleted_at timestamptz,
  deleted_by uuid references users (id) on delete set null on update cascade,
  foreign key (project_id, file_id) references files (project_id, id)
    on delete no action on update cascade deferrable initially deferred,
  unique (project_id, id)
);
create index documents_file on documents (project_id, file_id);
create index documents_list on documents (project_id, updated_at desc, id);
create index documents_created_by on documents (created_by);
create index documents_deleted_by on documents (deleted_by);
create index documents_trash on documents (deleted_at) where deleted_at is not null;

create table document_versions (
  -- The upload that brought it, so that asking twice finds it.
  id uuid not null unique,
  document_id uuid not null,
  version integer not null,
  project_id uuid not null,
  file_id uuid not null,
  name text not null,
  created_by uuid references users (id) on delete set null on update cascade,
  created_at timestamptz not null default now(),
  primary key (document_id, version),
  foreign key (project_id, document_id) references documents (project_id, id)
    on delete cascade on update cascade,
  foreign key (project_id, file_id) references files (project_id, id)
    on delete no action on update cascade deferrable initially deferred
);
create index document_versions_file on document_versions (project_id, file_id);
create index document_versions_document on document_versions (project_id, document_id);
create index document_versions_created_by on document_versions (created_by);

-- Text of a file in the pieces in which it is found and cited.
create table document_chunks (
  id bigint generated always as identity primary key,
  project_id uuid not null,
  file_id uuid not null,
  ordinal integer not null,
  text text not null,
  headings text[] not null default '{}',
  -- From 1; null where the format has none.
  page integer,
  foreign key (project_id, file_id) references files (project_id, id)
    on delete cascade on update cascade,
  unique (file_id, ordinal)
);
create index document_chunks_project on document_chunks (project_id, file_id);

-- What is on its way. The bytes are in the staging directory under its id; the row becomes a document
-- of the same id in the transaction in which the file is stored.
create table uploads (
  id uuid primary key,
  project_id uuid not null references projects (id) on delete cascade on update cascade,
  user_id uuid not null references users (id) on delete cascade on update cascade,
  name text not null,
  size_bytes integer not null check (size_bytes > 0),
  -- Whose next version it will be.
  document_id uuid references documents (id) on delete cascade on update cascade,
  created_at timestamptz not null default now(),
  touched_at timestamptz not null default now()
);
create index uploads_project on uploads (project_id);
create index uploads_user on uploads (user_id);
create index uploads_document on uploads (document_id);
create index uploads_touched on uploads (touched_at);

-- Objects of rows that are gone, to be removed from the store.
create table object_removals (
  key text primary key,
  stored_in text not null check (stored_in in ('files', 's3')),
  local_cache_path text,
  created_at timestamptz not null default now()
);

grant select, insert, update on files to studioops_app;
grant select, insert, update on documents, document_versions to studioops_app;
grant select on document_chunks to studioops_app;
grant select, insert, update, delete on uploads to studioops_app;
grant select, insert, update, delete
  on files, documents, document_versions, document_chunks, uploads, object_removals
  to studioops_maintenance;

alter table files enable row level security;
create policy seen on files for select to studioops_app
  using (project_id = any ((select projects_as('viewer'))::uuid[]));
create policy added on files for insert to studioops_app
  with check (project_id = any ((select projects_as('editor'))::uuid[]));
-- Whoever reads one counts as a reader of it.
create policy used on files for update to studioops_app
  using (project_id = any ((select projects_as('viewer'))::uuid[]))
  with check (project_id = any ((select projects_as('viewer'))::uuid[]));
create policy maintenance on files for all to studioops_maintenance using (true);

alter table documents enable row level security;
create policy seen on documents for select to studioops_app
  using (project_id = any ((select projects_as('viewer'))::uuid[]));
create policy added on documents for insert to studioops_app
  with check (project_id = any ((select projects_as('editor'))::uuid[]));
create policy changed on documents for update to studioops_app
  using (project_id = any ((select projects_as('editor'))::uuid[]))
  with check (project_id = any ((select projects_as('editor'))::uuid[]));
create policy maintenance on documents for all to studioops_maintenance using (true);

alter table document_versions enable row level security;
create policy seen on document_versions for select to studioops_app
  using (project_id = any ((select projects_as('viewer'))::uuid[]));
create policy added on document_versions for insert to studioops_app
  with check (project_id = any ((select projects_as('editor'))::uuid[]));
create policy maintenance on document_versions for all to studioops_maintenance using (true);

alter table document_chunks enable row level security;
create policy seen on document_chunks for select to studioops_app
  using (project_id = any ((select projects_as('viewer'))::uuid[]));
create policy maintenance on document_chunks for all to studioops_maintenance using (true);

alter table uploads enable row level security;
create policy own on uploads for all to studioops_app
  using (user_id = app_user_id())
  with check (user_id = app_user_id() and project_id = any ((select projects_as('editor'))::uuid[]));
create policy maintenance on uploads for all to studioops_maintenance using (true);

alter table object_removals enable row level security;
create policy maintenance on object_removals for all to studioops_maintenance using (true);

-- A file whose row goes, by a purge or with its project, leaves its object to the sweeper.
create function remove_object_of_file() returns trigger
  language plpgsql security definer set search_path = public, pg_temp as $$
begin
  insert into object_removals (key, stored_in, local_cache_path)
    values (old.project_id || '/' || old.file_hash, old.stored_in, old.local_cache_path)
    on conflict (key) do nothing;
  return null;
end
$$;
create trigger object_removed after delete on files
  for each row execute function remove_object_of_file();

-- Who added a document or a version of it, for those in its project.
create function document_people(project uuid)
  returns table (user_id uuid, display_name text)
  language sql stable security definer set search_path = public, pg_temp as $$
  select users.id, users.display_name from users
  where project = any (projects_as('viewer')) and exists (
    select from document_versions
    where document_versions.project_id = project and document_versions.created_by = users.id) $$;

revoke execute on function remove_object_of_file(), document_people(uuid) from public;
grant execute on function document_people(uuid) to studioops_app;
