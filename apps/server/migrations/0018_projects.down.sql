drop table project_activity, project_links, project_budgets, project_members, projects cascade;
drop function own_new_project(), project_people(uuid), project_candidates(uuid, text),
  project_actors(uuid[], uuid), workspace_projects(), take_project_over(uuid),
  active_person(uuid), projects_as(text, boolean), project_rank(text);
