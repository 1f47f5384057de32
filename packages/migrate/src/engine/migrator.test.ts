import { existsSync, globSync, readFileSync } from 'node:fs'
import { cp, mkdtemp, readFile, rm, writeFile, stat, utimes } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { createPgConfig } from '@electric-sql/pglite/node-postgres'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import type { MigrationEvent } from '../execute/events.ts'
import { pgbouncerMissing, startPgbouncer } from '../testing/pgbouncer.ts'
import {
  connectTo,
  createTestDatabase,
  serverMajor,
  type TestDatabase,
} from '../testing/test-database.ts'
import { readMigrationDirectory } from '../text/directory.ts'
import { createManifest, writeManifest } from '../text/manifest.ts'
import { loadParser } from '../text/parser.ts'
import { makeProofs } from './make-proofs.ts'
import { createMigrator, upQuickly } from './migrator.ts'
import type { MigratorOptions } from './migrator-options.ts'
import { proofsName } from './proofs.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'studioops-migrator-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const fixtures = join(import.meta.dirname, '../../fixtures/mig-10')

type Files = Readonly<Record<string, string>>

async function directoryOf(files: Files): Promise<string> {
  const directory = await mkdtemp(join(folder, 'files-'))
  await addFiles(directory, files)
  return directory
}

async function addFiles(directory: string, files: Files): Promise<void> {
  for (const [name, text] of Object.entries(files))
    await writeFile(join(directory, name.includes('.') ? name : `${name}.sql`), text)
}

const major = await serverMajor()

function migratorOn(
  database: TestDatabase,
  directory: string,
  more: Partial<MigratorOptions> = {},
) {
  return createMigrator({
    directory,
    target: { open: () => database.connect() },
    // For a scratch database, where the server has another version than the shadow in the process.
    connection: database.target,
    appVersion: 'test',
    imageDirectory: join(folder, 'images'),
    ...more,
  })
}

const tablesOf = (database: TestDatabase) =>
  database.query<{ name: string }>(
    `select relname::text as name from pg_class c join pg_namespace n on n.oid = relnamespace
      where n.nspname !~ '^(pg_|information)' order by 1`,
  )

const ledgerOf = (database: TestDatabase) =>
  database.query(
    `select migration_name as name, status, statements_done as done from schema_migrations order by 1`,
  )

const everythingOf = async (database: TestDatabase) => ({
  ledger: await database.query(
    `select migration_name, migration_type, status, checksum, raw_sha256, parents, fingerprint,
        rollback_script, statements_total, statements_done from schema_migrations order by 1`,
  ),
  tables: await tablesOf(database),
})

it('plans, applies what was planned with its proven way back, and then has nothing to do [MIG-4] [MIG-7]', async () => {
  await using database = await createTestDatabase()
  const directory = await directoryOf({
    '0001_people': '-- why: people\ncreate table people (id int primary key, name text)',
    '0002_names': 'create index concurrently people_name on people (name)',
    '0003_status': `create type status as enum ('new'); alter table people add column status status`,
  })
  const migrator = migratorOn(database, directory)
  const plan = await migrator.plan()
  expect(plan.objections).toEqual([])
  expect(plan).toMatchObject({
    kind: 'ready',
    shadow: { kind: major === 18 ? 'pglite' : 'server', major },
    start: { kind: 'declared' },
    migrations: [
      {
        id: '0001_people',
        why: 'people',
        makes: expect.arrayContaining(['table public.people']),
        inverse: { kind: 'exact', statements: ['drop table public.people'] },
        proof: { order: 'shadow', effects: 'shadow', inverse: 'shadow' },
      },
      {
        id: '0002_names',
        statements: [{ txClass: 'alone', locks: [{ mode: 'share update exclusive' }] }],
      },
      { id: '0003_status', alters: [], drops: [] },
    ],
  })
  expect(await tablesOf(database)).toEqual([])
  const result = await migrator.up()
  expect(result).toEqual({
    kind: 'done',
    applied: ['0001_people', '0002_names', '0003_status'],
    held: [],
    warnings: [],
  })
  expect(await migrator.up()).toEqual({ kind: 'nothing-to-do' })
  const rows = await database.query<{ script: string; fingerprint: string }>(
    'select rollback_script as script, fingerprint from schema_migrations order by migration_name',
  )
  expect(rows.map(({ fingerprint }) => fingerprint)).toEqual(
    plan.migrations.map(({ fingerprint }) => fingerprint),
  )
  expect(rows[0]?.script).toContain('drop table public.people')
  expect(await migrator.status()).toMatchObject({
    pending: [],
    holder: undefined,
    migrations: [{ id: '0001_people', status: 'completed', attempt: 1, statementsDone: 1 }, {}, {}],
  })
})

