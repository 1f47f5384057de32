delete from runs where chat_id is not null;
alter table runs drop constraint runs_of_one, drop column chat_id, drop column message_id;
alter table runs alter column story_id set not null;
alter table chats drop constraint chats_head;
drop table chat_calls, chat_messages, chats;
