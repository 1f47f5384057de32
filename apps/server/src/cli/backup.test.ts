import { createHash, randomBytes, randomUUID } from 'node:crypto'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { loadConfig } from '../config/config.ts'
import type { ObjectStore } from '../integrations/object-store/object-store.ts'
import { openArchive } from '../platform/backup/archive.ts'
import { createBackup } from '../platform/backup/create-backup.ts'
import { startTemporaryPostgres } from '../platform/db/embedded/temporary-postgres.ts'
import { databaseOf, onDatabase } from '../platform/db/rows/databases.ts'
import { openOwner } from '../platform/db/rows/schema-rows.ts'
import type { ConnectionTarget, Database } from '../platform/db/database.ts'
import { openDatabase } from '../platform/db/database.ts'
import { createLog } from '../platform/log/log.ts'
import { copyDatabase, type TestDatabase } from '../testing/test-database.ts'
import { runBackup } from './backup.ts'

const silent = createLog({ level: 'silent' })
const made: string[] = []
let source: TestDatabase

beforeAll(async () => {
  source = await copyDatabase()
  await source.asOwner(async (db) => {
    await db.query(`insert into users (id, employee_id, name, email, display_name, hashed_password,
        encrypted_jira_pat, jira_url, jira_flavour, jira_token_hint, wrapped_key, role, avatar_image, preferences)
      select gen_random_uuid(), 'E' || n, 'noa.' || n, n || '@x.example', E'נועה \\\\ \\t \\n ' || n, 'h', 'p',
        'https://j.example', 'dc', 't', 'v1.0123456789abcdef.x', 'member', decode('00ff0a5c', 'hex'),
        jsonb_build_object('a', E'line\\nbreak', 'n', 1.10)
      from generate_series(1, 500) n`)
    await db.query(`insert into audit_events (actor_id, action, outcome, facts)
      select null, 'session.begin', 'done', jsonb_build_object('n', n) from generate_series(1, 50) n`)
    await db.query(`insert into workspace (id, installation_id) values (true, '${randomUUID()}')
      on conflict (id) do update set installation_id = excluded.installation_id`)
  })
})
afterAll(async () => {
  await source[Symbol.asyncDispose]()
  for (const path of made) rmSync(path, { recursive: true, force: true })
})

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'backup-test-'))
  made.push(path)
  return path
}

function place(target: ConnectionTarget = source.target, archives = folder()): Place {
  return { target, data: folder(), archives }
}

/** A store with one object, and one of somebody else. */
function storeWith(key: string, bytes: Buffer): ObjectStore {
  return {
    kind: 's3',
    put: async () => {},
    remove: async () => {},
    check: async () => {},
    removeTorn: async () => 0,
    read: async () => Readable.from([bytes]),
    async *list() {
      yield { key, sizeBytes: bytes.length }
      yield { key: 'of-somebody-else', sizeBytes: 1 }
    },
  }
}

type Place = {
  readonly target: ConnectionTarget
  readonly data: string
  readonly archives: string
  readonly s3?: ObjectStore
}

async function run(
  { target, data, archives, s3 }: Place,
  args: readonly string[],
  signal?: AbortSignal,
) {
  const env = { STUDIOOPS_DATA_DIR: data, BACKUP_DIRECTORY: archives, LANG: 'en' }
  const out: string[] = []
  const told: string[] = []
  const databases: Database[] = []
  const openIt = async () => {
    const database = openDatabase({ target, roles: 'switched' }, silent)
    databases.push(database)
    return database
  }
  try {
    const code = await runBackup(args, {
      config: loadConfig(env),
      env,
      cwd: data,
      version: '0.0.0-test',
      openOwner: async () => target,
      openDatabase: openIt,
      openStores: async () => (s3 === undefined ? [] : [s3]),
      terminal: { out: (text) => void out.push(text), tell: (text) => void told.push(text) },
      sealingCost: 1024,
      ...(signal === undefined ? {} : { signal }),
    })
    return { code, text: out.join(''), told: told.join('') }
  } finally {
    for (const database of databases) await database[Symbol.asyncDispose]()
  }
}

async function archived(where: Place, args: readonly string[] = []) {
  const { code, text } = await run(where, ['create', '--json', ...args])
  expect(code).toBe(0)
  const facts = JSON.parse(text) as { file: string; rows: number }
  return { ...facts, path: join(where.archives, facts.file) }
}

