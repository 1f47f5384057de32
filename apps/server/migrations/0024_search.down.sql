drop table search_postings, search_segments cascade;
