-- why: several servers stream from one database, and a socket is opened by a ticket instead of a cookie
-- after: 0017_jobs

-- Who writes a run: `<node>/<process>`. Null: nobody that still lives.
alter table runs add column writer text;
create index runs_unfinished on runs (started_at) where state in ('running', 'interrupted');

-- Processes that write runs; whoever was not seen for a while is gone, and others go on with its runs.
create table run_writers (
  id text primary key,
  seen_at timestamptz not null default now()
);
grant select, insert, update, delete on run_writers to studioops_maintenance;
alter table run_writers enable row level security;
create policy maintenance on run_writers for all to studioops_maintenance using (true) with check (true);

-- Opens one socket, once, within seconds, for the sign-in that asked for it (ASVS 4.4.3).
create table socket_tickets (
  ticket_hash text primary key,
  user_id uuid not null references users (id) on delete cascade on update cascade,
  session_id uuid not null,
  expires_at timestamptz not null
);
create index socket_tickets_user on socket_tickets (user_id);
create index socket_tickets_expired on socket_tickets (expires_at);
grant select, insert on socket_tickets to studioops_app;
grant select, delete on socket_tickets to studioops_maintenance;
alter table socket_tickets enable row level security;
create policy own on socket_tickets for all to studioops_app
  using (user_id = app_user_id()) with check (user_id = app_user_id());
create policy maintenance on socket_tickets for all to studioops_maintenance using (true);

create function take_socket_ticket(hash text, at timestamptz)
  returns table (user_id uuid, session_id uuid)
  language sql security definer set search_path = public, pg_temp as $$
  delete from socket_tickets tickets where tickets.ticket_hash = hash and tickets.expires_at > at
  returning tickets.user_id, tickets.session_id $$;
revoke execute on function take_socket_ticket(text, timestamptz) from public;
grant execute on function take_socket_ticket(text, timestamptz) to studioops_app;
