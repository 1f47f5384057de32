-- why: passages are also found by what they mean, and an archive of a backup is looked at by a job
-- after: 0024_search

-- What the passages of a file mean, as vectors of one model of the configured provider (DOC-8). Packed
-- by ourselves: no extension is needed, and one file is read at once.
create table file_meanings (
  file_id uuid primary key,
  project_id uuid not null,
  model text not null,
  dimensions integer not null check (dimensions between 1 and 8192),
  -- In the order of the vectors.
  chunk_ids bigint[] not null,
  -- For each a factor (float32, little-endian) and its numbers (int8).
  vectors bytea not null,
  created_at timestamptz not null default now(),
  foreign key (project_id, file_id) references files (project_id, id)
    on delete cascade on update cascade
);
create index file_meanings_project on file_meanings (project_id, file_id);

grant select on file_meanings to studioops_app;
grant select, insert, update, delete on file_meanings to studioops_maintenance;
alter table file_meanings enable row level security;
create policy seen on file_meanings for select to studioops_app
  using (project_id = any ((select projects_as('viewer'))::uuid[]));
create policy maintenance on file_meanings for all to studioops_maintenance using (true);

-- Text that is read again has other passages.
create function forget_meaning() returns trigger
  language plpgsql security definer set search_path = public, pg_temp as $$
begin
  delete from file_meanings where file_id in (select distinct file_id from gone);
  return null;
end $$;
create trigger meaning_gone after delete on document_chunks
  referencing old table as gone for each statement execute function forget_meaning();
revoke execute on function forget_meaning() from public;

-- For those who run the workspace: how far the work on backups is, whoever of them asked for it.
create function backup_jobs()
  returns table (kind text, file text, state text, progress_done integer, progress_total integer)
  language sql stable security definer set search_path = public, pg_temp as $$
  select kind, payload ->> 'file', state, progress_done, progress_total from background_jobs
  where runs_the_workspace() and kind like 'backups.%' and state in ('queued', 'running')
  order by created_at $$;
revoke execute on function backup_jobs() from public;
grant execute on function backup_jobs() to studioops_app;
