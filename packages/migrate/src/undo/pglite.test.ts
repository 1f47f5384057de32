import { PGlite } from '@electric-sql/pglite'
import { createPgConfig } from '@electric-sql/pglite/node-postgres'
import pg from 'pg'
import { expect, it } from 'vitest'
import { execute } from '../execute/execute.ts'
import { createImageDirectory, undoable } from '../testing/undoable.ts'
import { undo } from './undo.ts'

it('takes migrations back with their rows in PGlite as on a server [MIG-6] [MIG-9]', async () => {
  await using images = await createImageDirectory()
  const { migrations } = await undoable(
    {
      '0001_a': 'create table t (id int primary key, v text, n numeric)',
      '0002_b': `update t set v = upper(v) where id = 1; delete from t where id = 2;
        alter table t drop column n;`,
    },
    { ...images, given: 1 },
  )
  await using lite = await PGlite.create()
  const { connection, host, port, user, password, database } = createPgConfig(lite)
  const address = { connection, host, port, user, password, database } as pg.PoolConfig
  const pool = new pg.Pool({ ...address, max: 1, idleTimeoutMillis: 0 })
  const target = {
    open: () => pool.connect(),
    close: async (client: pg.ClientBase) => (client as pg.PoolClient).release(),
  }
  await execute({ target, migrations: migrations.slice(0, 1), appVersion: 'test' })
  await lite.query(`insert into t values (1, 'a', 'NaN'), (2, 'b', 1.50), (3, null, null)`)
  const { rows: before } = await lite.query('select id, v, n::text from t order by id')
  expect(await execute({ target, migrations, appVersion: 'test' })).toMatchObject({ kind: 'done' })
  expect(
    await undo({ target, appVersion: 'test', selection: { kind: 'steps', count: 1 } }),
  ).toEqual({ kind: 'done', undone: ['0002_b'] })
  const { rows: after } = await lite.query('select id, v, n::text from t order by id')
  expect(after).toEqual(before)
  await pool.end()
})