const cases = globSync('*/expected.json', { cwd: fixtures })
  .map((path) => dirname(path))
  .toSorted((left, right) => (left < right ? -1 : 1))

type Expected = {
  readonly kind: 'ordered' | 'refused'
  readonly objections: readonly { code: string; migration: string; other?: string }[]
  readonly order?: readonly string[]
}

describe.each(cases)('golden fixture %s', (name) => {
  const directory = join(fixtures, name)
  const expected = JSON.parse(readFileSync(join(directory, 'expected.json'), 'utf8')) as Expected

  it('is refused before anything runs, or runs in its declared order [MIG-10] [MIG-2]', async () => {
    await using database = await createTestDatabase()
    const start = join(directory, 'start')
    if (existsSync(start))
      for (const file of globSync('*.sql', { cwd: start }).toSorted())
        await database.query(await readFile(join(start, file), 'utf8'))
    const before = await tablesOf(database)
    const result = await migratorOn(database, directory, { policy: 'development' }).up()
    const isRefused = expected.kind === 'refused'
    const objections = result.kind === 'refused' ? result.objections : []
    const found = objections.map(({ code, migration, other }) => ({
      code,
      migration,
      other: other?.migration,
    }))
    for (const { code, migration, other } of expected.objections)
      expect(found).toContainEqual({ code, migration, other: other ?? found[0]?.other })
    expect(result).toMatchObject(
      isRefused ? { kind: 'refused', applied: [] } : { kind: 'done', applied: expected.order },
    )
    const after = await tablesOf(database)
    expect(isRefused ? after : before).toEqual(before)
  })
})

it('takes a proposed order over only when it is told to, by writing it into the files [MIG-10] [MIG-2]', async () => {
  await using database = await createTestDatabase()
  const directory = await mkdtemp(join(folder, 'proposed-'))
  await cp(join(fixtures, 'index'), directory, { recursive: true })
  const migrator = migratorOn(database, directory)
  const refused = await migrator.up()
  if (refused.kind !== 'refused') throw new Error(`it ${refused.kind}`)
  expect(refused.objections.map(({ code }) => code)).toEqual(['order-conflict'])
  expect(refused.plan?.proposal?.after).not.toEqual({})
  expect(await tablesOf(database)).toEqual([])

  const applied = await migrator.up({ applyOrder: true })
  expect(applied).toMatchObject({ kind: 'done', applied: refused.plan?.proposal?.order })
  const [changed] = Object.entries(refused.plan?.proposal?.after ?? {})
  if (changed === undefined) throw new Error('nothing was proposed')
  const text = await readFile(join(directory, `${changed[0]}.sql`), 'utf8')
  expect(text).toContain(`-- after: ${changed[1].join(', ')}\n`)
})

