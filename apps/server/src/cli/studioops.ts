#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { text as readText } from 'node:stream/consumers'
import { Writable } from 'node:stream'
import { runCli } from '@studioops/migrate/cli'
import { ConfigError, loadConfig, plainSettings, secretNames } from '../config/config.ts'
import { type Environment, readSources } from '../config/sources.ts'
import { migrationsFolder } from '../platform/db/schema-upgrade.ts'
import { runAudit } from './audit.ts'
import { runConfig } from './config-command.ts'
import { runKeys } from './keys.ts'
import { runServe, type ServeVerb } from './serve.ts'
import { runSetup } from './setup.ts'
import { openEmbedded, openOwnerTarget, openProductDatabase } from './product-database.ts'

/** The product's commands: `node apps/server/src/cli/studioops.ts migrate …`. */
const manual = `Usage: studioops <command>

Commands:
  start      look at everything, bring the schema up to date and serve: studioops start --help
  serve      serve pages and do the work behind them, in one process
  web        serve pages; the work is left to studioops worker
  setup      make the owner of a new installation: studioops setup --help
  config …   write, check and show the configuration: studioops config --help
  migrate …  look at and change the schema of the database: studioops migrate --help
  keys …     look at and replace the master key: studioops keys --help
  backup …   back up, verify and restore the installation: studioops backup --help
  deletion … verify receipts of deleted projects: studioops deletion --help
  audit …    verify the audit log, and close old parts of it: studioops audit --help
  trace …    print everything that one request led to: studioops trace --help
  worker     carry out background jobs and the outbox: studioops worker --help
  story …    draft, check and approve stories: studioops story --help
  mcp …      serve Jira, Confluence or Trello as MCP tools: studioops mcp --help

The configuration is that of the server; see docs/configuration.md.
`

const { version, nodeFlags } = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
) as { version: string; nodeFlags: readonly string[] }

const stopping = new AbortController()
const opened = new AsyncDisposableStack()

async function migrate(args: readonly string[], given: Environment): Promise<number> {
  const env = readSources(given, process.cwd()).values
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
        fullBackup: migration.fullBackup,
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

function configure(args: readonly string[], env: Environment): Promise<number> {
  return runConfig(args, {
    env,
    cwd: process.cwd(),
    write: (text) => void process.stdout.write(text),
    writeError: (text) => void process.stderr.write(text),
    ...(process.stdin.isTTY && process.stdout.isTTY ? { ask } : {}),
    openDatabase: (config) => openProductDatabase(config, opened),
  })
}

async function ask(question: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout })
  try {
    return await terminal.question(question, { signal: stopping.signal })
  } finally {
    terminal.close()
  }
}

/** Without showing what is typed. */
async function askPassword(): Promise<string> {
  process.stdout.write('Password of the owner: ')
  const silent = new Writable({ write: (_, __, done) => done() })
  const terminal = createInterface({ input: process.stdin, output: silent, terminal: true })
  try {
    return await terminal.question('', { signal: stopping.signal })
  } finally {
    terminal.close()
    process.stdout.write('\n')
  }
}

async function askInSight(question: string): Promise<string> {
  const reader = createInterface({ input: process.stdin, output: process.stdout })
  try {
    return await reader.question(question, { signal: stopping.signal })
  } finally {
    reader.close()
  }
}

// Whoever reads only the beginning, as `head` does, has had enough; that is no failure.
process.stdout.on('error', () => undefined)

const terminal = {
  out: (text: string) => void process.stdout.write(text),
  tell: (text: string) => void process.stderr.write(text),
}

/** What a command of the product works with. */
function workOn(env: Environment) {
  const config = loadConfig(readSources(env, process.cwd()).values)
  return {
    config,
    openDatabase: () => openProductDatabase(config, opened),
    terminal,
  }
}

const serve = (verb: ServeVerb) => (args: readonly string[], env: Environment) =>
  runServe(verb, args, {
    env,
    cwd: process.cwd(),
    nodeFlags,
    tell: terminal.tell,
    signal: stopping.signal,
  })

const commands: Record<string, (args: readonly string[], env: Environment) => Promise<number>> = {
  start: serve('start'),
  serve: serve('serve'),
  web: serve('web'),
  config: configure,
  migrate,
  setup: (args, env) =>
    runSetup(args, {
      ...workOn(env),
      env,
      ...(process.stdin.isTTY && process.stdout.isTTY ? { askPassword } : {}),
    }),
  keys: (args, env) => runKeys(args, workOn(env)),
  backup: async (args, env) => {
    const { runBackup } = await import('./backup.ts')
    const { openObjectStores } = await import('./object-stores.ts')
    const work = workOn(env)
    return runBackup(args, {
      ...work,
      openStores: (database) => openObjectStores(work.config, { database, opened }),
      env,
      cwd: process.cwd(),
      version,
      openOwner: () => openOwnerTarget(work.config, opened),
      signal: stopping.signal,
    })
  },
  deletion: async (args, env) => {
    const { runDeletion } = await import('./deletion.ts')
    const { openObjectStores } = await import('./object-stores.ts')
    const work = workOn(env)
    return runDeletion(args, {
      ...work,
      env,
      openOwner: () => openOwnerTarget(work.config, opened),
      openStores: (database) => openObjectStores(work.config, { database, opened }),
    })
  },
  audit: (args, env) => runAudit(args, workOn(env)),
  trace: async (args, env) => {
    const { runTrace } = await import('./trace.ts')
    return runTrace(args, workOn(env))
  },
  worker: async (args, env) => {
    const { runWorker } = await import('./worker.ts')
    const { config, openDatabase } = workOn(env)
    const { tell } = terminal
    return runWorker(args, {
      config,
      version,
      openDatabase,
      openOwner: async () => ({
        target: await openOwnerTarget(config, opened),
        settings: plainSettings(readSources(env, process.cwd())),
      }),
      tell,
      signal: stopping.signal,
    })
  },
  story: async (args, env) => {
    const { runStory } = await import('./story.ts')
    const isThere = process.stdin.isTTY && process.stdout.isTTY
    return runStory(args, {
      env,
      terminal,
      signal: stopping.signal,
      readInput: () => readText(process.stdin),
      ask: isThere ? askInSight : undefined,
    })
  },
  mcp: async (args, env) => {
    const { runMcp } = await import('./mcp.ts')
    const { out: write, tell } = terminal
    return runMcp(args, { env, write, tell, signal: stopping.signal })
  },
}

/** What is started from here on must not inherit secrets. */
function takeEnvironment(): Environment {
  // oxlint-disable-next-line node/no-process-env -- this file is a program of its own
  const { env } = process
  const given = { ...env }
  for (const name of [...secretNames, 'MIGRATION_DATABASE_URL']) delete env[name]
  return given
}

function stop(): void {
  if (stopping.signal.aborted) process.exit(130)
  stopping.abort()
}

// Whoever reads our output may have seen enough; that is no failure of ours.
process.stdout.on('error', () => undefined)
process.on('SIGINT', stop)
process.on('SIGTERM', stop)

const [command, ...args] = process.argv.slice(2)
try {
  const run = commands[command ?? '']
  if (run !== undefined) process.exitCode = await run(args, takeEnvironment())
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
