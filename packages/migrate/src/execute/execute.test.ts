import { expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts'
import { plainMigration } from '../testing/plain-migration.ts'
import { execute, type ExecuteOptions } from './execute.ts'
import type { Migration } from './migration.ts'

function run(
  database: TestDatabase,
  migrations: readonly Migration[],
  options: Partial<ExecuteOptions> = {},
) {
  return execute({
    target: { open: () => database.connect() },
    migrations,
    appVersion: 'test',
    ...options,
  })
}

const ledgerOf = (database: TestDatabase) =>
  database.query(
    `select migration_name as name, status, statements_done as done, statements_total as total, attempt
       from schema_migrations order by 1`,
  )

it('applies what is pending, in order, and has nothing to do the second time [MIG-4] [MIG-7]', async () => {
  await using database = await createTestDatabase()
  const migrations = [
    plainMigration('0001_a', 'create table a (id int primary key); insert into a values (1);'),
    plainMigration('0002_b', 'create index concurrently a_id on a (id)'),
    plainMigration('0003_c', '-- nothing'),
    plainMigration('0004_d', 'alter table a add column b text'),
  ]
  const result = await run(database, migrations)
  expect(result).toEqual({ kind: 'done', applied: ['0001_a', '0002_b', '0003_c', '0004_d'] })
  expect(await ledgerOf(database)).toEqual([
    { name: '0001_a', status: 'completed', done: 2, total: 2, attempt: 1 },
    { name: '0002_b', status: 'completed', done: 1, total: 1, attempt: 1 },
    { name: '0003_c', status: 'completed', done: 0, total: 0, attempt: 1 },
    { name: '0004_d', status: 'completed', done: 1, total: 1, attempt: 1 },
  ])
  expect(await run(database, migrations)).toEqual({ kind: 'nothing-to-do' })
})