it('refuses on an existing database what the older tables there do not have [MIG-10] [MIG-3]', async () => {
  await using database = await createTestDatabase()
  const directory = await directoryOf({ '0001_a': 'create table people (id int primary key)' })
  expect(await migratorOn(database, directory).up()).toMatchObject({ kind: 'done' })
  await addFiles(directory, {
    '0002_index': 'create index people_project on people (project_id)',
    '0003_column': 'alter table people add column project_id int',
  })
  const ledger = await ledgerOf(database)
  const result = await migratorOn(database, directory).up()
  expect(result).toMatchObject({
    kind: 'refused',
    applied: [],
    objections: [
      {
        code: 'order-conflict',
        migration: '0002_index',
        object: 'public.people.project_id',
        line: 1,
        column: 40,
        other: { migration: '0003_column', line: 1 },
        remedy: expect.stringContaining('-- after:'),
      },
    ],
  })
  expect(await ledgerOf(database)).toEqual(ledger)
})

it('runs on top of what somebody else has added, and refuses what would collide with it [MIG-3] [MIG-9]', async () => {
  await using database = await createTestDatabase()
  await database.query('create table theirs (id int)')
  const directory = await directoryOf({ '0001_ours': 'create table ours (id int)' })
  expect(await migratorOn(database, directory).up()).toMatchObject({ kind: 'done' })
  await addFiles(directory, { '0002_theirs': 'create table theirs (name text)' })
  expect(await migratorOn(database, directory).up()).toMatchObject({
    kind: 'refused',
    objections: [{ code: 'order-conflict', migration: '0002_theirs' }],
  })
  expect(await database.query('select * from theirs')).toEqual([])
})

it('lets development run what production refuses [MIG-11] [MIG-9]', async () => {
  await using database = await createTestDatabase()
  const directory = await directoryOf({ '0001_a': 'create table a (id int, b int)' })
  await migratorOn(database, directory).up()
  await addFiles(directory, { '0002_b': 'alter table a drop column b' })
  expect(await migratorOn(database, directory).up()).toMatchObject({
    kind: 'refused',
    objections: [
      { code: 'destructive-unflagged', migration: '0002_b', line: 1 },
      {
        code: 'contract-phase',
        migration: '0002_b',
        line: 1,
        object: 'public.a.b',
        remedy: expect.stringContaining('-- phase: contract'),
      },
    ],
  })
  const development = migratorOn(database, directory, { policy: 'development' })
  expect(await development.up()).toMatchObject({
    kind: 'done',
    applied: ['0002_b'],
    warnings: [{ code: 'destructive-unflagged' }, { code: 'contract-phase' }],
  })
  await addFiles(directory, {
    '0003_c': '-- phase: contract\n-- destructive: yes\ndrop table a',
    '0004_d': 'create table d (id int)',
  })
  expect(await migratorOn(database, directory).up()).toMatchObject({
    kind: 'done',
    applied: [],
    held: ['0003_c', '0004_d'],
    warnings: [{ code: 'contract-phase', migration: '0003_c' }],
  })
  expect(await migratorOn(database, directory).up({ contract: true })).toMatchObject({
    kind: 'done',
    applied: ['0003_c', '0004_d'],
  })
})

it('lets nothing wait for an old version where nothing has run [MIG-11]', async () => {
  await using database = await createTestDatabase()
  const directory = await directoryOf({
    '0001_a': 'create table a (id int, b int)',
    '0002_b': '-- destructive: yes\nalter table a drop column b',
    '0003_c': '-- phase: contract\n-- destructive: yes\ndrop table a',
  })
  expect(await migratorOn(database, directory).up()).toMatchObject({
    kind: 'done',
    applied: ['0001_a', '0002_b', '0003_c'],
  })
})

it('stores why something ran that nobody has proven [MIG-11]', async () => {
  await using database = await createTestDatabase()
  const directory = await directoryOf({
    '0001_a': 'create table a (id int)',
    '0002_b': `do $$ begin
      if to_regclass('nothing') is not null then execute 'create extension of_nobody'; end if;
    end $$`,
  })
  // Nowhere could it be tried: PGlite does not have the extension, and no scratch database can be made.
  const migrator = migratorOn(database, directory, { connection: undefined })
  const refused = await migrator.up()
  expect(refused).toMatchObject({
    kind: 'refused',
    objections: [{ code: 'needs-server', because: expect.stringContaining('of_nobody') }],
  })
  expect(await tablesOf(database)).toEqual([])
  expect(await migrator.up({ acceptUnproven: 'tried by hand' })).toMatchObject({
    kind: 'done',
    warnings: [{ code: 'needs-server' }],
  })
  const scripts = await database.query(
    'select distinct rollback_script as script from schema_migrations',
  )
  expect(scripts).toEqual([{ script: '-- not tried; accepted: tried by hand\n' }])
})

