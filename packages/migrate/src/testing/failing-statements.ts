/**
 * One failure of each kind that a statement can bring about by itself, over a table `t` whose text
 * column `s` holds a secret.
 */
export const failingStatements: readonly (readonly [sqlstate: string, text: string])[] = [
  ['42601', "do $$ begin execute (select s from t) || ' )'; end $$"],
  ['42P01', 'select from missing'],
  ['42P01', `do $$ begin execute 'select from "' || (select s from t) || '"'; end $$`],
  ['42703', 'select s.missing from t s'],
  ['42883', 'select missing(s) from t'],
  ['42701', 'alter table t add column s text'],
  ['42P07', 'create table t (id int)'],
  ['42804', 'alter table t alter column s type int'],
  ['22P02', 'alter table t alter column s type int using s::int'],
  ['22001', 'alter table t alter column s type varchar(3) using s::text'],
  ['22007', 'select s::date from t'],
  ['22P02', `select ('{' || s || '}')::json from t`],
  ['22P02', 'select array[s]::int[] from t'],
  ['22003', `select (length(s) || repeat('9', 20))::int from t`],
  ['22012', 'select 1 / (length(s) - length(s)) from t'],
  ['23502', 'alter table t add column n int not null default null'],
  ['23502', 'insert into t (s) select null from t'],
  ['23505', 'insert into t (s) select s from t'],
  ['23514', 'alter table t add check (length(s) < 3)'],
  [
    '23514',
    'alter table t add constraint c check (length(s) > 3); insert into t (s) select left(s, 2) from t',
  ],
  ['23503', 'create table p (s text primary key); alter table t add foreign key (s) references p'],
  [
    '23503',
    'create table p (s text primary key); alter table t add foreign key (s) references p deferrable initially deferred not valid; insert into t (s) select s || 1 from t',
  ],
  [
    '23P01',
    'create table x (s text, exclude using btree (s with =)); insert into x select s from t; insert into x select s from t',
  ],
  ['2BP01', 'create view v as select s from t; drop table t'],
  [
    'P0001',
    `do $$ begin raise exception 'bad row %', (select s from t) using hint = (select s from t), detail = (select s from t); end $$`,
  ],
  [
    '22023',
    `do $$ begin raise exception using errcode = '22023', message = (select s from t); end $$`,
  ],
  ['42501', 'set role pg_monitor; create schema mine'],
  ['57014', `set statement_timeout = '20ms'; select pg_sleep(60), s from t`],
  ['42P01', 'select s::regclass from t'],
  ['42704', 'do $$ begin perform set_config(s, s, false) from t; end $$'],
]
