import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { restoreDatabase } from '../backup/backup.ts'
import type { MigrationEvent } from '../execute/events.ts'
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts'
import { createMigrator } from './migrator.ts'
import type { MigratorOptions } from './migrator-options.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'studioops-verbs-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function migratorWith(
  database: TestDatabase,
  files: Readonly<Record<string, string>>,
  more: Partial<MigratorOptions> = {},
) {
  const directory = await mkdtemp(join(folder, 'files-'))
  for (const [name, text] of Object.entries(files))
    await writeFile(join(directory, `${name}.sql`), text)
  return createMigrator({
    directory,
    target: { open: () => database.connect() },
    // For a scratch database, where the server has another version than the shadow in the process.
    connection: database.target,
    appVersion: 'test',
    imageDirectory: join(folder, 'images'),
    backupDirectory: join(directory, 'backups'),
    ...more,
  })
}

const files = {
  '0001_people': `create table people (id int primary key, name text not null, note text)`,
  '0002_rows': `insert into people values (1, 'Noa', 'kept'), (2, 'Daniel', null)`,
  '0003_note': '-- destructive: yes\nalter table people drop column note',
}

it(
  'takes migrations back with the rows that they destroyed, and runs them again [MIG-9] [MIG-14]',
  { timeout: 300_000 },
  async () => {
    await using database = await createTestDatabase()
    const migrator = await migratorWith(database, files)
    expect(await migrator.up()).toMatchObject({ kind: 'done' })
    const [row] = await database.query(
      `select backup_location as place from schema_migrations where migration_name = '0003_note'`,
    )
    expect(row?.['place']).toContain('backups')
    expect(await migrator.down()).toEqual({ kind: 'done', undone: ['0003_note'] })
    expect(await database.query('select id, note from people order by 1')).toEqual([
      { id: 1, note: 'kept' },
      { id: 2, note: null },
    ])
    expect(await migrator.redo({ selection: { kind: 'steps', count: 1 } })).toMatchObject({
      down: { kind: 'done', undone: ['0002_rows'] },
      up: { kind: 'done', applied: ['0002_rows', '0003_note'] },
    })
    expect(await database.query('select id, name from people order by 1')).toEqual([
      { id: 1, name: 'Noa' },
      { id: 2, name: 'Daniel' },
    ])
  },
)

it('finds what somebody took away, and brings it back as it was declared [MIG-6] [MIG-3]', async () => {
  await using database = await createTestDatabase()
  const migrator = await migratorWith(database, {
    '0001_people': files['0001_people'],
    '0002_index': 'create index people_name on people (name)',
  })
  await migrator.up()
  expect(await migrator.verify()).toMatchObject({ isFine: true, objections: [] })
  await database.query('drop index people_name; alter table people drop column note')
  const report = await migrator.verify()
  expect(report.isFine).toBe(false)
  expect(report.drift.findings.filter(({ blocks }) => blocks).map(({ key }) => key)).toEqual([
    'column public.people.note',
    'index public.people_name',
  ])
  expect(await migrator.plan()).toMatchObject({ kind: 'nothing-to-do' })
  expect(await migrator.planRepair()).toMatchObject({ kind: 'planned', plan: { kind: 'repair' } })
  expect((await migrator.drift()).findings.some(({ blocks }) => blocks)).toBe(true)
  expect(await migrator.repair()).toMatchObject({ kind: 'repaired', left: [] })
  expect(await migrator.verify()).toMatchObject({ isFine: true })
})

it('says what stops an application, and runs it so that it does not where it is told to [MIG-14]', async () => {
  await using database = await createTestDatabase()
  const first = await migratorWith(database, { '0001_people': files['0001_people'] })
  await first.up()
  const migrator = await migratorWith(database, {
    '0001_people': files['0001_people'],
    '0002_index': '-- why: lists by name\ncreate index people_name on people (name)',
  })
  const { findings } = await migrator.lint()
  expect(findings).toMatchObject([{ migration: '0002_index', statementNo: 1 }])
  expect(await migrator.up({ online: true })).toMatchObject({ kind: 'done' })
  const journal = await database.query(
    `select tx_class as class from schema_migration_statements s
       join schema_migrations m on m.id = s.migration_id where migration_name = '0002_index'`,
  )
  expect(journal).toEqual([{ class: 'alone' }])
})

