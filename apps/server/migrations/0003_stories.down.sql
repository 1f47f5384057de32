drop table run_events, runs, story_versions, stories;
