import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest'
import { createLog } from '../log/log.ts'
import { copyDatabase, type TestDatabase } from '../../testing/test-database.ts'
import { openPglite } from './embedded/embedded-pglite.ts'
import { type Database, type Db, isDatabaseUnavailable, openDatabase } from './database.ts'
import { migrateDatabase } from './migrate-database.ts'
import { migrationsFolder } from './schema-upgrade.ts'

const log = createLog({ level: 'silent' })
let copy: TestDatabase
let database: Database

beforeAll(async () => {
  copy = await copyDatabase()
  database = openDatabase(copy, log)
})
afterAll(async () => {
  await database[Symbol.asyncDispose]()
  await copy[Symbol.asyncDispose]()
})

async function givenUser(name: string) {
  const id = randomUUID()
  await copy.asOwner((db) =>
    db.query(
      `insert into users (id, employee_id, name, email, display_name, hashed_password, encrypted_jira_pat,
        jira_url, jira_flavour, jira_token_hint, wrapped_key, role)
      values ($1, $2, $2, $2, $2, '', '', '', 'dc', '', '', 'member')`,
      [id, name],
    ),
  )
  return id
}

describe('row-level security [ID-13]', () => {
  it('stands behind every table with an owner, and the run-time roles own nothing', async () => {
    const { rows } = await copy.asOwner((db) =>
      db.query(`
        select distinct c.relname from pg_class c
        join pg_attribute a on a.attrelid = c.oid and a.attname in ('owner_id', 'user_id', 'project_id', 'run_id', 'story_id')
        where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace
          and not (c.relrowsecurity and exists (select from pg_policy where polrelid = c.oid))`),
    )
    expect(rows).toEqual([])
    const roles = await copy.asOwner((db) =>
      db.query(`
        select rolname from pg_roles where rolname in ('studioops_app', 'studioops_maintenance')
          and not rolsuper and not rolbypassrls
          and not exists (select from pg_class where relowner = pg_roles.oid)`),
    )
    expect(roles.rowCount).toBe(2)
  })

  it('shows a person only the own rows, whatever the query forgets', async () => {
    const [noa, daniel] = [await givenUser('noa'), await givenUser('daniel')]
    const seen = await database.asUser(noa, (db) => db.selectFrom('users').select('id').execute())
    expect(seen).toEqual([{ id: noa }])
    const changed = await database.asUser(noa, (db) =>
      db.updateTable('users').set({ name: 'x' }).where('id', '=', daniel).executeTakeFirst(),
    )
    expect(changed.numUpdatedRows).toBe(0n)
  })

  it('shows nobody anything, and the next transaction nothing of the one before', async () => {
    const noa = await givenUser('noa2')
    await database.asUser(noa, (db) => db.selectFrom('users').select('id').execute())
    const seen = await database.asVisitor((db) => db.selectFrom('users').select('id').execute())
    expect(seen).toEqual([])
  })

  it('cannot be talked out of it by an injected role or user', async () => {
    const noa = await givenUser('noa3')
    await expect(
      database.asUser(noa, (db) => sql`set local role studioops_owner`.execute(db)),
    ).rejects.toThrow(/permission denied/)
    await expect(database.asUser(`${noa}'; reset role; --`, async () => undefined)).rejects.toThrow(
      TypeError,
    )
  })
})

