drop trigger purchases_named on projects;
drop function name_detached_purchases();
drop table purchases;
drop function currency_digits(text);
