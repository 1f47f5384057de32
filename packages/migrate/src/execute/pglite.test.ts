import { PGlite } from '@electric-sql/pglite'
import { createPgConfig } from '@electric-sql/pglite/node-postgres'
import pg from 'pg'
import { expect, it } from 'vitest'
import { plainMigration } from '../testing/plain-migration.ts'
import { execute } from './execute.ts'
import type { Migration } from './migration.ts'

it('runs in PGlite as on a server, one run at a time [MIG-8]', async () => {
  await using lite = await PGlite.create()
  const { connection, host, port, user, password, database } = createPgConfig(lite)
  const address = { connection, host, port, user, password, database } as pg.PoolConfig
  const pool = new pg.Pool({ ...address, max: 1, idleTimeoutMillis: 0 })
  const target = {
    open: () => pool.connect(),
    close: async (client: pg.ClientBase) => (client as pg.PoolClient).release(),
  }
  const run = (migrations: readonly Migration[]) =>
    execute({ target, migrations, appVersion: 'test' })
  const migrations = [
    plainMigration('0001_a', 'create table a (id int); insert into a values (1)'),
    plainMigration('0002_i', 'create index concurrently on a (id)'),
    plainMigration('0003_b', 'create temporary table a (id text); vacuum; create table b (id int)'),
  ]
  const results = await Promise.all([1, 2, 3].map(() => run(migrations)))
  expect(results.map(({ kind }) => kind).toSorted()).toEqual([
    'done',
    'nothing-to-do',
    'nothing-to-do',
  ])
  const broken = plainMigration('0004_c', 'create table c (id int); select nonsense')
  expect(await run([...migrations, broken])).toMatchObject({
    kind: 'failed',
    statementNo: 2,
    error: { sqlstate: '42703' },
  })
  const { rows } = await lite.query(
    `select migration_name as name, status from schema_migrations order by 1`,
  )
  expect(rows).toEqual([
    { name: '0001_a', status: 'completed' },
    { name: '0002_i', status: 'completed' },
    { name: '0003_b', status: 'completed' },
    { name: '0004_c', status: 'failed' },
  ])
  await pool.end()
})
