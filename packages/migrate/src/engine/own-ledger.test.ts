import { expect, it } from 'vitest'
import { analyseHistory } from '../analyse/analyse.ts'
import { sourcesOf } from '../text/directory.ts'
import { loadParser } from '../text/parser.ts'
import { objectToLedgerTouches } from './own-ledger.ts'
import { objectToTransactions } from './own-transactions.ts'

const parser = await loadParser()

function pendingOf(text: string) {
  const { sources } = sourcesOf([{ name: '0001_a.sql', bytes: Buffer.from(text) }])
  return analyseHistory(sources, { parser }).flatMap((analysis) =>
    sources.map((source) => ({ source, analysis, checksum: '' })),
  )
}

function touched(text: string, ledgerSchema?: string) {
  return objectToLedgerTouches(pendingOf(text), ledgerSchema).map(({ object, line, remedy }) => ({
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

it.each([
  ['select 1; begin; select 2; rollback', 4],
  ['begin; create table t (a int)', 2],
  ['begin; select 1; commit; begin; select 2; begin; select 3; commit', 6],
])(
  'says with the plan what a file does with transactions and no run would take: %s [MIG-7]',
  (text, no) => {
    expect(objectToTransactions(pendingOf(text))).toMatchObject([
      { code: 'unsupported-statement', migration: '0001_a', statementNo: no },
    ])
  },
)

it('objects to no transaction that ends, nor to what stands outside of them [MIG-7]', () => {
  const text = `begin; create table t (a int); savepoint s; rollback to s; commit;
    start transaction; insert into t values (1); end; create index concurrently on t (a)`
  expect(objectToTransactions(pendingOf(text))).toEqual([])
})
