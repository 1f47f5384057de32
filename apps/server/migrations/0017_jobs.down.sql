drop function own_job_positions(), job_counts(), dead_job_reasons();
drop table job_schedules, background_jobs;
drop function notify_background_job();
