drop table object_removals, uploads, document_chunks, document_versions, documents, files cascade;
drop function remove_object_of_file(), document_people(uuid);
