import { expect, it } from 'vitest'
import { tableMadeBy, tableWorkedOn } from './sql-head.ts'

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
