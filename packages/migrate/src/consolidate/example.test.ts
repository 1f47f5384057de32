import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createBackup } from '../backup/create-backup.ts'
import { verifyBackup } from '../backup/verify-backup.ts'
import { fingerprintOf } from '../catalog/fingerprint.ts'
import type { Query } from '../catalog/query.ts'
import { readFacts } from '../catalog/read-facts.ts'
import { executeOn, plainMigration } from '../testing/plain-migration.ts'
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts'
import { undo } from '../undo/undo.ts'
import { consolidate, type ConsolidateOptions } from './consolidate.ts'
import { rollbackConsolidation } from './rollback-consolidation.ts'
import { readSpec, type ConsolidationSpec } from './spec.ts'

const example = join(import.meta.dirname, '../../examples/issues-and-files')

let directory = ''

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'migrate-consolidate-'))
})
afterAll(() => rm(directory, { recursive: true, force: true }))

const queryOf =
  (database: TestDatabase): Query =>
  async (text, values = []) => ({ rows: await database.query(text, [...values]) })

async function specOfExample(): Promise<ConsolidationSpec> {
  const read = readSpec(await readFile(join(example, 'spec.json'), 'utf8'))
  if (read.kind === 'refused') throw new Error(read.objections[0]?.because)
  return read.spec
}

async function createExample(): Promise<TestDatabase> {
  const database = await createTestDatabase()
  await database.query(await readFile(join(example, 'fixture.sql'), 'utf8'))
  return database
}

const ledgerTables = ['lease', 'statements'].map((name) => `public.schema_migration_${name}`)

/** Everything that the database holds: hashes of all rows, where sequences stand, the catalog. */
async function exportOf(database: TestDatabase) {
  const query = queryOf(database)
  const made = await createBackup({
    query,
    directory,
    parts: 'all',
    except: ['public.schema_migrations', ...ledgerTables],
  })
  if (made.kind === 'refused') throw new Error(made.objections[0]?.because)
  const { entries, sequences } = made.manifest
  const { structure, environment } = fingerprintOf(await readFacts(query))
  return {
    tables: entries.map(({ name, rows, sha256 }) => ({ name, rows, sha256 })),
    sequences,
    structure,
    environment,
  }
}

async function run(database: TestDatabase, options: Partial<ConsolidateOptions> = {}) {
  return consolidate({
    target: { open: () => database.connect() },
    spec: await specOfExample(),
    backupDirectory: directory,
    mode: 'apply',
    appVersion: 'test',
    ...options,
  })
}

const rollBack = (database: TestDatabase, acceptsLoss = false) =>
  rollbackConsolidation({
    target: { open: () => database.connect() },
    name: 'consolidate-issues-and-files',
    acceptsLoss,
  })

it('plans without changing anything: SQL, checklist and downtime [CNS-9]', async () => {
  await using database = await createExample()
  const before = await exportOf(database)
  const result = await run(database, { mode: 'plan' })
  if (result.kind !== 'planned') throw new Error(JSON.stringify(result))
  const { sql, checklist, estimate } = result.plan
  expect(sql).toContain(
    'drop table public.issues, public.exai_issues_tracker, public.file_metadata',
  )
  expect(checklist.en).toContain('Announce the downtime')
  expect(checklist.he).toContain('הודיעו על ההשבתה')
  expect(estimate.tables.map(({ name }) => name)).toContain('public.exai_issues_tracker')
  expect(estimate.seconds).toBeGreaterThan(0)
  expect(await exportOf(database)).toEqual(before)
})

it('rehearses everything, the way back included, and leaves no trace [CNS-9]', async () => {
  await using database = await createExample()
  const before = await exportOf(database)
  const result = await run(database, { mode: 'rehearse' })
  expect(result).toMatchObject({ kind: 'rehearsed' })
  expect(await exportOf(database)).toEqual(before)
})

