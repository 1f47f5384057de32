drop table outside_operations;
drop function notify_outside_operation();
