-- why: passages are ranked from lists of places by term; PostgreSQL's own ranking reads every text that matches
-- after: 0023_documents

-- A part of a project's index, never changed: what was read of it stays right, and merging makes a new one.
create table search_segments (
  id bigint generated always as identity primary key,
  project_id uuid not null references projects (id) on delete cascade on update cascade,
  -- Of the rules by which texts become terms.
  terms_version smallint not null,
  level smallint not null,
  item_count integer not null,
  word_count bigint not null,
  -- Ids of the chunks and their numbers of words, packed.
  items bytea not null,
  -- Chunks of the project were deleted since it was written.
  is_worn boolean not null default false
);
create index search_segments_project on search_segments (project_id);

create table search_postings (
  segment_id bigint not null references search_segments (id) on delete cascade on update cascade,
  term text collate "C" not null,
  -- In how many chunks it stands.
  df integer not null,
  -- Where and how often, packed.
  postings bytea not null,
  primary key (segment_id, term)
);
-- They are packed already.
alter table search_postings alter column postings set storage external;
alter table search_segments alter column items set storage external;

create index search_segments_worn on search_segments (project_id) where is_worn;

-- Whoever deletes passages, a cascade too, leaves no need to remember that the index holds words of them.
create function wear_segments() returns trigger
  language plpgsql security definer set search_path = public, pg_temp as $$
begin
  update search_segments set is_worn = true where project_id = old.project_id and not is_worn;
  return null;
end
$$;
create trigger segments_worn after delete on document_chunks
  for each row execute function wear_segments();
revoke execute on function wear_segments() from public;

grant select on search_segments, search_postings to studioops_app;
grant select, insert, update, delete on search_segments, search_postings to studioops_maintenance;

alter table search_segments enable row level security;
create policy seen on search_segments for select to studioops_app
  using (project_id = any ((select projects_as('viewer'))::uuid[]));
create policy maintenance on search_segments for all to studioops_maintenance using (true);
alter table search_postings enable row level security;
create policy seen on search_postings for select to studioops_app
  using (exists (select from search_segments where search_segments.id = segment_id));
create policy maintenance on search_postings for all to studioops_maintenance using (true);
