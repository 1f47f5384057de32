create table story_pages (
  story_id uuid not null references stories (id) on delete cascade on update cascade,
  page_id text not null,
  user_id uuid not null references users (id) on delete cascade on update cascade,
  title text not null,
  space_key text not null,
  space_name text not null,
  version integer not null,
  url text not null,
  -- Markdown, as the model is given it.
  content text not null,
  is_cut boolean not null,
  fetched_at timestamptz not null default now(),
  -- Why the last try to read it again failed; null once it was read.
  failed_code text,
  failed_facts jsonb,
  added_at timestamptz not null default now(),
  primary key (story_id, page_id)
);
create index story_pages_user on story_pages (user_id);
grant select, insert, update, delete on story_pages to studioops_app;
alter table story_pages enable row level security;
create policy own on story_pages for all to studioops_app
  using (user_id = app_user_id()) with check (user_id = app_user_id());

-- Space and version are read anew with the page.
insert into story_pages
  (story_id, page_id, user_id, title, space_key, space_name, version, url, content, is_cut,
   fetched_at, failed_code, failed_facts, added_at)
select story_id, ref, user_id, title, '', place, 0, coalesce(url, ''), content, is_part,
  fetched_at, failed_code, failed_facts, added_at
from story_sources where kind = 'confluence-page';

delete from story_sources where kind = 'confluence-page';
alter table story_sources drop constraint story_sources_kind_known;
alter table story_sources add constraint story_sources_kind_check
  check (kind in ('document', 'jira-issue', 'trello-card'));
