drop trigger segments_worn on document_chunks;
drop function wear_segments();
drop table search_postings, search_segments cascade;
