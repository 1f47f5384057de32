-- why: receipts of purchases are documents of their project, and jobs of a restored project go on
-- after: 0025_deletion

-- Nothing of it was checked before.
update purchases set receipt_id = null
where receipt_id is not null and not exists (select from documents
  where documents.id = purchases.receipt_id and documents.project_id = purchases.project_id);
alter table purchases add constraint purchases_receipt foreign key (receipt_id)
  references documents (id) on delete set null on update cascade not valid;
alter table purchases validate constraint purchases_receipt;
create index purchases_receipt on purchases (receipt_id) where receipt_id is not null;

-- A document of the same project and no other; a foreign key over both would empty both.
drop policy added on purchases;
create policy added on purchases for insert to studioops_app
  with check (created_by = app_user_id() and project_id = any ((select projects_as('editor'))::uuid[])
    and (receipt_id is null or exists (select from documents
      where documents.id = receipt_id and documents.project_id = purchases.project_id)));
drop policy changed on purchases;
create policy changed on purchases for update to studioops_app
  using (project_id = any ((select projects_as('editor'))::uuid[]))
  with check (project_id = any ((select projects_as('editor'))::uuid[])
    and (receipt_id is null or exists (select from documents
      where documents.id = receipt_id and documents.project_id = purchases.project_id)));

-- In the transaction that puts a project into the trash: whatever works for it is told to stop.
create function pause_project_jobs(project uuid) returns void
  language plpgsql security definer set search_path = public, pg_temp as $$
begin
  if project = any (projects_as('owner', true)) then
    perform stop_project_jobs(project);
  end if;
end $$;

-- Before it leaves the trash: what was stopped with it begins anew.
create function resume_project_jobs(project uuid) returns void
  language plpgsql security definer set search_path = public, pg_temp as $$
declare
  since timestamptz;
begin
  select deleted_at into since from projects
    where id = project and id = any (projects_as('owner', true));
  with resumed as (
    -- Who still holds one has another epoch, and changes nothing any more.
    update background_jobs set state = 'queued', epoch = epoch + 1, attempts = 0, lease_until = null,
      cancel_asked_at = null, ended_at = null, run_at = greatest(run_at, now())
    where payload ->> 'projectId' = project::text and state in ('running', 'cancelled')
      and cancel_asked_at >= since
    returning id)
  update files set state = 'queued' from resumed
  where files.project_id = project and files.job_id = resumed.id
    and files.state in ('processing', 'cancelled');
end $$;
revoke execute on function pause_project_jobs(uuid), resume_project_jobs(uuid) from public;
grant execute on function pause_project_jobs(uuid), resume_project_jobs(uuid) to studioops_app;
revoke execute on function stop_project_jobs(uuid) from studioops_maintenance;
