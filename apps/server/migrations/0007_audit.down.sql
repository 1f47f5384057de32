drop function audit_people(), audit_close_segment(integer, text);
drop table audit_events, audit_segments cascade;
drop function audit_append(), audit_refuse(), audit_refuse_delete();
