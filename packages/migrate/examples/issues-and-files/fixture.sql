-- What grew in four months: three tables of issues, two of files.

create table users (id uuid primary key, name text not null);
insert into users values
  ('00000000-0000-4000-8000-000000000001', 'Dana'),
  ('00000000-0000-4000-8000-000000000002', 'יואב');

create table exai_issues (
  id uuid primary key default gen_random_uuid(),
  title text not null,
  description text,
  status text not null default 'open' check (status in ('open', 'in_progress', 'resolved')),
  root_cause text,
  actual_fix text,
  reported_by uuid references users (id) on delete set null,
  metadata jsonb,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index exai_issues_open on exai_issues (created_at) where status <> 'resolved';
create function touch() returns trigger language plpgsql as
  $$ begin new.updated_at := clock_timestamp(); return new; end $$;
create trigger exai_issues_touch before insert or update on exai_issues
  for each row execute function touch();
comment on table exai_issues is 'Issues that the analysis found';

insert into exai_issues (id, title, description, status, root_cause, metadata, created_at) values
  ('10000000-0000-4000-8000-000000000001', 'Search is slow', 'p95 above 2 s', 'open', null,
    '{"component": "search", "tags": ["slow", "index"]}', '2026-07-01 08:00:00.123456+00'),
  ('10000000-0000-4000-8000-000000000002', 'כותרת בעברית עם "מירכאות"', null, 'resolved',
    'הגדרה חסרה', null, '2026-07-02 09:30:00+00'),
  ('10000000-0000-4000-8000-000000000003', 'Upload stops at 4 GB', 'int overflow', 'in_progress',
    '32-bit length', '{}', '2026-07-03 10:00:00+00');

create table issues (
  id uuid primary key default gen_random_uuid(),
  title text not null,
  description text,
  status text not null default 'open',
  root_cause text,
  actual_fix text,
  metadata jsonb,
  created_at timestamptz not null default now()
);
insert into issues values ('20000000-0000-4000-8000-000000000001', 'Login fails after midnight',
  E'Two lines\nand a tab\there', 'resolved', 'Time zone of the token', 'Compare in UTC',
  '{"severity": 2, "found_at": "2026-06-30T23:59:59.999999Z"}', '2026-06-30 23:59:59.999999+00');

create table exai_issues_tracker (
  id uuid primary key default gen_random_uuid(),
  tracker_no integer generated always as identity unique,
  title text not null,
  description text,
  status text not null default 'open',
  priority text,
  source text,
  diagnostic_approach text,
  fix_strategy text,
  root_cause_confirmed text,
  fix_implementation_details text,
  created_at timestamptz not null default now()
);
create index exai_issues_tracker_priority on exai_issues_tracker (priority);
comment on column exai_issues_tracker.source is 'Who told us';
grant select on exai_issues_tracker to public;
alter table exai_issues_tracker enable row level security;
create policy exai_issues_tracker_all on exai_issues_tracker using (status <> 'secret');
insert into exai_issues_tracker (id, title, description, status, priority, source,
    diagnostic_approach, fix_strategy, root_cause_confirmed, fix_implementation_details, created_at)
select ('30000000-0000-4000-8000-0000000000' || lpad(n::text, 2, '0'))::uuid,
    'Tracked issue ' || n,
    case when n % 5 = 0 then null else 'Seen in run ' || n end,
    (array['open', 'in_progress', 'resolved'])[1 + n % 3],
    (array['low', 'medium', 'high', null])[1 + n % 4],
    (array['github', 'support mail', 'בדיקות', null])[1 + n % 4],
    case when n % 3 = 0 then null else 'Bisected; "' || n || '" \ reproduced' end,
    case when n % 2 = 0 then 'Rewrite step ' || n else '' end,
    case when n % 4 = 1 then null else 'Cause ' || n end,
    case when n % 4 = 2 then null else 'Fix ' || n end,
    '2026-08-01 00:00:00+00'::timestamptz + n * interval '1 day 1 microsecond'
  from generate_series(1, 14) n;

create table issue_comments (
  id bigint generated always as identity primary key,
  issue_id uuid not null,
  author uuid references users (id),
  body text not null,
  constraint issue_comments_issue foreign key (issue_id) references exai_issues_tracker (id)
);
insert into issue_comments (issue_id, author, body)
select ('30000000-0000-4000-8000-0000000000' || lpad((1 + n % 14)::text, 2, '0'))::uuid,
    '00000000-0000-4000-8000-000000000001', 'Comment ' || n
  from generate_series(1, 20) n;

create table issue_votes (
  issue_id uuid references issues (id) on delete set null,
  voter uuid not null references users (id)
);
insert into issue_votes values
  ('20000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000001'),
  (null, '00000000-0000-4000-8000-000000000002');

create table files (
  id uuid primary key default gen_random_uuid(),
  name text not null,
  path text not null unique,
  size_bytes bigint not null check (size_bytes >= 0),
  created_at timestamptz not null default now()
);
insert into files (id, name, path, size_bytes, created_at) values
  ('40000000-0000-4000-8000-000000000001', 'דוח.pdf', '/a/דוח.pdf', 9007199254740993, '2026-07-01 00:00:00+00'),
  ('40000000-0000-4000-8000-000000000002', 'log.txt', '/a/log.txt', 0, '2026-07-02 00:00:00+00');

create table file_metadata (
  id bigint generated by default as identity primary key,
  file_id uuid not null references files (id) on delete cascade,
  mime_type text,
  sha256 text check (sha256 ~ '^[0-9a-f]{64}$'),
  extra jsonb not null default '{}'
);
create index file_metadata_file on file_metadata (file_id);
