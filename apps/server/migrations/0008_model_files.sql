-- why: versions of the four files of the company model, and each person's cookie for it
-- after: 0006_accounts

-- The highest number is in force; only files that passed every check are ever here.
create table company_model_versions (
  number integer primary key check (number > 0),
  files jsonb not null,
  sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  changed text[] not null,
  source text not null check (source in ('disk', 'editor', 'roll-back')),
  author_id uuid references users (id) on delete set null on update cascade,
  author_name text,
  note text not null default '' check (length(note) <= 200),
  created_at timestamptz not null default now()
);

create table company_model_connections (
  user_id uuid primary key references users (id) on delete cascade on update cascade,
  encrypted_cookie text,
  cookie_hint text,
  -- A cookie is never sent to another server than the one it was pasted for.
  cookie_origin text,
  set_at timestamptz not null default now(),
  passed_at timestamptz,
  failing_since timestamptz,
  failure_code text,
  failure_facts jsonb,
  identity text check (identity in ('match', 'mismatch', 'unverifiable'))
);

-- A version is history: it is added and never changed.
grant select, insert on company_model_versions to studioops_app, studioops_maintenance;
grant select, insert, update, delete on company_model_connections to studioops_app;

alter table company_model_versions enable row level security;
create policy admins on company_model_versions for all to studioops_app
  using (runs_the_workspace()) with check (author_id = app_user_id() and runs_the_workspace());
create policy maintenance on company_model_versions for all to studioops_maintenance
  using (true) with check (source = 'disk');

alter table company_model_connections enable row level security;
create policy own on company_model_connections for all to studioops_app
  using (user_id = app_user_id()) with check (user_id = app_user_id());
