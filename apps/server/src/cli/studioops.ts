#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { runCli } from '@studioops/migrate/cli'
import { ConfigError, loadConfig } from '../config/config.ts'
import { readSources } from '../config/sources.ts'
import { migrationsFolder } from '../platform/db/schema-upgrade.ts'
import { runAudit } from './audit.ts'
import { runKeys } from './keys.ts'
import { openEmbedded, openProductDatabase } from './product-database.ts'

/** The product's commands: `node apps/server/src/cli/studioops.ts migrate …`. */
const manual = `Usage: studioops <command>

Commands:
  migrate …  look at and change the schema of the database: studioops migrate --help
  keys …     look at and replace the master key: studioops keys --help
  audit …    verify the audit log, and close old parts of it: studioops audit --help

The configuration is that of the server; see docs/configuration.md.
`

const { version } = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
) as { version: string }

const stopping = new AbortController()
const opened = new AsyncDisposableStack()

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
        ? {
            connection: async () => ({
              config: await openEmbedded(config, { directory: database.directory, opened }),
              title: `${database.directory}/studioops`,
            }),
          }
        : {}),
    },
  })
}

/** What a command of the product works with. */
function workOn(env: NodeJS.ProcessEnv) {
  const config = loadConfig(readSources(env, process.cwd()).values)
  return {
    config,
    openDatabase: () => openProductDatabase(config, opened),
    terminal: {
      out: (text: string) => void process.stdout.write(text),
      tell: (text: string) => void process.stderr.write(text),
    },
  }
}

const commands: Record<
  string,
  (args: readonly string[], env: NodeJS.ProcessEnv) => Promise<number>
> = {
  migrate,
  keys: (args, env) => runKeys(args, workOn(env)),
  audit: (args, env) => runAudit(args, workOn(env)),
}

function stop(): void {
  if (stopping.signal.aborted) process.exit(130)
  stopping.abort()
}

process.on('SIGINT', stop)
process.on('SIGTERM', stop)

const [command, ...args] = process.argv.slice(2)
try {
  const run = commands[command ?? '']
  // oxlint-disable-next-line node/no-process-env -- this file is a program of its own
  if (run !== undefined) process.exitCode = await run(args, process.env)
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
