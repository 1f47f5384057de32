drop table root_secrets;
drop function notify_keys();
