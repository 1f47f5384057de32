drop table demo_systems;
