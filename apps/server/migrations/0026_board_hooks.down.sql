alter table board_webhooks drop column checked_at;
