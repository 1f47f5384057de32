drop table idempotency_keys, user_sessions, users, workspace;
drop function find_login(text), count_people(), is_registered(text), app_user_id();
