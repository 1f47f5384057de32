drop trigger told_when_revoked on user_sessions;
drop trigger told_when_removed on user_sessions;
drop function tell_session_ended(), list_people(), change_person(uuid, text, boolean),
  end_sessions_of(uuid), remove_second_factor_of(uuid),
  offer_password_reset(uuid, text, timestamptz), may_decide_about(uuid),
  find_password_reset(text, timestamptz), take_password_reset(text, timestamptz),
  find_jira_person(text, text), find_invitation(text, timestamptz),
  take_invitation(text, timestamptz);
drop table password_resets, invitations, recovery_codes, second_factors;
drop function runs_the_workspace(), app_user_role();
drop index user_sessions_family;
alter table user_sessions drop column stepped_up_at, drop column rotated_at,
  drop column previous_refresh_hash, drop column refresh_hash, drop column family;
alter table workspace drop column second_factor_required, drop column registration_ways;
-- Accounts without Jira did not exist before.
delete from users where encrypted_jira_pat is null;
alter table users alter column jira_token_set_at set default now();
alter table users alter column jira_token_set_at set not null;
alter table users alter column jira_token_hint set not null;
alter table users alter column jira_flavour set not null;
alter table users alter column jira_url set not null;
alter table users alter column encrypted_jira_pat set not null;
revoke update on users from studioops_app;
grant update on users to studioops_app;
