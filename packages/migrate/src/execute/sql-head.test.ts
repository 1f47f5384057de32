import { expect, it } from 'vitest'
import { makesTablesOnly, tableMadeBy, tableWorkedOn } from './sql-head.ts'

it.each([
  ['create table t (a int)', 't'],
  ['-- why\nCREATE  TABLE IF NOT EXISTS app."My Table" (a int)', 'app."My Table"'],
  ['create unlogged table t as select 1', 't'],
  ['create temporary table t (a int)', undefined],
  ['create view t as select 1', undefined],
])('reads which table is made: %s', (text, table) => {
  expect(tableMadeBy(text)).toBe(table)
})

it.each([
  ['create index on t (a)', 't'],
  ['create unique index if not exists "i on x" on only app.t using btree (a)', 'app.t'],
  ['alter table only t add column b int', 't'],
  ['create index concurrently i on t (a)', undefined],
  ['update t set a = 1', undefined],
])('reads which table is worked on: %s', (text, table) => {
  expect(tableWorkedOn(text)).toBe(table)
})

it.each([
  [true, ['create table t (a int)', 'create index on t (a)', 'alter table t add b int']],
  [true, []],
  [false, ['create table if not exists t (a int)', 'alter table t add b int default f()']],
  [false, ['create table t (a int)', 'insert into t values (1)']],
  [false, ['create table pg_temp.t (a int)']],
  [false, ['create temp table t (a int)']],
  [false, ['create table t as select f()']],
  [false, ['alter table t add b int default f()']],
  [false, ['create table t (a int)', 'set search_path = s']],
  [false, ['create table t (a int)', 'prepare p as select 1']],
])('sees whether a file leaves the session as it was: %s %j', (isFresh, texts) => {
  expect(makesTablesOnly(texts)).toBe(isFresh)
})
