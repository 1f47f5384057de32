import { execFile } from 'node:child_process'
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import pg from 'pg'
import { connectTo, type TestDatabase } from '../../packages/migrate/src/testing/server-database.ts'

/** What is measured: it brings a database up to date, from connecting to the end. */
export type Runner = {
  readonly name: string
  readonly apply: (target: TestDatabase['target']) => Promise<void>
}

/** Pinned: what is compared has to be said. */
const versions = {
  'drizzle-orm': '0.45.4',
  kysely: '0.29.9',
  postgrator: '8.0.0',
  'node-pg-migrate': '9.0.0',
  umzug: '3.8.3',
  'graphile-migrate': '1.4.1',
} as const

const cache = join(import.meta.dirname, '../../.runtime/bench-migrate')

/** Packages from npm in a directory of their own, installed once. */
export async function installPeers(): Promise<void> {
  await mkdir(cache, { recursive: true })
  const wanted = { ...versions, pg: '8.23.1' }
  const stamp = join(cache, 'installed.json')
  const text = JSON.stringify(wanted)
  if ((await readFile(stamp, 'utf8').catch(() => '')) === text) return
  await writeFile(join(cache, 'package.json'), '{ "private": true, "type": "module" }\n')
  const packages = Object.entries(wanted).map(([name, version]) => `${name}@${version}`)
  const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-save', '--loglevel=error']
  await promisify(execFile)('npm', ['install', ...flags, ...packages], { cwd: cache })
  await writeFile(join(cache, 'load.mjs'), 'export const load = (name) => import(name)\n')
  await writeFile(stamp, text)
}

// What the peers export is theirs; only these few calls are made.
type Loaded = Record<string, any> // oxlint-disable-line no-explicit-any -- foreign packages without types here

async function load(name: string): Promise<Loaded> {
  const { load: loader } = (await import(pathToFileURL(join(cache, 'load.mjs')).href)) as {
    load: (name: string) => Promise<Loaded>
  }
  return loader(name)
}

async function withClient<T>(
  target: TestDatabase['target'],
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = await connectTo(target)
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

const named = (name: keyof typeof versions) => `${name} ${versions[name]}`

/** @param root what `writeForAll` has filled */
export function peers(root: string): Runner[] {
  return [
    { name: named('drizzle-orm'), apply: (target) => applyDrizzle(join(root, 'drizzle'), target) },
    { name: named('kysely'), apply: (target) => applyKysely(join(root, 'plain'), target) },
    {
      name: named('postgrator'),
      apply: (target) => applyPostgrator(join(root, 'postgrator'), target),
    },
    {
      name: named('node-pg-migrate'),
      apply: (target) => applyNodePgMigrate(join(root, 'node-pg-migrate'), target),
    },
    { name: named('umzug'), apply: (target) => applyUmzug(join(root, 'plain'), target) },
    {
      name: named('graphile-migrate'),
      apply: (target) => applyGraphile(join(root, 'graphile'), target),
    },
  ]
}

async function applyDrizzle(folder: string, target: TestDatabase['target']): Promise<void> {
  const { drizzle } = await load('drizzle-orm/node-postgres')
  const { migrate } = await load('drizzle-orm/node-postgres/migrator')
  await withClient(target, (client) => migrate(drizzle(client), { migrationsFolder: folder }))
}

async function applyKysely(folder: string, target: TestDatabase['target']): Promise<void> {
  const { Kysely, PostgresDialect, sql } = await load('kysely')
  const { Migrator } = await load('kysely/migration')
  const db = new Kysely({
    dialect: new PostgresDialect({ pool: new pg.Pool({ ...target, max: 1 }) }),
  })
  const provider = {
    async getMigrations() {
      const names = await readdir(folder)
      const entries = names.map(async (name) => {
        const text = await readFile(join(folder, name), 'utf8')
        // oxlint-disable-next-line no-restricted-properties -- a migration is text from a file
        return [name, { up: (inner: unknown) => sql.raw(text).execute(inner) }] as const
      })
      return Object.fromEntries(await Promise.all(entries))
    },
  }
  try {
    const { error } = await new Migrator({ db, provider }).migrateToLatest()
    if (error !== undefined) throw error
  } finally {
    await db.destroy()
  }
}

async function applyPostgrator(folder: string, target: TestDatabase['target']): Promise<void> {
  const { default: Postgrator } = await load('postgrator')
  await withClient(target, async (client) => {
    const postgrator = new Postgrator({
      migrationPattern: join(folder, '*'),
      driver: 'pg',
      database: target.database,
      schemaTable: 'schemaversion',
      execQuery: (query: string) => client.query(query),
    })
    await postgrator.migrate()
  })
}

async function applyNodePgMigrate(folder: string, target: TestDatabase['target']): Promise<void> {
  const { runner } = await load('node-pg-migrate')
  const silent = { debug() {}, info() {}, warn() {}, error() {} }
  await withClient(target, (dbClient) =>
    runner({
      dbClient,
      dir: folder,
      direction: 'up',
      migrationsTable: 'pgmigrations',
      logger: silent,
      singleTransaction: false,
    }),
  )
}

async function applyUmzug(folder: string, target: TestDatabase['target']): Promise<void> {
  const { Umzug } = await load('umzug')
  await withClient(target, async (client) => {
    await client.query('create table if not exists umzug (name text primary key)')
    const umzug = new Umzug({
      migrations: (await readdir(folder)).toSorted().map((name) => ({
        name,
        up: async () => {
          await client.query(await readFile(join(folder, name), 'utf8'))
        },
      })),
      logger: undefined,
      storage: {
        logMigration: ({ name }: { name: string }) =>
          client.query('insert into umzug values ($1)', [name]),
        unlogMigration: async () => undefined,
        async executed() {
          const { rows } = await client.query<{ name: string }>('select name from umzug order by 1')
          return rows.map(({ name }) => name)
        },
      },
    })
    await umzug.up()
  })
}

async function applyGraphile(folder: string, target: TestDatabase['target']): Promise<void> {
  const { migrate } = await load('graphile-migrate')
  const { Logger } = await load('@graphile/logger')
  const { host = '', user = '', database } = target
  const connectionString = `postgres://${user}@/${database}?host=${encodeURIComponent(host)}`
  await migrate({
    connectionString,
    migrationsFolder: folder,
    logger: new Logger(() => () => undefined),
  })
}