it('lets one of many that start at once work, and the others wait and find nothing to do [MIG-8] [MIG-11]', async () => {
  await using database = await createTestDatabase()
  const directory = await directoryOf({
    '0001_a': 'create table a (id int)',
    '0002_b': 'create table b (id int)',
  })
  const { sources } = await readMigrationDirectory(directory)
  await writeManifest(directory, createManifest(sources, await loadParser()))
  const events: MigrationEvent[] = []
  const results = await Promise.all(
    Array.from({ length: 6 }, () =>
      migratorOn(database, directory, { onEvent: (event) => events.push(event) }).up(),
    ),
  )
  expect(results.map(({ kind }) => kind).toSorted()).toEqual([
    'done',
    ...Array.from({ length: 5 }, () => 'nothing-to-do'),
  ])
  expect(events.filter(({ type }) => type === 'migration-started')).toHaveLength(2)
  expect(events.some(({ type }) => type === 'waiting')).toBe(true)
})

it.runIf(major === 18)(
  'fills an empty database with what the build has proven, and plans everywhere else [MIG-7] [MIG-11]',
  async () => {
    const directory = await directoryOf({
      '0001_a': `create table a (id int primary key); insert into a values (1)`,
      '0002_b': 'create index concurrently a_id on a (id)',
      '0002_b.down.sql': 'drop index a_id',
      '0003_c': 'create view v as select id from a',
    })
    const made = await makeProofs({ directory, imageDirectory: join(folder, 'images') })
    if (made.kind === 'refused') throw new Error(made.objections[0]?.because)
    await writeFile(join(directory, proofsName), JSON.stringify(made.proofs))
    await using empty = await createTestDatabase()
    await using planned = await createTestDatabase()
    const quick = (database: TestDatabase) =>
      upQuickly({ directory, target: { open: () => database.connect() }, appVersion: 'test' })
    expect(await quick(empty)).toMatchObject({
      kind: 'done',
      applied: ['0001_a', '0002_b', '0003_c'],
    })
    await rm(join(directory, proofsName))
    expect(await quick(planned)).toBeUndefined()
    await migratorOn(planned, directory).up()
    const [one, other] = await Promise.all([empty, planned].map(everythingOf))
    expect(one).toEqual(other)

    await writeFile(join(directory, proofsName), JSON.stringify(made.proofs))
    await using used = await createTestDatabase()
    await used.query('create table theirs (id int)')
    expect(await quick(used)).toBeUndefined()
    await addFiles(directory, { '0003_c': 'create view v as select id, id as twice from a' })
    await using fresh = await createTestDatabase()
    expect(await quick(fresh)).toBeUndefined()
  },
)

it('believes a manifest only while it speaks of the files that are there [MIG-7]', async () => {
  await using database = await createTestDatabase()
  const directory = await directoryOf({ '0001_a': 'create table a (id int)' })
  const { sources } = await readMigrationDirectory(directory)
  await writeManifest(directory, createManifest(sources, await loadParser()))
  expect(await migratorOn(database, directory).up()).toMatchObject({ kind: 'done' })
  expect(await migratorOn(database, directory).up()).toEqual({ kind: 'nothing-to-do' })
  // As long as before, and as old.
  const file = join(directory, '0001_a.sql')
  const { atime, mtime } = await stat(file)
  const text = await readFile(file, 'utf8')
  await writeFile(file, text.replace('id int', 'it int'))
  await utimes(file, atime, mtime)
  expect(await migratorOn(database, directory).up()).toMatchObject({
    kind: 'refused',
    objections: [{ code: 'checksum-changed', migration: '0001_a' }],
  })
  await writeFile(file, text)
  await addFiles(directory, { '0002_b': 'create table b (id int)' })
  expect(await migratorOn(database, directory).up()).toMatchObject({ applied: ['0002_b'] })
})

