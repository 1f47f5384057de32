drop function claim_visitor_key(text, text), keep_visitor_reply(text, text, integer, text),
  release_visitor_key(text, text);
drop table visitor_keys;
drop function find_failed_tries(text[], timestamptz),
  note_failed_try(text, integer, timestamptz), forget_failed_tries(text[]);
drop table failed_tries;
alter table user_sessions drop column replaced_at;
drop policy maintenance on recovery_codes;
revoke select, delete on recovery_codes from studioops_maintenance;
alter table company_model_connections alter column identity type text using
  case identity ->> 'verdict' when 'same' then 'match' when 'different' then 'mismatch'
    when 'unverifiable' then 'unverifiable' end;
alter table company_model_connections add constraint company_model_connections_identity_check
  check (identity in ('match', 'mismatch', 'unverifiable'));
drop policy demo_only on company_model_versions;
revoke delete on company_model_versions from studioops_maintenance;
alter table company_model_versions drop column is_demo;
