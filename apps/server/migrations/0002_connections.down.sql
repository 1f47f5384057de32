drop table jira_metadata, connection_checks, model_connections;
