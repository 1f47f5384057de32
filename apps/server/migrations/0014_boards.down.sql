drop table board_webhooks, board_copies;
