drop function take_socket_ticket(text, timestamptz);
drop table socket_tickets, run_writers;
drop index runs_unfinished;
alter table runs drop column writer;
