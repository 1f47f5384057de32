drop table company_model_connections;
drop table company_model_versions;