describe('a transaction', () => {
  it('leaves nothing behind when its work throws, and the connection stays good', async () => {
    const noa = await givenUser('noa4')
    await expect(
      database.asUser(noa, async (db) => {
        await db.updateTable('users').set({ name: 'changed' }).where('id', '=', noa).execute()
        throw new Error('changed my mind')
      }),
    ).rejects.toThrow('changed my mind')
    await expect(database.asUser(noa, (db) => sql`select 1 / 0`.execute(db))).rejects.toThrow(
      /division by zero/,
    )
    const row = await database.asUser(noa, (db) =>
      db.selectFrom('users').select('name').where('id', '=', noa).executeTakeFirstOrThrow(),
    )
    expect(row.name).toBe('noa4')
  })

  it('fails when a statement of it had failed, even if nobody listened', async () => {
    const noa = await givenUser('noa5')
    await expect(
      database.asUser(noa, async (db) => {
        await sql`select 1 / 0`.execute(db).catch(() => undefined)
        return 'fine'
      }),
    ).rejects.toThrow(/rolled back|aborted/i)
  })

  it('that only reads shows only the own rows, and leaves the connection to the next', async () => {
    const noa = await givenUser('noa6')
    const read = () =>
      database.readAsUser(noa, (db) => db.selectFrom('users').select('id').execute())
    expect(await Promise.all([read(), read()])).toEqual([[{ id: noa }], [{ id: noa }]])
    await expect(database.readAsUser(noa, (db) => sql`select 1 / 0`.execute(db))).rejects.toThrow(
      /division by zero/,
    )
    const seen = await database.asVisitor((db) => db.selectFrom('users').select('id').execute())
    expect(seen).toEqual([])
  })

  it('that only reads cannot write', async () => {
    const noa = await givenUser('noa7')
    await expect(
      database.readAsUser(noa, (db) => db.updateTable('users').set({ name: 'x' }).execute()),
    ).rejects.toMatchObject({ code: '25006' })
    expect(
      await database.readAsUser(noa, (db) => db.selectFrom('users').select('name').execute()),
    ).toEqual([{ name: 'noa7' }])
  })

  it('that is one query writes what its person may, and nothing else', async () => {
    const [noa, dan] = [await givenUser('noa8'), await givenUser('dan8')]
    const rename = (db: Db) =>
      db.updateTable('users').set({ name: 'renamed' }).returning('id').execute()
    expect(await database.writeAsUser(noa, rename)).toEqual([{ id: noa }])
    await expect(database.writeAsUser(noa, (db) => sql`select 1 / 0`.execute(db))).rejects.toThrow(
      /division by zero/,
    )
    const nameOf = (id: string) =>
      database.readAsUser(id, (db) => db.selectFrom('users').select('name').execute())
    expect([await nameOf(noa), await nameOf(dan)]).toEqual([
      [{ name: 'renamed' }],
      [{ name: 'dan8' }],
    ])
    const role = await database.writeAsMaintenance((db) =>
      sql<{ role: string; person: string | null }>`
        select current_user as role, app_user_id() as person`.execute(db),
    )
    expect(role.rows).toEqual([{ role: 'studioops_maintenance', person: null }])
  })

  it('keeps many people apart on few connections', async () => {
    const people = await Promise.all(
      Array.from({ length: 30 }, (_, index) => givenUser(`many${index}`)),
    )
    const seen = await Promise.all(
      people.map((id) =>
        database.asUser(id, (db) => db.selectFrom('users').select('id').execute()),
      ),
    )
    expect(seen).toEqual(people.map((id) => [{ id }]))
  })
})

describe('a database that is away', () => {
  it('is told from a query that is wrong', async () => {
    const away = openDatabase(
      { target: { host: '/nowhere', port: 1, user: 'x' }, roles: 'own-logins' },
      log,
    )
    const error = await away
      .asVisitor(async (db) => sql`select 1`.execute(db))
      .catch((thrown: unknown) => thrown)
    expect(isDatabaseUnavailable(error)).toBe(true)
    const wrong = await database
      .asVisitor((db) => sql`select nothing`.execute(db))
      .catch((thrown: unknown) => thrown)
    expect(isDatabaseUnavailable(wrong)).toBe(false)
    await away[Symbol.asyncDispose]()
  })

  it('that stops answering does not hold a caller for ever [HLT-9]', async () => {
    await expect(database.asVisitor((db) => sql`select pg_sleep(20)`.execute(db))).rejects.toThrow(
      /statement timeout/,
    )
  })
})

