import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createHash } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it, vi } from 'vitest'
import type { Migration } from '../execute/migration.ts'
import { checksumOf } from '../text/checksum.ts'
import { loadParser } from '../text/parser.ts'
import { executeOn, plainStatements } from '../testing/plain-migration.ts'
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts'
import { importLedger, type ImportResult } from './import-ledger.ts'
import { type ReadDirectory, readDirectory } from './read-directory.ts'

const fixtures = join(import.meta.dirname, '..', '..', 'fixtures', 'other-tools')

const values: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  flyway: { reader: 'public' },
  'graphile-migrate': { ':DATABASE_OWNER': 'current_user' },
}

/** Ledgers as the tools themselves wrote them for the fixtures, or as their documentation says. */
const ledgers: Readonly<Record<string, readonly string[]>> = {
  drizzle: [
    'create schema drizzle',
    'create table drizzle.__drizzle_migrations (id serial primary key, hash text not null, created_at bigint)',
    `insert into drizzle.__drizzle_migrations (hash, created_at) values
      ('130352836437fc357779809f60e6fcd68da3e928bebc88a90242ef7937cfbc70', 1795276614649),
      ('f286d16c7aa3050b7f4f623d1b0f1efed330f1dbb06420529f1178997607386a', 1795276616986),
      ('9504b2ebea49b1a9c00119cd98ced356042ba88e0990d79b7ba2fc3e771cd308', 1795276618654)`,
  ],
  'node-pg-migrate': [
    'create table pgmigrations (id serial primary key, name varchar(255) not null, run_on timestamp not null)',
    `insert into pgmigrations (name, run_on) values ('1795276621525_start', '2026-11-21T15:57:02.156Z'),
      ('1795276621830_posts', '2026-11-21T15:57:02.156Z')`,
  ],
  dbmate: [
    'create table schema_migrations (version varchar primary key)',
    `insert into schema_migrations values ('20261121155702'), ('20261121155703')`,
  ],
  'graphile-migrate': [
    'create schema graphile_migrate',
    `create table graphile_migrate.migrations (hash text primary key, previous_hash text,
      filename text not null, date timestamptz not null default now())`,
    `insert into graphile_migrate.migrations (hash, previous_hash, filename) values
      ('sha1:5c9948410521b074bc3c2e64b4684964718c2604', null, '000001.sql'),
      ('sha1:efee5ee88757c5c1b301d38339853186e688e189', 'sha1:5c9948410521b074bc3c2e64b4684964718c2604', '000002.sql')`,
  ],
  'golang-migrate': [
    'create table schema_migrations (version bigint primary key, dirty boolean not null)',
    'insert into schema_migrations values (10, false)',
  ],
  prisma: [
    `create table _prisma_migrations (id varchar(36) primary key, checksum varchar(64) not null,
      finished_at timestamptz, migration_name varchar(255) not null, logs text,
      rolled_back_at timestamptz, started_at timestamptz not null default now(),
      applied_steps_count integer not null default 0)`,
  ],
  flyway: [
    `create table flyway_schema_history (installed_rank integer primary key, version varchar(50),
      description varchar(200) not null, type varchar(20) not null, script varchar(1000) not null,
      checksum integer, installed_by varchar(100) not null, installed_on timestamp default now(),
      execution_time integer not null, success boolean not null)`,
    `insert into flyway_schema_history values
      (1, '1', 'start', 'SQL', 'V1__start.sql', null, 'me', now(), 1, true),
      (2, '1.2', 'posts', 'SQL', 'V1.2__posts.sql', null, 'me', now(), 1, true),
      (3, '1.10', 'title', 'SQL', 'V1.10__title.sql', null, 'me', now(), 1, true),
      (4, null, 'titles', 'SQL', 'R__titles.sql', null, 'me', now(), 1, true)`,
  ],
}

type World = {
  readonly database: TestDatabase
  readonly directory: string
  read(): Promise<ReadDirectory>
  /** Runs files as their tool would have. */
  apply(...ids: readonly string[]): Promise<void>
  run(isDryRun?: boolean): Promise<ImportResult>
  [Symbol.asyncDispose](): Promise<void>
}

vi.setConfig({ testTimeout: 120_000 })

const images = await mkdtemp(join(tmpdir(), 'studioops-images-'))
afterAll(() => rm(images, { recursive: true, force: true }))