it('runs a file that comes late only where it gives the same schema [MIG-2]', async () => {
  await using database = await createTestDatabase()
  const directory = await directoryOf({
    '0001_a': 'create table a (id int)',
    '0003_c': 'create table c (id int)',
  })
  await migratorOn(database, directory).up()
  await addFiles(directory, { '0002_b': 'create table b (id int)' })
  expect(await migratorOn(database, directory).up()).toMatchObject({ applied: ['0002_b'] })
  await addFiles(directory, { '0002a_c': 'alter table c add column b int' })
  const refused = await migratorOn(database, directory).up()
  expect(refused).toMatchObject({ kind: 'refused', applied: [] })
})

it('names what the ledger has and the files do not, and starts nothing [MIG-11]', async () => {
  await using database = await createTestDatabase()
  const directory = await directoryOf({
    '0001_a': 'create table a (id int)',
    '0002_b': 'create table b (id int)',
  })
  await migratorOn(database, directory).up()
  await rm(join(directory, '0002_b.sql'))
  expect(await migratorOn(database, directory).up()).toMatchObject({
    kind: 'refused',
    objections: [
      { code: 'schema-newer', remedy: expect.stringContaining('migrate down --to 0001_a') },
    ],
  })
  await addFiles(directory, { '0002_b': 'create table b (id bigint)' })
  expect(await migratorOn(database, directory).up()).toMatchObject({
    kind: 'refused',
    objections: [{ code: 'checksum-changed', migration: '0002_b' }],
  })
})

it('plans and runs in PGlite, where everybody shares one session [MIG-8]', async () => {
  await using lite = await PGlite.create()
  const { connection, host, port, user, password, database } = createPgConfig(lite)
  const address = { connection, host, port, user, password, database } as pg.PoolConfig
  const pool = new pg.Pool({ ...address, max: 1, idleTimeoutMillis: 0 })
  const directory = await directoryOf({
    '0001_a': 'create table a (id int)',
    '0002_b': 'alter table a add column b int',
  })
  const options: MigratorOptions = {
    directory,
    target: {
      open: () => pool.connect(),
      close: async (client) => (client as pg.PoolClient).release(),
    },
    appVersion: 'test',
    imageDirectory: join(folder, 'images'),
  }
  const results = await Promise.all([1, 2].map(() => createMigrator(options).up()))
  expect(results.map(({ kind }) => kind).toSorted()).toEqual(['done', 'nothing-to-do'])
  expect(await createMigrator(options).status()).toMatchObject({ pending: [], objections: [] })
  await pool.end()
})

const noPooler = await pgbouncerMissing()

it.skipIf(noPooler !== undefined)(
  `takes no lock through a pooler, which would keep it for somebody else [MIG-8] ${noPooler ?? ''}`,
  async () => {
    await using database = await createTestDatabase()
    await using pooler = await startPgbouncer(inject('migrateServer'))
    const directory = await directoryOf({ '0001_a': 'create table a (id int)' })
    const through = { ...pooler.server, database: database.target.database }
    const migrator = createMigrator({
      directory,
      target: { open: () => connectTo(through) },
      appVersion: 'test',
    })
    expect(await migrator.up()).toMatchObject({ kind: 'refused', objections: [{ code: 'pooler' }] })
    const locks =
      await database.query(`select count(*)::int from pg_locks where locktype = 'advisory'
      and database = (select oid from pg_database where datname = current_database())`)
    expect(locks).toEqual([{ count: 0 }])
  },
)
