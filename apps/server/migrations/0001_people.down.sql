drop function count_people(), find_login(text), is_registered(text);
drop table idempotency_keys, user_sessions, users, workspace;
drop function app_user_id();
revoke usage on schema public from studioops_app, studioops_maintenance;
