import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readiness } from '@studioops/contracts/health'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { copyDatabase, type TestDatabase } from '../../testing/test-database.ts'
import { createLog } from '../log/log.ts'
import { prepareSchema, type Preparing } from './prepare-schema.ts'
import { migrationsFolder } from './schema-upgrade.ts'

const log = createLog({ level: 'silent' })
let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'studioops-upgrade-'))
})
afterAll(() => rm(directory, { recursive: true, force: true }))

/** The product's migrations with these in addition, or without those of undefined text. */
async function migrationsWith(files: Readonly<Record<string, string | undefined>>) {
  const folder = await mkdtemp(join(directory, 'migrations-'))
  await cp(migrationsFolder, folder, { recursive: true })
  for (const name of await readdir(folder)) if (name.endsWith('.json')) await rm(join(folder, name))
  for (const [name, text] of Object.entries(files))
    if (text === undefined) await rm(join(folder, name))
    else await writeFile(join(folder, name), text)
  return folder
}

async function productIds(): Promise<string[]> {
  const names = await readdir(migrationsFolder)
  return names.flatMap((name) => /^(.*?)(?<!\.down)\.sql$/.exec(name)?.[1] ?? []).toSorted()
}

function prepare(database: TestDatabase, more: Partial<Preparing> = {}) {
  const reports: Readiness[] = []
  const sentences: string[] = []
  const stop = Promise.withResolvers<void>()
  const prepared = prepareSchema(database, {
    mode: 'up',
    policy: 'production',
    appVersion: 'test',
    directory,
    shadowUrl: undefined,
    report: (readiness) => reports.push(readiness),
    tell: (sentence) => sentences.push(sentence),
    log,
    stopped: stop.promise,
    recheckMs: 50,
    ...more,
  })
  return { prepared, reports, sentences, stop: () => stop.resolve() }
}

const why = '-- why: a trial\n'

it(
  'upgrades in another process, from a copied database where that is wanted, and says how far it is [MIG-11] [MIG-13] [OPS-7]',
  { timeout: 120_000 },
  async () => {
    await using database = await copyDatabase()
    const migrations = await migrationsWith({
      '9001_trial.sql': `${why}create table trial (id int); create index on trial (id)`,
      '9002_trial.sql': `${why}alter table trial add column name text; update trial set name = 'x'`,
    })
    const { prepared, reports } = prepare(database, { migrations, fullBackup: true })
    expect(await prepared).toBe(true)
    const whole = reports.find(({ migration }) => migration?.backup !== undefined)
    expect(whole?.migration?.position).toBeUndefined()
    const manifest = join(whole?.migration?.backup ?? '', 'manifest.json')
    expect(JSON.parse(await readFile(manifest, 'utf8'))).toHaveProperty('catalog.major')
    expect(reports.map(({ note }) => note)).toEqual(
      expect.arrayContaining(['migrating 1/2 9001_trial', 'migrating 2/2 9002_trial']),
    )
    expect(reports.at(-1)).toMatchObject({
      status: 'fail',
      reason: 'migrating',
      migration: { name: '9002_trial', position: 2, total: 2, statements: 2 },
    })
    const backup = reports.at(-1)?.migration?.backup ?? ''
    expect(await readdir(backup)).toContain('manifest.json')
    const ledger = await database.asOwner((db) =>
      db.query(`select migration_name from schema_migrations where backup_location = $1`, [backup]),
    )
    expect(ledger.rows).toEqual([{ migration_name: '9002_trial' }])
    const { rows } = await database.asOwner((db) => db.query('select id, name from trial'))
    expect(rows).toEqual([])
  },
)

it(
  'shows what stands in the way and what to do, and serves nothing until it is gone [MIG-11]',
  { timeout: 120_000 },
  async () => {
    await using database = await copyDatabase()
    const migrations = await migrationsWith({
      '9001_trial.sql': `${why}create table trial (id int); create index on trial (project_idea)`,
    })
    const { prepared, reports, sentences, stop } = prepare(database, { migrations })
    await vi.waitUntil(() => reports.at(-1)?.reason === 'migration-failed', { timeout: 60_000 })
    expect(reports.at(-1)).toMatchObject({
      status: 'fail',
      migration: { name: '9001_trial' },
      obstacles: [
        {
          en: { message: expect.stringContaining('project_idea') },
          he: { message: expect.stringContaining('project_idea') },
        },
      ],
    })
    expect(sentences[0]).toMatch(/9001_trial\.sql:2:\d+: .*project_idea/)
    const tables = await database.asOwner((db) => db.query(`select to_regclass('trial') as trial`))
    expect(tables.rows).toEqual([{ trial: null }])
    stop()
    expect(await prepared).toBe(false)
  },
)

it(
  'refuses to start on the schema of a later version, with the command that helps [MIG-11]',
  { timeout: 120_000 },
  async () => {
    await using database = await copyDatabase()
    const [last = '', before = ''] = (await productIds()).toReversed()
    const migrations = await migrationsWith({
      [`${last}.sql`]: undefined,
      [`${last}.down.sql`]: undefined,
    })
    const { prepared, reports, sentences, stop } = prepare(database, { migrations })
    await vi.waitUntil(() => reports.at(-1)?.reason === 'migration-failed', { timeout: 60_000 })
    expect(reports.at(-1)?.obstacles?.[0]?.en.remedy).toContain(`migrate down --to ${before}`)
    expect(sentences.join(' ')).toContain('newer version')
    stop()
    expect(await prepared).toBe(false)
  },
)

