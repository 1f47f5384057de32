drop table story_pages;
