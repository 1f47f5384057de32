-- why: pages of Confluence are one kind of what a story is given as context, kept in one place with the others
-- after: 0032_connectors
-- destructive: yes

alter table story_sources drop constraint story_sources_kind_check;
alter table story_sources add constraint story_sources_kind_known
  check (kind in ('document', 'jira-issue', 'confluence-page', 'trello-card'));

insert into story_sources
  (story_id, kind, ref, user_id, title, place, url, content, is_part, fetched_at, failed_code,
   failed_facts, added_at)
select story_id, 'confluence-page', page_id, user_id, title, space_name, url, content, is_cut,
  fetched_at, failed_code, failed_facts, added_at
from story_pages;

drop table story_pages;

-- Documents are read where they are: what was deleted there answers nobody from here.
update story_sources set content = '' where kind = 'document';