describe('a connection that the server ends', () => {
  // Vitest fails on what nobody caught: it would have ended the process.
  it('fails its own transaction and nothing else [HLT-9]', async () => {
    const end = (pid: number | undefined) =>
      copy.asOwner((db) => db.query('select pg_terminate_backend($1)', [pid]))
    const pidOf = async (db: Db) => {
      const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(db)
      return rows[0]?.pid
    }
    const between = database.asVisitor(async (db) => {
      await end(await pidOf(db))
      await vi.waitUntil(() =>
        sql`select 1`.execute(db).then(
          () => false,
          () => true,
        ),
      )
      await sql`select 1`.execute(db)
    })
    await expect(between).rejects.toSatisfy(isDatabaseUnavailable)
    const within = database.asVisitor(async (db) => {
      const pid = await pidOf(db)
      await Promise.all([sql`select pg_sleep(4)`.execute(db), end(pid)])
    })
    await expect(within).rejects.toSatisfy(isDatabaseUnavailable)
    expect(await database.asVisitor(pidOf)).toBeGreaterThan(0)
  })
})

describe('a line that went dead', () => {
  it('is given up after one wait, and the next transaction has another [HLT-9]', async () => {
    const { host = '', port = 0, ...login } = copy.target
    const upstream = `${host}/.s.PGSQL.${port}`
    let isDead = false
    let unanswered = ''
    const line = createServer((near) => {
      const far = connect(upstream)
      near.on('data', (bytes) => {
        if (isDead) unanswered += bytes.toString('latin1')
        else far.write(bytes)
      })
      far.pipe(near)
      near.on('error', () => far.destroy()).on('close', () => far.destroy())
    })
    await new Promise<void>((resolve) => line.listen(0, '127.0.0.1', resolve))
    const target = { ...login, host: '127.0.0.1', port: (line.address() as AddressInfo).port }
    const through = openDatabase({ target, roles: 'own-logins' }, log)
    try {
      await through.asVisitor((db) => sql`select 1`.execute(db))
      isDead = true
      const lost = await through
        .asVisitor((db) => sql`select 'lost'`.execute(db))
        .catch((thrown: unknown) => thrown)
      expect(isDatabaseUnavailable(lost)).toBe(true)
      expect(unanswered).toContain('lost')
      expect(unanswered).not.toContain('rollback')
      isDead = false
      const { rows } = await through.asVisitor((db) =>
        sql<{ n: number }>`select 1 as n`.execute(db),
      )
      expect(rows).toEqual([{ n: 1 }])
    } finally {
      await through[Symbol.asyncDispose]()
      line.close()
    }
  })
})

describe('listening', () => {
  it('hears what is told, and comes back by itself after the connection broke', async () => {
    let heard = 0
    let called: () => void = () => undefined
    const next = () => new Promise<void>((resolve) => (called = resolve))
    const connected = next()
    await using _ = await database.listen('news', () => {
      heard += 1
      called()
    })
    await connected
    const back = next()
    await copy.asOwner((db) =>
      db.query(`select pg_terminate_backend(pid) from pg_stat_activity where query like 'listen %'
        and datname = current_database()`),
    )
    await back
    const told = next()
    await copy.asOwner((db) => db.query('notify news'))
    await told
    expect(heard).toBe(3)
  })

  it('knocks at a server that is away with one hand only', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      const target = { host: '/nowhere', port: 1, user: 'x' }
      await using away = openDatabase({ target, roles: 'own-logins' }, log)
      await using _ = await away.listen('news', () => undefined)
      for (let knock = 0; knock < 4; knock += 1) {
        await vi.waitUntil(() => vi.getTimerCount() > 0)
        // Whatever else the failure sets off has had its turn.
        for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate)
        expect(vi.getTimerCount()).toBe(1)
        await vi.advanceTimersByTimeAsync(1_000)
      }
    } finally {
      vi.useRealTimers()
    }
  })
})

