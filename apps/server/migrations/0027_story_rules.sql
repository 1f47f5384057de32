-- why: stories obey rules of workspace, project and person, are cut into smaller ones, follow templates and prompts, keep what was typed by hand, and are written from more than pages
-- after: 0026_board_hooks

-- What a layer says of a rule; what it does not say is left to the layer before it.
create table story_rule_settings (
  id uuid primary key,
  layer text not null check (layer in ('workspace', 'project', 'user')),
  project_id uuid references projects (id) on delete cascade on update cascade,
  user_id uuid references users (id) on delete cascade on update cascade,
  rule text not null,
  mode text check (mode in ('block', 'warn', 'off')),
  params jsonb not null default '{}',
  is_locked boolean not null default false,
  updated_by uuid references users (id) on delete set null on update cascade,
  updated_at timestamptz not null default now(),
  constraint story_rule_settings_place check (
    (layer = 'workspace' and project_id is null and user_id is null)
    or (layer = 'project' and project_id is not null and user_id is null)
    or (layer = 'user' and project_id is null and user_id is not null)),
  constraint story_rule_settings_once unique nulls not distinct (layer, project_id, user_id, rule)
);
create index story_rule_settings_project on story_rule_settings (project_id);
create index story_rule_settings_user on story_rule_settings (user_id);
create index story_rule_settings_updated_by on story_rule_settings (updated_by);

create table story_templates (
  id uuid primary key,
  user_id uuid not null references users (id) on delete cascade on update cascade,
  -- Its members may use it; absent: whoever made it alone.
  project_id uuid references projects (id) on delete cascade on update cascade,
  name text not null check (name <> ''),
  version integer not null check (version > 0),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index story_templates_user on story_templates (user_id);
create index story_templates_project on story_templates (project_id);

create table story_template_versions (
  template_id uuid not null references story_templates (id) on delete cascade on update cascade,
  number integer not null check (number > 0),
  name text not null,
  body text not null,
  sections jsonb not null,
  created_at timestamptz not null default now(),
  primary key (template_id, number)
);

create table story_prompts (
  id uuid primary key,
  user_id uuid not null references users (id) on delete cascade on update cascade,
  title text not null check (title <> ''),
  text text not null,
  updated_at timestamptz not null default now()
);
create index story_prompts_user on story_prompts (user_id);

alter table stories
  add column project_id uuid references projects (id) on delete cascade on update cascade,
  add column template_id uuid references story_templates (id) on delete set null on update cascade,
  add column template_version integer,
  -- `default`, `company:<id>` of prompts.json, or `own:<id>`.
  add column prompt text not null default 'default',
  -- Assignee, labels, components, epic, links; as contracts have them.
  add column extras jsonb not null default '{}';
create index stories_project on stories (project_id);
create index stories_template on stories (template_id);

alter table stories drop constraint stories_format_check;
alter table stories add constraint stories_format_known
  check (format in ('classic', 'bdd', 'custom')) not valid;
alter table stories validate constraint stories_format_known;

alter table story_versions
  -- What it was cut into.
  add column children jsonb,
  -- What a person wrote by hand up to here, and what a model therefore left as it was.
  add column edits jsonb not null default '{}',
  add column kept_edits jsonb not null default '[]',
  add column restored_from integer;
alter table story_versions drop constraint story_versions_source_check;
alter table story_versions add constraint story_versions_source_known
  check (source in ('model', 'edit', 'offline', 'restore')) not valid;
alter table story_versions validate constraint story_versions_source_known;

-- An admin's word that this version may be approved although it breaks rules.
create table story_bypasses (
  story_id uuid primary key references stories (id) on delete cascade on update cascade,
  user_id uuid not null references users (id) on delete cascade on update cascade,
  version integer not null,
  reason text not null check (reason <> ''),
  rules jsonb not null,
  at timestamptz not null default now()
);
create index story_bypasses_user on story_bypasses (user_id);

-- Documents, issues and cards as they were read; pages have a table of their own.
create table story_sources (
  story_id uuid not null references stories (id) on delete cascade on update cascade,
  kind text not null check (kind in ('document', 'jira-issue', 'trello-card')),
  ref text not null,
  user_id uuid not null references users (id) on delete cascade on update cascade,
  title text not null,
  place text not null,
  url text,
  content text not null,
  is_part boolean not null,
  -- What it takes to read it again, such as the board of a card.
  origin jsonb not null default '{}',
  fetched_at timestamptz not null default now(),
  failed_code text,
  failed_facts jsonb,
  added_at timestamptz not null default now(),
  primary key (story_id, kind, ref)
);
create index story_sources_user on story_sources (user_id);

grant select, insert, update, delete on story_rule_settings, story_templates, story_prompts,
  story_bypasses, story_sources to studioops_app;
grant select, insert on story_template_versions to studioops_app;

alter table story_rule_settings enable row level security;
create policy workspace_seen on story_rule_settings for select to studioops_app
  using (layer = 'workspace' and app_user_role() is not null);
create policy workspace_changed on story_rule_settings for all to studioops_app
  using (layer = 'workspace' and app_user_role() in ('admin', 'owner'))
  with check (layer = 'workspace' and app_user_role() in ('admin', 'owner'));
create policy project_seen on story_rule_settings for select to studioops_app
  using (layer = 'project' and project_id = any ((select projects_as('viewer'))::uuid[]));
create policy project_changed on story_rule_settings for all to studioops_app
  using (layer = 'project' and project_id = any ((select projects_as('owner'))::uuid[]))
  with check (layer = 'project' and project_id = any ((select projects_as('owner'))::uuid[]));
create policy own on story_rule_settings for all to studioops_app
  using (layer = 'user' and user_id = app_user_id())
  with check (layer = 'user' and user_id = app_user_id());

alter table story_templates enable row level security;
create policy own on story_templates for all to studioops_app
  using (user_id = app_user_id()
    and (project_id is null or project_id = any ((select projects_as('viewer'))::uuid[])))
  with check (user_id = app_user_id()
    and (project_id is null or project_id = any ((select projects_as('editor'))::uuid[])));
create policy shared on story_templates for select to studioops_app
  using (project_id = any ((select projects_as('viewer'))::uuid[]));

alter table story_template_versions enable row level security;
create policy seen on story_template_versions for select to studioops_app
  using (template_id in (select id from story_templates));
create policy made on story_template_versions for insert to studioops_app
  with check (template_id in (select id from story_templates where user_id = app_user_id()));

alter table story_prompts enable row level security;
create policy own on story_prompts for all to studioops_app
  using (user_id = app_user_id()) with check (user_id = app_user_id());
alter table story_bypasses enable row level security;
create policy own on story_bypasses for all to studioops_app
  using (user_id = app_user_id()) with check (user_id = app_user_id());
alter table story_sources enable row level security;
create policy own on story_sources for all to studioops_app
  using (user_id = app_user_id()) with check (user_id = app_user_id());

-- A story of a project that somebody has left, or that lies in the trash, answers nobody.
drop policy own on stories;
create policy own on stories for all to studioops_app
  using (user_id = app_user_id()
    and (project_id is null or project_id = any ((select projects_as('viewer'))::uuid[])))
  with check (user_id = app_user_id()
    and (project_id is null or project_id = any ((select projects_as('viewer'))::uuid[])));
