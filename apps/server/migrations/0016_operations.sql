-- why: writes to any outside system and of several steps share the outbox; what caused a write is more than a story
-- after: 0010_keys

alter table outside_operations
  -- Whose slots it takes; absent for what only holds steps together.
  add column system text default 'jira',
  add column parent_id uuid references outside_operations (id) on delete cascade on update cascade,
  -- Of a parent: a step begins when all with smaller numbers are done.
  add column step integer not null default 0,
  add column cause text;
alter table outside_operations alter column system drop default;
update outside_operations set cause = 'story:' || story_id where story_id is not null;

alter table outside_operations drop constraint outside_operations_state_check;
alter table outside_operations add constraint outside_operations_state_known check (state in
  ('planned', 'attempting', 'done', 'refused', 'unknown', 'needs-user', 'cancelled', 'partial')) not valid;
alter table outside_operations validate constraint outside_operations_state_known;

-- One cause has one write: a second approval finds the first one's operation.
drop index outside_operations_one_per_story;
create unique index outside_operations_one_per_cause on outside_operations (user_id, cause)
  where state not in ('refused', 'cancelled');
create index outside_operations_cause on outside_operations (cause, created_at desc);
create index outside_operations_story on outside_operations (story_id);
create index outside_operations_parent on outside_operations (parent_id, step);

-- The head of each person's queue at a system, whatever waits behind it.
drop index outside_operations_due;
create index outside_operations_queue on outside_operations (system, user_id, created_at, step, id)
  where state = 'planned' and next_attempt_at is not null;
create index outside_operations_looked_for on outside_operations (system, next_attempt_at)
  where state = 'unknown';
create index outside_operations_leased on outside_operations (system, user_id, lease_until)
  where lease_until is not null;
create index outside_operations_next on outside_operations (next_attempt_at)
  where state in ('planned', 'unknown');

-- A parent's state is that of its steps. The lock on it lets two steps that end at once see each other.
create function advance_parent_operation() returns trigger language plpgsql as $$
begin
  perform from outside_operations where id = new.parent_id for update;
  update outside_operations later set next_attempt_at = now()
  where later.parent_id = new.parent_id and later.state = 'planned' and later.next_attempt_at is null
    and not exists (select from outside_operations earlier
      where earlier.parent_id = later.parent_id and earlier.step < later.step
        and earlier.state <> 'done');
  update outside_operations parent set state = steps.state, updated_at = now()
  from (
    select case
      when bool_and(state = 'done') then 'done'
      when bool_or(state = 'needs-user') then 'needs-user'
      when bool_or(state = 'unknown') then 'unknown'
      when bool_or(state = 'attempting') then 'attempting'
      when bool_or(state = 'planned' and next_attempt_at is not null) then 'planned'
      when bool_or(state = 'done') then 'partial'
      when bool_or(state = 'refused') then 'refused'
      else 'cancelled' end as state
    from outside_operations where parent_id = new.parent_id
  ) steps
  where parent.id = new.parent_id and parent.state <> steps.state;
  return null;
end $$;
create trigger outside_operation_step_moved after update of state on outside_operations
  for each row when (new.parent_id is not null)
  execute function advance_parent_operation();

drop trigger outside_operation_planned on outside_operations;
create trigger outside_operation_planned after insert or update of state, next_attempt_at on outside_operations
  for each row when (new.state in ('planned', 'unknown') and new.system is not null)
  execute function notify_outside_operation();
