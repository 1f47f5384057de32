grant execute on function stop_project_jobs(uuid) to studioops_maintenance;
drop function resume_project_jobs(uuid), pause_project_jobs(uuid);
drop policy changed on purchases;
create policy changed on purchases for update to studioops_app
  using (project_id = any ((select projects_as('editor'))::uuid[]))
  with check (project_id = any ((select projects_as('editor'))::uuid[]));
drop policy added on purchases;
create policy added on purchases for insert to studioops_app
  with check (created_by = app_user_id() and project_id = any ((select projects_as('editor'))::uuid[]));
drop index purchases_receipt;
alter table purchases drop constraint purchases_receipt;