/** What is in an archive, by part: of the same rows and files it is the same. */
async function linesOf(path: string): Promise<string[]> {
  const { entries } = await openArchive(path)
  for await (const { name, body } of entries) {
    const chunks: Buffer[] = []
    for await (const chunk of body) chunks.push(chunk)
    if (name === 'manifest.ndjson')
      return (
        Buffer.concat(chunks)
          .toString()
          .split('\n')
          // The restore itself is in the audit log; the header has the time.
          .filter(
            (line) => !/"(?:header\.json|configuration\.json|tables\/audit_events)"/.test(line),
          )
      )
  }
  throw new Error('no manifest')
}

/** What one table has in an archive. */
async function textOf(path: string, table: string): Promise<string> {
  const { entries } = await openArchive(path)
  const chunks: Buffer[] = []
  for await (const { name, body } of entries)
    if (name.startsWith(`tables/${table}/`)) for await (const chunk of body) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

async function emptyDatabase(
  server: ConnectionTarget,
  name = `restored_${randomUUID().slice(0, 8)}`,
) {
  await using session = await openOwner(onDatabase(server, 'postgres'))
  await session.client.query(`create database ${name}`)
  return onDatabase(server, name)
}

async function databasesOf(server: ConnectionTarget): Promise<string[]> {
  await using session = await openOwner(onDatabase(server, 'postgres'))
  const { rows } = await session.client.query<{ name: string }>(
    'select datname as name from pg_database order by 1',
  )
  return rows.map(({ name }) => name)
}

describe('studioops backup', () => {
  it('holds what lies in an S3 store, and brings it back without that store [OPS-7, OPS-9]', async () => {
    const copy = await copyDatabase()
    try {
      const projectId = randomUUID()
      const bytes = randomBytes(100_000)
      const hash = createHash('sha256').update(bytes).digest('hex')
      await copy.asOwner(async (db) => {
        await db.query(`insert into projects (id, name) values ($1, 'x')`, [projectId])
        await db.query(
          `insert into files (id, project_id, file_hash, size_bytes, format, stored_in, stored_at, state)
           values (gen_random_uuid(), $1, $2, 100000, 'text', 's3', now(), 'ready'),
             (gen_random_uuid(), $1, repeat('0', 64), 1, 'text', 's3', now(), 'ready')`,
          [projectId, hash],
        )
      })
      const s3 = storeWith(`${projectId}/${hash}`, bytes)
      const { path } = await archived({ ...place(copy.target), s3 })
      const after = place(await emptyDatabase(inject('postgres')))
      expect(await run(after, ['restore', path])).toMatchObject({ code: 0 })
      expect(readFileSync(join(after.data, 'files/objects', projectId, hash))).toEqual(bytes)
      await using session = await openOwner(after.target)
      const { rows } = await session.client.query('select stored_in from files order by size_bytes')
      // What the store had lost is not claimed to be here.
      expect(rows).toEqual([{ stored_in: 's3' }, { stored_in: 'files' }])
    } finally {
      await copy[Symbol.asyncDispose]()
    }
  }, 180_000)

  it('brings back every row and file byte by byte, on the same server and on another one [OPS-7]', async () => {
    const before = place()
    mkdirSync(join(before.data, 'company-model', 'deep'), { recursive: true })
    writeFileSync(join(before.data, 'company-model', 'config.json'), '{"ש":1}')
    writeFileSync(join(before.data, 'company-model', 'deep', 'empty'), '')
    mkdirSync(join(before.data, 'files', 'objects', randomUUID()), { recursive: true })
    writeFileSync(join(before.data, 'files', 'objects', 'blob'), Buffer.alloc(700_000, 7))
    const { path, rows } = await archived(before)
    expect(rows).toBeGreaterThan(550)
    expect(statSync(path).mode & 0o077).toBe(0)
    expect(await run(before, ['verify', path])).toMatchObject({ code: 0 })

    const other = await startTemporaryPostgres()
    try {
      for (const server of [inject('postgres'), other.connection]) {
        const after = place(await emptyDatabase(server))
        const restored = await run(after, ['restore', path])
        expect(restored).toMatchObject({ code: 0 })
        expect(restored.text).toContain('master key of this fingerprint')
        expect(restored.text).toContain('0123456789abcdef')
        expect(await linesOf((await archived(after)).path)).toEqual(await linesOf(path))
        expect(readFileSync(join(after.data, 'files', 'objects', 'blob'))).toHaveLength(700_000)
        await using session = await openOwner(after.target)
        // Triggers and foreign keys are there again, and the chain of the audit log is whole.
        await expect(session.client.query('delete from audit_events')).rejects.toThrow(
          'append-only',
        )
        await expect(
          session.client.query(`insert into user_sessions (jti, user_id, expires_at, absolute_end)
            values (gen_random_uuid(), gen_random_uuid(), now(), now())`),
        ).rejects.toMatchObject({ code: '23503' })
      }
    } finally {
      await other.stop()
    }
  }, 180_000)

  it('refuses another installation, a running one and a newer one, and keeps what it replaces [OPS-7]', async () => {
    const here = place()
    const { path } = await archived(here)
    const target = await emptyDatabase(inject('postgres'))
    const there = place(target, here.archives)
    expect(await run(there, ['restore', path])).toMatchObject({ code: 0 })
    // The same installation: its rows of now give way, and stay under another name.
    await using changed = await openOwner(target)
    await changed.client.query('delete from users')
    await changed[Symbol.asyncDispose]()
    expect(await run(there, ['restore', '--rehearse', path])).toMatchObject({
      code: 0,
      text: expect.stringContaining('users: 0 → 500'),
    })
    const again = await run(there, ['restore', path])
    expect(again).toMatchObject({ code: 0, text: expect.stringContaining('_before_') })
    const kept = await databasesOf(target)
    expect(kept.filter((name) => name.startsWith(`${databaseOf(target)}_before_`))).toHaveLength(1)
    expect(kept.filter((name) => name.startsWith('studioops_restore_'))).toEqual([])

    await using foreign = await openOwner(target)
    await foreign.client.query('update workspace set installation_id = gen_random_uuid()')
    await foreign[Symbol.asyncDispose]()
    const refused = await run(there, ['restore', path, '--json', '--lang', 'he'])
    expect(refused.code).toBe(1)
    expect(JSON.parse(refused.text)).toMatchObject({
      code: 'backup.foreign',
      message: 'במסד הנתונים הזה יש אנשים של התקנה אחרת.',
    })
    expect(await run(there, ['restore', '--force', path])).toMatchObject({ code: 0 })

    const running = openDatabase({ target, roles: 'switched' }, silent)
    await running.ping()
    expect(await run(there, ['restore', path])).toMatchObject({
      code: 1,
      told: expect.stringContaining('StudioOps is running'),
    })
    await running[Symbol.asyncDispose]()

    await using newer = await openOwner(source.target)
    await newer.client.query(`insert into schema_migrations (migration_name, migration_type, status)
      values ('9999_later', 'schema_change', 'completed')`)
    const late = await archived(here)
    await newer.client.query(`delete from schema_migrations where migration_name = '9999_later'`)
    expect(await run(there, ['restore', late.path])).toMatchObject({
      code: 1,
      told: expect.stringContaining('9999_later'),
    })
  }, 180_000)

  it('finds every cut, swap and changed byte, and nothing opens without the passphrase [OPS-7]', async () => {
    const here = place()
    const secret = join(here.data, 'passphrase')
    writeFileSync(secret, 'correct horse battery\n')
    const plain = await archived(here)
    const sealed = await archived(here, ['--passphrase-file', secret])
    expect(readFileSync(sealed.path).includes('users')).toBe(false)
    const verify = (path: string, ...more: string[]) => run(here, ['verify', path, ...more])
    expect(await verify(sealed.path)).toMatchObject({ code: 1 })
    expect(await verify(sealed.path, '--passphrase-file', secret)).toMatchObject({ code: 0 })
    const wrong = join(here.data, 'wrong')
    writeFileSync(wrong, 'another passphrase')
    expect(await verify(sealed.path, '--passphrase-file', wrong)).toMatchObject({
      code: 1,
      told: expect.stringContaining('does not open with this passphrase'),
    })
    const broken = join(here.data, 'broken')
    for (const path of [plain.path, sealed.path]) {
      const bytes = readFileSync(path)
      const attempts: Buffer[] = [0.1, 0.4, 0.7, 0.95].map((part) => {
        const changed = Buffer.from(bytes)
        const at = Math.floor(bytes.length * part)
        changed[at] = (changed[at] ?? 0) ^ 1
        return changed
      })
      attempts.push(bytes.subarray(0, bytes.length - 1), bytes.subarray(0, bytes.length >> 1))
      attempts.push(Buffer.concat([bytes, Buffer.from([0])]), Buffer.alloc(0))
      for (const attempt of attempts) {
        writeFileSync(broken, attempt)
        expect(await verify(broken, '--passphrase-file', secret)).toMatchObject({ code: 1 })
      }
    }
    const random = join(here.data, 'files', 'objects')
    mkdirSync(random, { recursive: true })
    writeFileSync(join(random, 'blob'), randomBytes(300_000))
    const longer = await archived(here, ['--passphrase-file', secret])
    const whole = readFileSync(longer.path)
    const start = whole.indexOf(0x0a) + 1
    const size = 64 * 1024 + 16
    {
      const [a, b] = [
        whole.subarray(start, start + size),
        whole.subarray(start + size, start + 2 * size),
      ]
      writeFileSync(
        broken,
        Buffer.concat([whole.subarray(0, start), b, a, whole.subarray(start + 2 * size)]),
      )
      expect(await verify(broken, '--passphrase-file', secret)).toMatchObject({ code: 1 })
    }
  })

  it('shows one moment, however much is written meanwhile [OPS-7]', async () => {
    const busy = await copyDatabase()
    let hasEnded = false
    let writing: Promise<unknown> = Promise.resolve()
    try {
      await busy.asOwner((db) =>
        db.query(`create table counted (id int primary key, n int not null);
          create table total (n int not null); insert into total values (0)`),
      )
      const writers = [0, 1, 2].map((writer) =>
        busy.asOwner(async (db) => {
          for (let n = 0; !hasEnded; n += 1)
            await db.query(`begin; insert into counted values (${writer * 1_000_000 + n}, 1);
              update total set n = n + 1; commit`)
        }),
      )
      writing = Promise.all(writers)
      const directory = folder()
      for (let round = 0; round < 3; round += 1) {
        const { file } = await createBackup(
          { target: busy.target, product: 'x', places: [], configuration: {} },
          { directory, cause: 'command' },
        )
        const counted = (await textOf(join(directory, file), 'counted')).split('\n').length - 1
        expect(counted).toBe(Number(await textOf(join(directory, file), 'total')))
      }
    } finally {
      hasEnded = true
      await writing
      await busy[Symbol.asyncDispose]()
    }
  })

  it('leaves nothing that looks whole where it was broken off [OPS-7]', async () => {
    const here = place()
    const stop = new AbortController()
    stop.abort(new Error('stopped'))
    await expect(run(here, ['create'], stop.signal)).rejects.toThrow('stopped')
    expect(readdirSync(here.archives)).toEqual([])
    // As a kill leaves it.
    writeFileSync(join(here.archives, 'studioops-20260101T000000Z-00000000.tar.zst.draft'), 'half')
    expect((await run(here, ['list', '--json'])).text).toContain('"backups": []')
  })

  it('keeps a schedule, lists what there is, and says how it is used in both languages [OPS-7]', async () => {
    const here = place()
    expect(await run(here, ['schedule'])).toMatchObject({
      text: 'No backups are made by themselves.\n',
    })
    await archived(here)
    await archived(here)
    expect(await run(here, ['schedule', '--every-hours', '24', '--keep', '1'])).toMatchObject({
      code: 0,
      text: 'Backups are made every 24 hours; the newest 1 are kept.\n',
    })
    const { backups } = JSON.parse((await run(here, ['list', '--json'])).text) as {
      backups: unknown[]
    }
    expect(backups).toHaveLength(1)
    expect(await run(here, ['schedule', '--off', '--json'])).toMatchObject({ code: 0 })
    expect(await run(here, ['schedule', '--every-hours', '0'])).toMatchObject({ code: 3 })
    expect(await run(here, ['verify'])).toMatchObject({ code: 3 })
    expect((await run(here, ['--help', '--lang', 'he'])).text).toContain('שימוש: studioops backup')
    expect(
      await run(here, ['verify', 'studioops-20260101T000000Z-00000000.tar.zst']),
    ).toMatchObject({
      code: 1,
      told: expect.stringContaining('There is no such backup'),
    })
  })
})
