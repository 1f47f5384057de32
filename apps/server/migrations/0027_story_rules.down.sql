delete from stories where format = 'custom';
delete from story_versions where source = 'restore';
drop policy own on stories;
drop table story_sources, story_bypasses, story_prompts, story_rule_settings;
alter table stories drop constraint stories_format_known,
  drop column extras, drop column prompt, drop column template_version, drop column template_id,
  drop column project_id;
alter table stories add constraint stories_format_check check (format in ('classic', 'bdd'));
alter table story_versions drop constraint story_versions_source_known,
  drop column restored_from, drop column kept_edits, drop column edits, drop column children;
alter table story_versions add constraint story_versions_source_check
  check (source in ('model', 'edit', 'offline'));
drop table story_template_versions, story_templates;
create policy own on stories for all to studioops_app
  using (user_id = app_user_id()) with check (user_id = app_user_id());
