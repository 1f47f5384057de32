drop function backup_jobs();
drop trigger meaning_gone on document_chunks;
drop function forget_meaning();
drop table file_meanings;
