import { spawn } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { listBackups, verifyBackup } from '../backup/verify-backup.ts'
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts'

const example = join(import.meta.dirname, '../../examples/issues-and-files')
const script = join(import.meta.dirname, '../testing/consolidate-process.ts')

let directory = ''

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'migrate-consolidate-crash-'))
})
afterAll(() => rm(directory, { recursive: true, force: true }))

async function createExample(): Promise<TestDatabase> {
  const database = await createTestDatabase()
  await database.query(await readFile(join(example, 'fixture.sql'), 'utf8'))
  return database
}

type Ended = { readonly messages: number; readonly said: string | undefined }

/** Starts a process and kills it when it has sent so many messages. */
async function start(database: TestDatabase, killAfter = Infinity): Promise<Ended> {
  const child = spawn(
    process.execPath,
    [script, JSON.stringify(database.target), join(example, 'spec.json'), directory],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  let messages = 0
  let said: string | undefined
  const closed = new Promise((resolve) => child.once('close', resolve))
  for await (const line of createInterface({ input: child.stdout })) {
    if (line === 'message') messages += 1
    else said = line
    if (messages >= killAfter) child.kill('SIGKILL')
  }
  await closed
  return { messages, said }
}

async function contentsOf(database: TestDatabase) {
  const tables = await database.query<{ name: string }>(
    `select format('%I', relname) as name from pg_class c join pg_namespace n on n.oid = relnamespace
      where relkind = 'r' and nspname = 'public' and relname !~ '^schema_migration' order by 1`,
  )
  const contents: Record<string, unknown> = {}
  for (const { name } of tables)
    contents[name] = await database.query(
      `select (to_jsonb(t) - 'updated_at')::text as row from ${name} t order by 1`,
    )
  return contents
}

it('converges after a kill at any moment, and nothing is half done [CNS-5]', async () => {
  await using whole = await createExample()
  const { messages, said } = await start(whole)
  expect(said).toBe('done')
  const after = await contentsOf(whole)
  await using database = await createExample()
  const before = await contentsOf(database)
  const moments = [0.3, 0.6, 0.8, 0.95, 0.99]
  for (const moment of moments) {
    await start(database, Math.floor(messages * moment))
    const now = await contentsOf(database)
    expect([before, after]).toContainEqual(now)
  }
  expect(['done', 'nothing-to-do']).toContain((await start(database)).said)
  expect(await contentsOf(database)).toEqual(after)
  const [row] = await database.query<{ location: string }>(
    `select status, backup_location as location from schema_migrations`,
  )
  expect(row).toMatchObject({ status: 'completed' })
  expect((await verifyBackup(row?.location ?? '')).kind).toBe('verified')
  const named = (await listBackups(directory)).length
  const unfinished = (await readdir(directory)).filter((name) => name.includes('unfinished'))
  expect(named + unfinished.length).toBe((await readdir(directory)).length)
}, 300_000)

it('runs once when three start at the same time', async () => {
  await using database = await createExample()
  const ended = await Promise.all([start(database), start(database), start(database)])
  expect(ended.filter(({ said }) => said === 'done')).toHaveLength(1)
  expect(ended.filter(({ said }) => said === 'nothing-to-do')).toHaveLength(2)
  const [count] = await database.query('select count(*)::int as n from exai_issues')
  expect(count).toEqual({ n: 18 })
}, 180_000)
