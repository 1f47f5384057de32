import { resolve } from 'node:path'
import type { Config } from '../config/config.ts'
import { type ConnectionTarget, type Database, openDatabase } from '../platform/db/database.ts'
import { connectionTo } from '../platform/db/embedded/address.ts'
import { openCluster } from '../platform/db/embedded/cluster.ts'
import { openEmbeddedDatabase } from '../platform/db/embedded/embedded-database.ts'
import { EmbeddedPostgresError } from '../platform/db/embedded/embedded-postgres-error.ts'
import { waysOf } from '../platform/db/embedded/embedded-postgres.ts'
import { readPostmasterFile } from '../platform/db/embedded/postmaster-file.ts'
import { claimDataDirectory, DataDirectoryInUse } from '../platform/instance/data-directory.ts'
import { createLog } from '../platform/log/log.ts'

/** The database in the data directory: that of the running product, or one that runs meanwhile. */
export async function openEmbedded(
  config: Config,
  { directory, opened }: { directory: string; opened: AsyncDisposableStack },
) {
  const connection =
    (await attachToRunning(config, { directory, opened })) ?? (await start(directory, opened))
  return { ...connection, database: 'studioops' }
}

/** The owner's way to the tables: past a pooler, where one stands before the database. */
export async function openOwnerTarget(
  config: Config,
  opened: AsyncDisposableStack,
): Promise<ConnectionTarget> {
  const { database, migration } = config
  return database.kind === 'embedded'
    ? openEmbedded(config, { directory: database.directory, opened })
    : { connectionString: (migration.directUrl ?? database.url).reveal() }
}

/** The tables of the product, for commands; also while the product runs. */
export async function openProductDatabase(
  config: Config,
  opened: AsyncDisposableStack,
): Promise<Database> {
  const { database } = config
  const target =
    database.kind === 'embedded'
      ? await openEmbedded(config, { directory: database.directory, opened })
      : { connectionString: database.url.reveal() }
  const log = createLog({ level: 'silent' })
  return opened.use(openDatabase({ target, roles: 'switched' }, log, config.databaseLimits))
}

async function attachToRunning(
  config: Config,
  { directory, opened }: { directory: string; opened: AsyncDisposableStack },
) {
  try {
    opened.use(await claimDataDirectory(config.dataDirectory, { waitMs: 0 }))
    return undefined
  } catch (error) {
    if (!(error instanceof DataDirectoryInUse)) throw error
    const cluster = await openCluster(resolve(directory), waysOf(process.platform))
    const running = await readPostmasterFile(cluster.data)
    if (running?.ready !== true) throw error
    return connectionTo(cluster, running.port)
  }
}

async function start(directory: string, opened: AsyncDisposableStack) {
  const database = await openEmbeddedDatabase({ directory })
  opened.defer(() => database.stop())
  if (database.kind === 'postgres') return database.connection
  throw new EmbeddedPostgresError(
    'no-binary',
    `${database.reason} The evaluation database upgrades itself when the server starts.`,
  )
}
