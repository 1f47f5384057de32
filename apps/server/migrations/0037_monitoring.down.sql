alter table outside_operations drop column trace_id;
alter table outside_operations drop column request_id;
alter table background_jobs drop column trace_id;
alter table background_jobs drop column request_id;
drop table monitoring_events;
