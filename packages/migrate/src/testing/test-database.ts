import { inject } from 'vitest'
import { createDatabaseOn, type TestDatabase, type TestServer } from './server-database.ts'

export { connectTo, type TestDatabase, type TestServer } from './server-database.ts'

declare module 'vitest' {
  interface ProvidedContext {
    migrateServer: TestServer
    migratePropertyRuns: number
  }
}

/** An empty database of its own on the server of this run. */
export async function createTestDatabase(): Promise<TestDatabase> {
  return createDatabaseOn(inject('migrateServer'))
}
