import { expect, inject, it } from 'vitest'
import { executeOn, plainMigration } from '../testing/plain-migration.ts'
import { pgbouncerMissing, startPgbouncer } from '../testing/pgbouncer.ts'
import { connectTo, createTestDatabase } from '../testing/test-database.ts'

const missing =
  inject('migrateServer').host?.startsWith('/') === true
    ? await pgbouncerMissing()
    : 'the server of the tests has no Unix socket'

it.skipIf(missing !== undefined)(
  `refuses to work through a pooler that shares sessions, also while nobody else uses it [MIG-8] ${missing ?? ''}`,
  async () => {
    await using database = await createTestDatabase()
    await using pooler = await startPgbouncer(inject('migrateServer'))
    const through = {
      connect: () => connectTo({ ...pooler.server, database: database.target.database }),
    }
    const migrations = [plainMigration('0001_a', 'create table a (id int)')]
    expect(await executeOn(through, migrations)).toMatchObject({
      kind: 'refused',
      objections: [{ code: 'pooler' }],
    })
    expect(await database.query(`select to_regclass('schema_migrations') as ledger`)).toEqual([
      { ledger: null },
    ])
    expect(await executeOn(database, migrations)).toMatchObject({ kind: 'done' })
    // With nothing to do, nothing is written, and the pooler does no harm.
    expect(await executeOn(through, migrations)).toMatchObject({ kind: 'nothing-to-do' })
  },
)