it('goes on by itself when somebody else has upgraded [MIG-11]', { timeout: 120_000 }, async () => {
  await using database = await copyDatabase()
  const migrations = await migrationsWith({ '9001_trial.sql': `${why}create table trial (id int)` })
  const waiting = prepare(database, { migrations, mode: 'check' })
  await vi.waitUntil(() => waiting.reports.length > 0, { timeout: 60_000 })
  expect(waiting.reports[0]).toMatchObject({
    migration: { name: '9001_trial', total: 1 },
    obstacles: [{ en: { remedy: expect.stringContaining('studioops migrate up') } }],
  })
  expect(await prepare(database, { migrations }).prepared).toBe(true)
  expect(await waiting.prepared).toBe(true)
})

it(
  'lets one of several servers work, and the others show what it is at [MIG-8] [MIG-11]',
  { timeout: 120_000 },
  async () => {
    await using database = await copyDatabase()
    const migrations = await migrationsWith({
      '9001_trial.sql': `${why}create table trial as select 1 as id from pg_sleep(0.5)`,
    })
    const servers = [1, 2].map(() => prepare(database, { migrations }))
    expect(await Promise.all(servers.map(({ prepared }) => prepared))).toEqual([true, true])
    const told = servers.flatMap(({ reports }) => reports)
    const waiting = told.filter(({ migration }) => migration?.waitingFor !== undefined)
    expect(waiting.length).toBeGreaterThan(0)
    const { rows } = await database.asOwner((db) =>
      db.query(`select attempt from schema_migrations where migration_name = '9001_trial'`),
    )
    expect(rows).toEqual([{ attempt: 1 }])
  },
)

it('waits for a database that is away, and says so [MIG-11] [HLT-9]', async () => {
  await using database = await copyDatabase()
  const target = { ...database.target, host: '/nowhere' }
  const { prepared, reports, sentences, stop } = prepare({ ...database, target })
  await vi.waitUntil(() => reports.length > 1, { timeout: 20_000 })
  expect(reports[0]).toEqual({ status: 'fail', reason: 'database' })
  expect(sentences[0]).toContain('tried again by itself')
  stop()
  expect(await prepared).toBe(false)
})

it(
  'goes on where the process that upgraded was killed [MIG-13] [MIG-11]',
  { timeout: 120_000 },
  async () => {
    await using database = await copyDatabase()
    const migrations = await migrationsWith({
      '9001_trial.sql': `${why}create table trial as select 1 as id from pg_sleep(0.2)`,
      '9002_trial.sql': `${why}create table later as select 1 as id from pg_sleep(1.5)`,
    })
    let isKilled = false
    const { prepared } = prepare(database, {
      migrations,
      report({ migration }) {
        if (isKilled || migration?.name !== '9002_trial' || migration.statement === undefined)
          return
        isKilled = true
        const [child] = upgradingProcesses()
        if (child !== undefined) process.kill(child, 'SIGKILL')
      },
    })
    expect(await prepared).toBe(true)
    expect(isKilled).toBe(true)
    const { rows } = await database.asOwner((db) =>
      db.query(`select status, count(*)::int from schema_migrations group by 1`),
    )
    expect(rows).toEqual([{ status: 'completed', count: (await productIds()).length + 2 }])
  },
)

/** Those that this process has started. */
function upgradingProcesses(): number[] {
  const list = execFileSync('ps', ['-eo', 'pid=,ppid=,args='], { encoding: 'utf8' })
  return list.split('\n').flatMap((line) => {
    const [pid, parent, ...command] = line.trim().split(/\s+/)
    const isOurs = Number(parent) === process.pid && command.join(' ').includes('upgrade-process')
    return isOurs ? [Number(pid)] : []
  })
}

it(
  'takes over the ledger of the first version, and runs nothing again [MIG-7] [MIG-15]',
  { timeout: 120_000 },
  async () => {
    await using database = await copyDatabase()
    const names = (await readdir(migrationsFolder)).filter(
      (name) => name.endsWith('.sql') && !name.endsWith('.down.sql'),
    )
    const old = await Promise.all(
      names.map(async (name) => {
        const text = await readFile(join(migrationsFolder, name), 'utf8')
        const checksum = createHash('sha256').update(text).digest('hex')
        return { name: name.replace('.sql', ''), checksum }
      }),
    )
    await database.asOwner(async (db) => {
      await db.query(`drop table schema_migrations, schema_migration_statements,
        schema_migration_lease`)
      await db.query(firstLedger)
      await db.query(
        `insert into schema_migrations (migration_name, migration_type, status, completed_at, checksum)
         select name, 'schema_change', 'completed', now(), checksum
           from jsonb_to_recordset($1) as o (name text, checksum text)`,
        [JSON.stringify(old)],
      )
    })
    expect(await prepare(database, { migrations: migrationsFolder }).prepared).toBe(true)
    const { rows } = await database.asOwner((db) =>
      db.query(`select migration_name as name, status, raw_sha256 as checksum
        from schema_migrations order by 1`),
    )
    expect(rows).toEqual(old.map((one) => ({ ...one, status: 'completed' })))
    const again = prepare(database, { migrations: migrationsFolder })
    expect(await again.prepared).toBe(true)
    expect(again.reports).toEqual([])
  },
)

const firstLedger = `
  create table schema_migrations (
    id uuid primary key default gen_random_uuid(),
    migration_name text not null unique,
    migration_type text not null check (migration_type in ('consolidation', 'schema_change', 'data_migration')),
    status text not null default 'pending'
      check (status in ('pending', 'in_progress', 'completed', 'failed', 'rolled_back')),
    started_at timestamptz,
    completed_at timestamptz,
    error_message text,
    backup_location text,
    rollback_script text,
    created_at timestamptz not null default now(),
    checksum text,
    duration_ms integer,
    app_version text,
    host text)`
