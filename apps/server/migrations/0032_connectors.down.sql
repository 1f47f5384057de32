alter table tool_servers drop column is_verified;
alter table tool_servers drop column certificate;
drop table trello_windows;
