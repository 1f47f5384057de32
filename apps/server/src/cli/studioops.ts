#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { runCli } from '@studioops/migrate/cli'
import { type Config, ConfigError, loadConfig } from '../config/config.ts'
import { connectionTo } from '../platform/db/embedded/address.ts'
import { openCluster } from '../platform/db/embedded/cluster.ts'
import { openEmbeddedDatabase } from '../platform/db/embedded/embedded-database.ts'
import { EmbeddedPostgresError } from '../platform/db/embedded/embedded-postgres-error.ts'
import { waysOf } from '../platform/db/embedded/embedded-postgres.ts'
import { readPostmasterFile } from '../platform/db/embedded/postmaster-file.ts'
import { migrationsFolder } from '../platform/db/schema-upgrade.ts'
import { claimDataDirectory, DataDirectoryInUse } from '../platform/instance/data-directory.ts'

/** The product's commands: `node apps/server/src/cli/studioops.ts migrate …`. */
const manual = `Usage: studioops <command>

Commands:
  migrate …  look at and change the schema of the database: studioops migrate --help

The configuration is that of the server; see docs/configuration.md.
`

const { version } = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
) as { version: string }

const stopping = new AbortController()
const opened = new AsyncDisposableStack()

/** The database in the data directory: that of the running product, or one that runs meanwhile. */
async function openEmbedded(config: Config, directory: string) {
  const connection = (await attachToRunning(config, directory)) ?? (await start(directory))
  return { config: { ...connection, database: 'studioops' }, title: `${directory}/studioops` }
}

async function attachToRunning(config: Config, directory: string) {
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

async function start(directory: string) {
  const database = await openEmbeddedDatabase({ directory })
  opened.defer(() => database.stop())
  if (database.kind === 'postgres') return database.connection
  throw new EmbeddedPostgresError(
    'no-binary',
    `${database.reason} The evaluation database upgrades itself when the server starts.`,
  )
}

async function migrate(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const config = loadConfig(env)
  const { database, dataDirectory, migration } = config
  const direct = env['MIGRATION_DATABASE_URL'] ?? migration.directUrl?.reveal()
  return runCli(args, {
    env: { ...env, MIGRATION_DATABASE_URL: direct },
    cwd: process.cwd(),
    stdout: process.stdout,
    stderr: process.stderr,
    signal: stopping.signal,
    name: 'studioops migrate',
    version,
    defaults: {
      directory: migrationsFolder,
      backupDirectory: join(dataDirectory, 'backups'),
      appVersion: version,
      migrator: {
        headers: { why: 'required' },
        policy: migration.policy,
        imageDirectory: join(dataDirectory, 'cache', 'shadow'),
      },
      ...(database.kind === 'embedded'
        ? { connection: () => openEmbedded(config, database.directory) }
        : {}),
    },
  })
}

function stop(): void {
  if (stopping.signal.aborted) process.exit(130)
  stopping.abort()
}

process.on('SIGINT', stop)
process.on('SIGTERM', stop)

const [command, ...args] = process.argv.slice(2)
try {
  // oxlint-disable-next-line node/no-process-env -- this file is a program of its own
  if (command === 'migrate') process.exitCode = await migrate(args, process.env)
  else {
    const wanted = command === undefined || command === '--help' || command === '-h'
    ;(wanted ? process.stdout : process.stderr).write(manual)
    process.exitCode = wanted ? 0 : 3
  }
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = error instanceof ConfigError ? 3 : 4
} finally {
  await opened.disposeAsync()
}
