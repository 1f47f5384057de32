drop table jira_field_memory;
alter table stories drop column jira_fields;
