drop function credential_states();
drop table object_store, connection_tls, integration_connections;
drop policy maintenance on connection_checks;
revoke select, insert, update on connection_checks from studioops_maintenance;
drop index connection_checks_due;
delete from connection_checks where system not in ('jira', 'model');
alter table connection_checks
  drop column identity, drop column identity_verdict, drop column checked_at,
  drop column next_check_at, drop column lease_until;
alter table connection_checks drop constraint connection_checks_system_known;
alter table connection_checks add constraint connection_checks_system_check
  check (system in ('jira', 'model'));
