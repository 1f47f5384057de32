-- why: what a project of Jira wants filled in is asked for, and remembered per project and issue type
-- after: 0010_keys

-- By the id of the field; of this story only.
alter table stories add column jira_fields jsonb not null default '{}';

create table jira_field_memory (
  user_id uuid not null references users (id) on delete cascade on update cascade,
  jira_url text not null,
  project_key text not null,
  issue_type text not null,
  field_id text not null,
  -- What a refusal of Jira has taught, where it does not tell by itself.
  rule text check (rule in ('required', 'not-on-screen')),
  -- How it is filled in, for a field that only a refusal has named.
  field jsonb,
  -- What was approved last.
  chosen jsonb,
  updated_at timestamptz not null default now(),
  primary key (user_id, jira_url, project_key, issue_type, field_id)
);

grant select, insert, update, delete on jira_field_memory to studioops_app;

alter table jira_field_memory enable row level security;
create policy own on jira_field_memory for all to studioops_app
  using (user_id = app_user_id()) with check (user_id = app_user_id());