async function worldOf(tool: string): Promise<World> {
  const database = await createTestDatabase()
  const directory = await mkdtemp(join(tmpdir(), 'studioops-import-'))
  await cp(join(fixtures, tool), directory, { recursive: true })
  const read = () => readDirectory(directory, { placeholders: values[tool] ?? {} })
  return {
    database,
    directory,
    read,
    async apply(...ids) {
      const { sources } = await read()
      for (const id of ids)
        for (const { text } of await plainStatements(
          sources.find((source) => source.id === id)?.text ?? '',
        ))
          await database.query(text)
    },
    run: async (isDryRun = false) =>
      importLedger({
        target: { open: () => database.connect() },
        connection: database.target,
        directory: await read(),
        appVersion: 'test',
        imageDirectory: images,
        isDryRun,
      }),
    async [Symbol.asyncDispose]() {
      await database[Symbol.asyncDispose]()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

async function ledgerOf(database: TestDatabase) {
  const rows = await database.query<{ name: string; status: string }>(
    `select migration_name as name, status from schema_migrations
      where migration_name is not null order by migration_name collate "C"`,
  )
  return rows.map(({ name, status }) => `${name} ${status}`)
}

/** What the engine does with the database afterwards. */
async function goOn({ database, read }: World) {
  const parser = await loadParser()
  const { sources } = await read()
  const migrations = sources.map((source): Migration => {
    const checksum = checksumOf(source, parser)
    const prepare = async () => ({
      type: 'schema_change' as const,
      checksum,
      statements: await plainStatements(source.text),
    })
    return { name: source.id, checksum, prepare }
  })
  return executeOn(database, migrations)
}

describe.each(Object.keys(ledgers))('%s', (tool) => {
  it('is taken over by proof, runs nothing again, and goes on with the engine [MIG-5] [D-11]', async () => {
    await using world = await worldOf(tool)
    const { sources, files, paths } = await world.read()
    const ids = sources.map(({ id }) => id)
    await world.apply(...ids)
    for (const text of ledgers[tool] ?? []) await world.database.query(text)
    const prisma = tool === 'prisma' ? ids : []
    for (const id of prisma) {
      const text = files.find(({ path }) => path === paths.get(id))?.text ?? ''
      await world.database.query(
        `insert into _prisma_migrations (id, checksum, finished_at, migration_name, applied_steps_count)
          values ($1, $2, now(), $3, 1)`,
        [id.slice(0, 36), createHash('sha256').update(text).digest('hex'), id],
      )
    }
    expect(await world.run(true)).toMatchObject({ kind: 'proven', tool, applied: ids, pending: [] })
    expect(await world.run()).toEqual({
      kind: 'imported',
      tool,
      applied: ids,
      pending: [],
      warnings: [],
    })
    expect(await ledgerOf(world.database)).toEqual(ids.map((id) => `${id} completed`).toSorted())
    expect(await goOn(world)).toMatchObject({ kind: 'nothing-to-do' })
    const [row] = await world.database.query(
      'select origin, checksum is not null as checksum, statements_done > 0 as done from schema_migrations',
    )
    expect(row).toMatchObject({ checksum: true, done: true })
    expect(row?.['origin']).toContain(`${tool}:`)
  })
})

it('sees a file that its tool has skipped, and runs it', async () => {
  await using world = await worldOf('node-pg-migrate')
  await writeFile(
    join(world.directory, '1795276621600_late.sql'),
    '-- Up Migration\nCREATE TABLE late (id int);\n',
  )
  await world.apply('1795276621525_start', '1795276621830_posts')
  for (const text of ledgers['node-pg-migrate'] ?? []) await world.database.query(text)
  expect(await world.run()).toMatchObject({
    kind: 'imported',
    pending: ['1795276621600_late'],
    warnings: [{ code: 'late-file-conflict', migration: '1795276621600_late' }],
  })
  expect(await goOn(world)).toMatchObject({ kind: 'done', applied: ['1795276621600_late'] })
})

it('does not believe a mark about a file that came late below it', async () => {
  await using world = await worldOf('golang-migrate')
  await writeFile(join(world.directory, '3_late.up.sql'), 'CREATE TABLE late (id int);\n')
  await world.apply('1_start', '2_posts', '10_title')
  for (const text of ledgers['golang-migrate'] ?? []) await world.database.query(text)
  expect(await world.run()).toMatchObject({
    kind: 'imported',
    applied: ['1_start', '2_posts', '10_title'],
    pending: ['3_late'],
    warnings: [{ code: 'late-file-conflict', migration: '3_late' }],
  })
  expect(await goOn(world)).toMatchObject({ kind: 'done', applied: ['3_late'] })
})

describe('a dirty mark', () => {
  it.each([
    ['rolled back', ['1_start', '2_posts'], 'nothing of it is in the database', ['10_title']],
    ['finished', ['1_start', '2_posts', '10_title'], 'all of it is in the database', []],
  ])('of a file that %s is settled by the catalog', async (...row) => {
    const [, applied, because, pending] = row
    await using world = await worldOf('golang-migrate')
    await world.apply(...applied)
    for (const text of ledgers['golang-migrate'] ?? []) await world.database.query(text)
    await world.database.query('update schema_migrations set dirty = true')
    const result = await world.run()
    expect(result).toMatchObject({ kind: 'imported', applied, pending })
    expect(JSON.stringify(result)).toContain(because)
    expect(await ledgerOf(world.database)).toEqual(
      applied.map((id) => `${id} completed`).toSorted(),
    )
    expect(await goOn(world)).toMatchObject({
      kind: pending.length === 0 ? 'nothing-to-do' : 'done',
    })
  })
})

it('names the statement up to which a file has taken effect, and writes nothing', async () => {
  await using world = await worldOf('prisma')
  const [first, second] = (await world.read()).sources.map(({ id }) => id)
  await world.apply(first ?? '')
  await world.database.query(
    'CREATE TABLE "Post" ("id" SERIAL NOT NULL, "authorId" INTEGER, CONSTRAINT "Post_pkey" PRIMARY KEY ("id"))',
  )
  for (const text of ledgers['prisma'] ?? []) await world.database.query(text)
  await world.database.query(
    `insert into _prisma_migrations (id, checksum, finished_at, migration_name)
      values ('1', '', now(), $1), ('2', '', null, $2)`,
    [first, second],
  )
  expect(await world.run()).toMatchObject({
    kind: 'refused',
    objections: [{ code: 'drift', migration: second, statementNo: 2 }],
  })
  expect(await world.database.query(`select to_regclass('schema_migrations') as t`)).toEqual([
    { t: null },
  ])
})

describe('an edited file', () => {
  async function edited(change: (text: string) => string) {
    const world = await worldOf('graphile-migrate')
    await world.apply('000001-start', '000002')
    for (const text of ledgers['graphile-migrate'] ?? []) await world.database.query(text)
    const file = join(world.directory, 'committed', '000002.sql')
    await writeFile(file, change(await readFile(file, 'utf8')))
    return world
  }

  it('is taken over when it still gives the same schema, with a word about it', async () => {
    await using world = await edited((text) => `${text}-- a word more\n`)
    expect(await world.run()).toMatchObject({
      kind: 'imported',
      warnings: [{ code: 'checksum-changed', migration: '000002' }],
    })
  })

  it('is refused when it gives another one', async () => {
    await using world = await edited((text) => text.replace('user_id int', 'user_id bigint'))
    expect(await world.run()).toMatchObject({
      kind: 'refused',
      objections: [{ code: 'checksum-changed', migration: '000002' }],
    })
  })
})

it('refuses what the catalog contradicts, names it, and tolerates what no file makes', async () => {
  await using world = await worldOf('dbmate')
  await world.apply('20261121155702_start', '20261121155703_index')
  for (const text of ledgers['dbmate'] ?? []) await world.database.query(text)
  await world.database.query('drop index users_name')
  await world.database.query('create table by_hand (id int)')
  const refused = await world.run()
  expect(refused).toMatchObject({ kind: 'refused', objections: [{ code: 'drift' }] })
  expect(JSON.stringify(refused)).toContain('index public.users_name is missing')
  await world.database.query('create index users_name on users (name)')
  expect(await world.run()).toMatchObject({
    kind: 'imported',
    warnings: expect.arrayContaining([expect.objectContaining({ object: 'table public.by_hand' })]),
  })
})

it.each([
  ['no ledger', [], 'No ledger of drizzle'],
  [
    'a migration without its file',
    [
      ...(ledgers['drizzle'] ?? []),
      `update drizzle.__drizzle_migrations set hash = 'gone' where id = 2`,
    ],
    'drizzle has applied gone',
  ],
])('refuses %s', async (_, texts, because) => {
  await using world = await worldOf('drizzle')
  for (const text of texts) await world.database.query(text)
  const result = await world.run()
  expect(result.kind).toBe('refused')
  expect(JSON.stringify(result)).toContain(because)
})

it('waits for nobody while the tool itself is at work', async () => {
  await using world = await worldOf('node-pg-migrate')
  for (const text of ledgers['node-pg-migrate'] ?? []) await world.database.query(text)
  await world.database.query('select pg_advisory_lock(7241865325823964)')
  expect(await world.run()).toMatchObject({ kind: 'refused', objections: [{ code: 'blocked' }] })
})
