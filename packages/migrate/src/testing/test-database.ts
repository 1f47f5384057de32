import { inject } from 'vitest'
import {
  connectTo,
  createDatabaseOn,
  type TestDatabase,
  type TestServer,
} from './server-database.ts'

export { connectTo, type TestDatabase, type TestServer } from './server-database.ts'

declare module 'vitest' {
  interface ProvidedContext {
    migrateServer: TestServer
    migratePropertyRuns: number
  }
}

/** Such as 18. */
export async function serverMajor(): Promise<number> {
  const client = await connectTo({ ...inject('migrateServer'), database: 'postgres' })
  const { rows } = await client.query<{ major: number }>(
    `select current_setting('server_version_num')::integer / 10000 as major`,
  )
  await client.end()
  return rows[0]?.major ?? 0
}

/** An empty database of its own on the server of this run. */
export async function createTestDatabase(): Promise<TestDatabase> {
  return createDatabaseOn(inject('migrateServer'))
}
