import { expect, it } from 'vitest'
import { analyseHistory } from '../analyse/analyse.ts'
import { sourcesOf } from '../text/directory.ts'
import { loadParser } from '../text/parser.ts'
import { objectToLedgerTouches } from './own-ledger.ts'

const parser = await loadParser()

function touched(text: string, ledgerSchema?: string) {
  const { sources } = sourcesOf([{ name: '0001_a.sql', bytes: Buffer.from(text) }])
  const pending = analyseHistory(sources, { parser }).flatMap((analysis) =>
    sources.map((source) => ({ source, analysis, checksum: '' })),
  )
  return objectToLedgerTouches(pending, ledgerSchema).map(({ object, line, remedy }) => ({
    object,
    line,
    tells: remedy.includes('--ledger-schema'),
  }))
}

it.each([
  ['select 1;\n-- old\ndrop table if exists other, schema_migrations cascade', 3],
  ['create table if not exists public.schema_migrations (version text primary key)', 1],
  ['insert into "schema_migrations" (version) values (1)', 1],
  ['alter table only schema_migrations add column x int', 1],
  ['truncate Schema_Migration_Statements', 1],
  ['delete from public . schema_migration_lease', 1],
])('refuses before anything runs what works on the ledger: %s [MIG-4]', (text, line) => {
  expect(touched(text)).toEqual([
    { object: expect.stringMatching(/^public\.schema_migration/), line, tells: true },
  ])
})

it.each([
  [`insert into notes values ('drop table schema_migrations')`, undefined],
  ['create table app.schema_migrations (version text)', undefined],
  ['drop table schema_migrations', 'ledger'],
  ['create table schema_migrations_old (a int)', undefined],
  ['select * from schema_migrations', undefined],
])('leaves alone what does not: %s [MIG-4]', (text, schema) => {
  expect(touched(text, schema)).toEqual([])
})
