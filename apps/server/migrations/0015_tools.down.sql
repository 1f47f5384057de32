drop function use_access_token(text, timestamptz);
drop table tool_pins, tool_cache, tool_servers, access_tokens;
