import pg from 'pg'
import { startTemporaryPostgres } from '../platform/db/embedded/temporary-postgres.ts'
import { migrateDatabase } from '../platform/db/migrate-database.ts'
import type { TestServer } from './global-setup.ts'

/** A server with one migrated database, which `copyDatabase` copies. */
export async function startTestServer(): Promise<{
  readonly connection: TestServer
  stop(): Promise<void>
}> {
  const server = await startTemporaryPostgres({ max_connections: '200' })
  const { connection } = server
  await migrateDatabase(
    { target: { ...connection, database: 'studioops' }, roles: 'own-logins' },
    { appVersion: 'test' },
  )
  const admin = new pg.Client({ ...connection, database: 'postgres' })
  await admin.connect()
  await admin.query('alter database studioops rename to template_app')
  await admin.end()
  return { connection, stop: () => server.stop() }
}
