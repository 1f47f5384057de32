import type { TestProject } from 'vitest/node'
import { startTemporaryPostgres } from '../../apps/server/src/platform/db/embedded/temporary-postgres.ts'
import type { TestServer } from './src/testing/test-database.ts'

/**
 * One real server for all tests of the package. `MIGRATE_TEST_URL` names another one, such as the
 * oldest version that we support; its role must be a superuser. `MIGRATE_PROPERTY_RUNS` says how often
 * each property is tried.
 */
export default async function startServer(project: TestProject): Promise<() => Promise<void>> {
  project.provide('migratePropertyRuns', Number(process.env['MIGRATE_PROPERTY_RUNS'] ?? 20))
  const url = process.env['MIGRATE_TEST_URL']
  if (url !== undefined) {
    project.provide('migrateServer', { connectionString: url })
    return async () => undefined
  }
  const server = await startTemporaryPostgres({ max_connections: '200' })
  const target: TestServer = server.connection
  project.provide('migrateServer', target)
  return () => server.stop()
}