it('puts three tables of issues into one, with each value where the map says [CNS-2] [CNS-3] [D-13]', async () => {
  await using database = await createExample()
  expect(await run(database)).toMatchObject({ kind: 'done' })
  const counts = await database.query(`select source_system, count(*)::int as rows,
      count(*) filter (where metadata ? 'source_system')::int as with_source
    from exai_issues group by 1 order by 1`)
  expect(counts).toEqual([
    { source_system: 'exai_issues', rows: 3, with_source: 0 },
    { source_system: 'exai_issues_tracker', rows: 14, with_source: 11 },
    { source_system: 'issues', rows: 1, with_source: 0 },
  ])
  const [tracked] = await database.query(`select title, status, priority, root_cause, actual_fix,
      metadata, created_at::text from exai_issues where title = 'Tracked issue 2'`)
  expect(tracked).toEqual({
    title: 'Tracked issue 2',
    status: 'resolved',
    priority: 'high',
    root_cause: 'Cause 2',
    actual_fix: null,
    metadata: {
      diagnostic_approach: 'Bisected; "2" \\ reproduced',
      fix_strategy: 'Rewrite step 2',
      source_system: 'בדיקות',
      tracker_no: 2,
    },
    created_at: expect.stringContaining('2026-08-03'),
  })
  const [issue] = await database.query(`select metadata, source_system, priority from exai_issues
    where id = '20000000-0000-4000-8000-000000000001'`)
  expect(issue).toEqual({
    metadata: { severity: 2, found_at: '2026-06-30T23:59:59.999999Z' },
    source_system: 'issues',
    priority: null,
  })
})

it('leads foreign keys to the rows that the old ones became, with CASCADE [CNS-5] [CNS-6]', async () => {
  await using database = await createExample()
  await run(database)
  const keys = await database.query(`select conname, pg_get_constraintdef(oid) as definition
    from pg_constraint where confrelid = 'exai_issues'::regclass order by 1`)
  expect(keys).toEqual([
    {
      conname: 'issue_comments_issue',
      definition: 'FOREIGN KEY (issue_id) REFERENCES exai_issues(id) ON DELETE CASCADE',
    },
    {
      conname: 'issue_votes_issue_id_fkey',
      definition: 'FOREIGN KEY (issue_id) REFERENCES exai_issues(id) ON DELETE CASCADE',
    },
  ])
  const tables = await database.query(`select relname from pg_class where relname in
    ('issues', 'exai_issues_tracker', 'file_metadata')`)
  expect(tables).toEqual([])
  await database.query(`delete from exai_issues where title = 'Tracked issue 3'`)
  const [left] = await database.query('select count(*)::int as n from issue_comments')
  expect(left).toEqual({ n: 18 })
})

it('is recorded with a verified backup and the way back, and runs once [CNS-1] [CNS-8]', async () => {
  await using database = await createExample()
  const result = await run(database)
  if (result.kind !== 'done') throw new Error(JSON.stringify(result))
  const [row] = await database.query(`select migration_type, status, backup_location,
      rollback_script, error_message from schema_migrations`)
  expect(row).toMatchObject({
    migration_type: 'consolidation',
    status: 'completed',
    backup_location: result.location,
    error_message: null,
  })
  expect(String(row?.['rollback_script'])).toContain('create table public.issues')
  const exact = await verifyBackup(result.location ?? '')
  const full = await verifyBackup(result.fullLocation ?? '')
  expect([exact.kind, full.kind]).toEqual(['verified', 'verified'])
  const names = 'manifest' in full ? full.manifest.entries.map(({ name }) => name) : []
  expect(names).toEqual(expect.arrayContaining(['public.users', 'public.issues', 'public.files']))
  expect(await run(database)).toEqual({ kind: 'nothing-to-do' })
})

