import { expect, it } from 'vitest'
import { executeOn, plainMigration } from '../testing/plain-migration.ts'
import { createTestDatabase } from '../testing/test-database.ts'

const secret = 'hunter2-of-somebody'

/** One failure of each kind that a statement can bring about by itself, over a table with a secret. */
const failures: readonly (readonly [sqlstate: string, text: string])[] = [
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
  ['42501', 'set role pg_monitor; create table public.mine (id int)'],
  ['57014', `set statement_timeout = '20ms'; select pg_sleep(60), s from t`],
  ['42P01', 'select s::regclass from t'],
  ['42704', 'do $$ begin perform set_config(s, s, false) from t; end $$'],
]

it.each(failures)(
  'stores %s with name, statement, hint and remedy, and no value: %s [MIG-5] [MIG-12]',
  async (sqlstate, text) => {
    await using database = await createTestDatabase()
    await executeOn(database, [plainMigration('0001_t', 'create table t (s text primary key)')])
    await database.query('insert into t values ($1)', [secret])
    const { events, ...result } = await executeOn(database, [
      plainMigration('0001_t', 'create table t (s text primary key)'),
      plainMigration('0002_bad', text),
    ])
    expect(result).toMatchObject({
      kind: 'failed',
      migration: '0002_bad',
      remedy: expect.any(String),
    })
    const [row] = await database.query(
      `select status, error_message is not null as message, error_detail ->> 'sqlstate' as sqlstate,
        error_detail ->> 'remedy' is not null as remedy,
        failed_statement is not distinct from (error_detail ->> 'statement_no')::int as statement,
        row_to_json(m)::text as everything from schema_migrations m where migration_name = '0002_bad'`,
    )
    expect(row).toMatchObject({ status: 'failed', message: true, remedy: true, statement: true })
    const journal = await database.query('select * from schema_migration_statements')
    for (const said of [row, result, events, journal])
      expect(JSON.stringify(said)).not.toContain(secret.slice(0, 7))
    expect(row?.['sqlstate']).toBe(sqlstate)
    expect(await database.query('select s from t')).toEqual([{ s: secret }])
  },
)
