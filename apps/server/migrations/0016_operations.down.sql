drop trigger outside_operation_step_moved on outside_operations;
drop function advance_parent_operation();
drop trigger outside_operation_planned on outside_operations;
create trigger outside_operation_planned after insert or update of state on outside_operations
  for each row when (new.state in ('planned', 'unknown'))
  execute function notify_outside_operation();
drop index outside_operations_next, outside_operations_leased, outside_operations_looked_for,
  outside_operations_queue, outside_operations_parent, outside_operations_story,
  outside_operations_cause, outside_operations_one_per_cause;
-- The version before knows writes of stories to Jira only.
delete from outside_operations where kind <> 'jira.issue.create' or parent_id is not null
  or cause is distinct from 'story:' || story_id;
create index outside_operations_due on outside_operations (next_attempt_at)
  where state in ('planned', 'unknown', 'attempting');
create unique index outside_operations_one_per_story on outside_operations (story_id)
  where state not in ('refused', 'cancelled');
alter table outside_operations drop constraint outside_operations_state_known;
alter table outside_operations add constraint outside_operations_state_check check (state in
  ('planned', 'attempting', 'done', 'refused', 'unknown', 'needs-user', 'cancelled'));
alter table outside_operations drop column cause, drop column step, drop column parent_id, drop column system;