it('goes back to a database that is byte for byte the one before [CNS-7] [MIG-14]', async () => {
  await using database = await createExample()
  const before = await exportOf(database)
  await run(database)
  expect(await rollBack(database)).toMatchObject({ kind: 'rolled-back' })
  expect(await exportOf(database)).toEqual(before)
  expect(await database.query('select status from schema_migrations')).toEqual([
    { status: 'rolled_back' },
  ])
  expect(await run(database)).toMatchObject({ kind: 'done' })
  expect(await rollBack(database)).toMatchObject({ kind: 'rolled-back' })
  expect(await exportOf(database)).toEqual(before)
}, 240_000)

it('aborts when file_metadata has a row, and nothing is changed [CNS-4]', async () => {
  await using database = await createExample()
  await database.query(`insert into file_metadata (file_id, mime_type)
    values ('40000000-0000-4000-8000-000000000001', 'application/pdf')`)
  const before = await exportOf(database)
  expect(await run(database)).toMatchObject({
    kind: 'refused',
    objections: [{ code: 'probe-failed', object: 'public.file_metadata' }],
  })
  expect(await exportOf(database)).toEqual(before)
})

it('does not go back over what was written since, unless that is meant', async () => {
  await using database = await createExample()
  await run(database)
  await database.query(`update exai_issues set title = 'Changed' where title = 'Tracked issue 4'`)
  expect(await rollBack(database)).toMatchObject({
    kind: 'refused',
    objections: [{ code: 'inverse-lossy' }],
  })
  await database.query(`insert into issue_comments (issue_id, body)
    select id, 'new' from exai_issues where title = 'Tracked issue 5'`)
  expect(await rollBack(database, true)).toMatchObject({ kind: 'rolled-back' })
  const rows = await database.query(`select t.title from issue_comments c
    join exai_issues_tracker t on t.id = c.issue_id where body = 'new'`)
  expect(rows).toEqual([{ title: 'Tracked issue 5' }])
  const [count] = await database.query('select count(*)::int as n from exai_issues')
  expect(count).toEqual({ n: 3 })
}, 240_000)

it('lets the files of the application go on as if it were not there', async () => {
  await using database = await createExample()
  const first = plainMigration('0001_a', 'create table a (id int)')
  const second = plainMigration('0002_b', 'create table b (id int)')
  expect(await executeOn(database, [first])).toMatchObject({ kind: 'done' })
  expect(await run(database)).toMatchObject({ kind: 'done' })
  expect(await executeOn(database, [first])).toMatchObject({ kind: 'nothing-to-do' })
  expect(await executeOn(database, [first, second])).toMatchObject({ applied: ['0002_b'] })
  expect(await rollBack(database)).toMatchObject({ kind: 'rolled-back' })
  expect(await executeOn(database, [first, second])).toMatchObject({ kind: 'nothing-to-do' })
}, 240_000)

it('is taken back by going down as well, with its backup and its proofs [CNS-7]', async () => {
  await using database = await createExample()
  const before = await exportOf(database)
  await run(database)
  const target = { open: () => database.connect() }
  const down = () => undo({ target, appVersion: 'test', selection: { kind: 'steps', count: 1 } })
  const [row] = await database.query<{ script: string }>(
    'select rollback_script as script from schema_migrations',
  )
  await expect(database.query(row?.script ?? '')).rejects.toThrow('needs its backup')
  await database.query(`update exai_issues set title = 'x' where title = 'Tracked issue 4'`)
  expect(await down()).toMatchObject({
    kind: 'refused',
    objections: [{ code: 'inverse-lossy' }],
  })
  await database.query(`update exai_issues set title = 'Tracked issue 4' where title = 'x'`)
  const kept = await undo({
    target,
    appVersion: 'test',
    selection: { kind: 'steps', count: 1 },
    acceptLoss: 'only the time of the last change',
  })
  expect(kept).toMatchObject({ kind: 'done' })
  expect(await exportOf(database)).toEqual(before)
}, 240_000)
