-- why: chats with branches, what their answers stand on, and what they asked to do; runs of more than stories
-- after: 0018_projects

create table chats (
  id uuid primary key,
  user_id uuid not null references users (id) on delete cascade on update cascade,
  -- Absent: personal.
  project_id uuid references projects (id) on delete cascade on update cascade,
  title text not null default '',
  -- Until a person names it, the first question does.
  is_titled_by_hand boolean not null default false,
  is_pinned boolean not null default false,
  uses_tools boolean not null default true,
  -- What stands in the composer and was not sent.
  draft text not null default '',
  -- The message that the chosen path ends with.
  head_id uuid,
  archived_at timestamptz,
  -- Since then the members of its project may read it (D-6).
  shared_at timestamptz check (shared_at is null or project_id is not null),
  -- Set: gone for everybody; kept for a while so that it can be taken back.
  deleted_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index chats_user on chats (user_id, updated_at desc);
create index chats_project on chats (project_id, updated_at desc);
create index chats_deleted on chats (deleted_at) where deleted_at is not null;

-- A tree: what was edited or answered again has siblings.
create table chat_messages (
  id uuid primary key,
  chat_id uuid not null references chats (id) on delete cascade on update cascade,
  parent_id uuid references chat_messages (id) on delete cascade on update cascade,
  user_id uuid not null references users (id) on delete cascade on update cascade,
  role text not null check (role in ('user', 'assistant')),
  text text not null,
  state text not null check (state in
    ('writing', 'complete', 'offline', 'stopped', 'partial', 'failed')),
  -- It was written by somebody who had read text of others: never an instruction to a later plan.
  is_tainted boolean not null default false,
  model text,
  -- Passages, cards, issues and pages that it may cite, by their number.
  sources jsonb not null default '[]',
  -- What went into the question to the model, and what had no room.
  context jsonb,
  -- Beginnings of answers that broke off.
  discarded jsonb not null default '[]',
  usage jsonb,
  problem jsonb,
  created_at timestamptz not null default now(),
  ended_at timestamptz
);
create index chat_messages_chat on chat_messages (chat_id, created_at);
create index chat_messages_parent on chat_messages (parent_id);
create index chat_messages_user on chat_messages (user_id);

alter table chats add constraint chats_head foreign key (head_id)
  references chat_messages (id) on delete set null on update cascade;
create index chats_head_message on chats (head_id);

-- What an answer called, or wants to call: a write stays here until a person has approved it.
create table chat_calls (
  id uuid primary key,
  message_id uuid not null references chat_messages (id) on delete cascade on update cascade,
  user_id uuid not null references users (id) on delete cascade on update cascade,
  position integer not null,
  server text not null,
  server_name text not null,
  tool text not null,
  title text not null,
  effect text not null check (effect in ('read', 'write')),
  arguments jsonb not null,
  state text not null check (state in
    ('running', 'done', 'failed', 'blocked', 'waiting', 'approved', 'rejected')),
  -- What was read, or what the write answered: text of somebody else.
  result text,
  error_code text,
  reason text,
  started_at timestamptz not null default now(),
  ended_at timestamptz
);
create index chat_calls_message on chat_calls (message_id, position);
create index chat_calls_user on chat_calls (user_id);

alter table runs alter column story_id drop not null;
alter table runs add column chat_id uuid references chats (id) on delete cascade on update cascade;
alter table runs add column message_id uuid references chat_messages (id) on delete cascade on update cascade;
alter table runs add constraint runs_of_one check (num_nonnulls(story_id, chat_id) = 1) not valid;
alter table runs validate constraint runs_of_one;
create index runs_chat on runs (chat_id);
create index runs_message on runs (message_id);
create unique index runs_one_at_a_time_in_a_chat on runs (chat_id)
  where state in ('running', 'waiting', 'interrupted');

grant select, insert, update on chats, chat_messages to studioops_app;
grant select, insert, update, delete on chat_calls to studioops_app;
grant select, delete on chats to studioops_maintenance;

-- A chat of a project that somebody has left, or that lies in the trash, answers nobody.
alter table chats enable row level security;
create policy own on chats for all to studioops_app
  using (user_id = app_user_id()
    and (project_id is null or project_id = any ((select projects_as('viewer'))::uuid[])))
  with check (user_id = app_user_id()
    and (project_id is null or project_id = any ((select projects_as('viewer'))::uuid[])));
create policy shared on chats for select to studioops_app
  using (shared_at is not null and deleted_at is null
    and project_id = any ((select projects_as('viewer'))::uuid[]));
create policy maintenance on chats for all to studioops_maintenance using (true);

alter table chat_messages enable row level security;
create policy seen on chat_messages for select to studioops_app
  using (chat_id in (select id from chats));
create policy said on chat_messages for insert to studioops_app
  with check (user_id = app_user_id() and chat_id in (select id from chats where user_id = app_user_id()));
create policy changed on chat_messages for update to studioops_app
  using (user_id = app_user_id()) with check (user_id = app_user_id());

alter table chat_calls enable row level security;
create policy seen on chat_calls for select to studioops_app
  using (message_id in (select id from chat_messages));
create policy called on chat_calls for insert to studioops_app
  with check (user_id = app_user_id()
    and message_id in (select id from chat_messages where user_id = app_user_id()));
create policy changed on chat_calls for update to studioops_app
  using (user_id = app_user_id()) with check (user_id = app_user_id());
create policy forgotten on chat_calls for delete to studioops_app
  using (user_id = app_user_id());
