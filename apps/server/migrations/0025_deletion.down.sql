drop function purge_project(uuid, text, timestamptz), stop_project_jobs(uuid), preview_deletion(uuid),
  count_project(uuid, boolean), project_leavers(), project_tables();
drop table deletion_receipts, backup_schedule;
alter table workspace drop column installation_id;