it('keeps every table in files that were read back [MIG-14]', async () => {
  await using database = await createTestDatabase()
  const migrator = await migratorWith(database, files)
  await migrator.up()
  const directory = await mkdtemp(join(folder, 'backup-'))
  const result = await migrator.backup(directory)
  expect(result).toMatchObject({ kind: 'done' })
  const [name = ''] = await readdir(directory)
  expect(await readdir(join(directory, name))).toEqual(
    expect.arrayContaining(['manifest.json', 'public.people.jsonl.gz']),
  )
})

it('copies the whole database before an upgrade where it is told to, once for each, and it comes back from there [MIG-9] [OPS-7]', async () => {
  await using database = await createTestDatabase()
  const backupDirectory = await mkdtemp(join(folder, 'full-'))
  const options = { backupDirectory, fullBackup: true }
  const first = await migratorWith(database, { '0001_people': files['0001_people'] }, options)
  expect(await first.up()).toMatchObject({ kind: 'done' })
  expect(await readdir(backupDirectory)).toEqual([])
  await database.query(`insert into people values (1, 'Noa', 'as it was')`)
  const events: MigrationEvent[] = []
  const second = await migratorWith(
    database,
    { '0001_people': files['0001_people'], '0002_note': `update people set note = 'new'` },
    { ...options, onEvent: (event) => void events.push(event) },
  )
  expect(await second.up()).toMatchObject({ kind: 'done', applied: ['0002_note'] })
  expect(await second.up()).toEqual({ kind: 'nothing-to-do' })
  const told = events.filter(({ type }) => type === 'database-backed-up')
  expect(told).toMatchObject([{ tables: expect.any(Number), location: expect.any(String) }])
  const location = told[0]?.type === 'database-backed-up' ? told[0].location : ''
  await using other = await createTestDatabase()
  const query = async (text: string, values?: readonly unknown[]) => ({
    rows: await other.query(text, values),
  })
  expect(await restoreDatabase({ query, location })).toMatchObject({ kind: 'done' })
  expect(await other.query('select note from people')).toEqual([{ note: 'as it was' }])
  expect(
    await other.query(`select migration_name from schema_migrations where status = 'completed'`),
  ).toEqual([{ migration_name: '0001_people' }])
})

it('begins no upgrade whose database could not be copied [MIG-9] [OPS-7]', async () => {
  await using database = await createTestDatabase()
  const backupDirectory = join(await mkdtemp(join(folder, 'full-')), 'a file')
  const first = await migratorWith(database, { '0001_people': files['0001_people'] })
  await first.up()
  await writeFile(backupDirectory, 'in the way')
  const second = await migratorWith(
    database,
    { '0001_people': files['0001_people'], '0002_more': 'create table more (id int)' },
    { backupDirectory, fullBackup: true },
  )
  expect(await second.up()).toMatchObject({
    kind: 'refused',
    applied: [],
    objections: [{ code: 'backup-failed' }],
  })
  expect(await database.query(`select to_regclass('more') as more`)).toEqual([{ more: null }])
})

it('goes on after a kill between two statements, as often as it takes [MIG-7] [MIG-13]', async () => {
  await using database = await createTestDatabase()
  const text = `create table a (id int primary key);
    create index concurrently a_id on a (id);
    create table b (id int);
    drop index concurrently a_id`
  const migrator = await migratorWith(database, { '0001_a': text })
  const abort = new AbortController()
  const interrupted = await migratorWith(
    database,
    { '0001_a': text },
    {
      signal: abort.signal,
      onEvent: (event) => {
        if (event.type === 'statement-done' && event.statementNo === 2) abort.abort()
      },
    },
  )
  expect(await interrupted.up()).toMatchObject({ kind: 'stopped' })
  expect(await migrator.status()).toMatchObject({
    migrations: [{ status: 'in_progress', statementsDone: 2, statementsTotal: 4 }],
  })
  const result = await migrator.up()
  expect(result).toMatchObject({ kind: 'done', applied: ['0001_a'] })
  const journal = await database.query(
    `select statement_no as no, state, attempt from schema_migration_statements order by 1`,
  )
  expect(journal).toEqual([1, 2, 3, 4].map((no) => ({ no, state: 'done', attempt: 1 })))
})