describe('the schema', () => {
  it('is what the generated types say', async () => {
    const server = inject('postgres')
    const out = join(mkdtempSync(join(tmpdir(), 'tables-')), 'tables.generated.ts')
    const url = `postgres://${server.user}@localhost/${copy.name}?host=${encodeURIComponent(server.host)}&port=${server.port}`
    const codegen = join(import.meta.dirname, '../../../../../node_modules/.bin/kysely-codegen')
    const options = [
      '--dialect',
      'postgres',
      '--date-parser',
      'string',
      '--exclude-pattern',
      'schema_migration*',
    ]
    execFileSync(codegen, ['--url', url, '--out-file', out, ...options])
    await expect(readFileSync(out, 'utf8')).toMatchFileSnapshot('./tables.generated.ts')
  })

  it('goes back to nothing by its own way back, and forth again [MIG-14] [MIG-15]', async () => {
    await using fresh = await copyDatabase()
    await fresh.asOwner(async (db) => {
      const { rows } = await db.query<{ rollback_script: string }>(
        'select rollback_script from schema_migrations order by migration_name desc',
      )
      for (const { rollback_script: script } of rows) await db.query(script)
      await db.query('truncate schema_migrations cascade')
      const left = await db.query(
        `select relname::text from pg_class
          where relkind = 'r' and relnamespace = 'public'::regnamespace order by 1`,
      )
      expect(left.rows).toEqual([
        { relname: 'schema_migration_lease' },
        { relname: 'schema_migration_statements' },
        { relname: 'schema_migrations' },
      ])
    })
    const files = readdirSync(migrationsFolder).filter((name) => /^\d+_\w+\.sql$/.test(name))
    expect(await migrateDatabase(fresh, { appVersion: 'test' })).toHaveLength(files.length)
    expect(await migrateDatabase(fresh, { appVersion: 'test' })).toEqual([])
  })

  it(
    'serves on the evaluation database too, where no binary of PostgreSQL runs [D-1]',
    { timeout: 90_000 },
    async () => {
      const directory = join(mkdtempSync(join(tmpdir(), 'pglite-')), 'data')
      const pglite = await openPglite({ directory })
      const server = { target: {}, pool: pglite.pool, roles: 'switched' as const }
      await migrateDatabase(server, { appVersion: 'test' })
      const single = openDatabase(server, log)
      const askRole = (db: Db) => sql<{ role: string }>`select current_user as role`.execute(db)
      const [roles, rolesOfReader, rolesOfWriter, rows] = await Promise.all([
        single.asUser(randomUUID(), askRole),
        single.readAsUser(randomUUID(), askRole),
        single.writeAsUser(randomUUID(), askRole),
        single.asMaintenance((db) => db.selectFrom('users').select('id').execute()),
      ])
      expect(roles.rows).toEqual([{ role: 'studioops_app' }])
      expect(rolesOfReader.rows).toEqual([{ role: 'studioops_app' }])
      expect(rolesOfWriter.rows).toEqual([{ role: 'studioops_app' }])
      expect(rows).toEqual([])
      await single[Symbol.asyncDispose]()
      await pglite.stop()
    },
  )

  it('serves through one login too, which takes on the run-time roles [D-1]', async () => {
    const server = inject('postgres')
    const login = `tenant_${randomUUID().slice(0, 8)}`
    await copy.asOwner(async (db) => {
      await db.query(`create role ${login} login createrole`)
      await db.query(`grant studioops_app, studioops_maintenance to ${login}`)
      await db.query(`create database ${login} owner ${login}`)
    })
    const target = { ...server, user: login, database: login }
    await migrateDatabase({ target, roles: 'switched' }, { appVersion: 'test' })
    const single = openDatabase({ target, roles: 'switched' }, log)
    const askRole = (db: Db) => sql<{ role: string }>`select current_user as role`.execute(db)
    for (const ask of [single.asUser, single.readAsUser, single.writeAsUser])
      expect((await ask(randomUUID(), askRole)).rows).toEqual([{ role: 'studioops_app' }])
    expect((await single.writeAsMaintenance(askRole)).rows).toEqual([
      { role: 'studioops_maintenance' },
    ])
    await single[Symbol.asyncDispose]()
    const admin = new pg.Client({ ...server, database: 'postgres' })
    await admin.connect()
    await admin.query(`drop database ${login} with (force)`)
    await admin.query(`drop owned by ${login}; drop role ${login}`).catch(() => undefined)
    await admin.end()
  })
})

it('refuses, in tests, a transaction that asks for a connection besides its own', async () => {
  const id = randomUUID()
  const inside = database.asUser(id, () =>
    database.readAsUser(id, (db) => db.selectFrom('users').selectAll().execute()),
  )
  await expect(inside).rejects.toThrow('hand its own on')
  await database.asUser(id, async () => undefined)
  await expect(database.ping()).resolves.toBeUndefined()
})
