import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { type PostgresConnection } from './address.ts'
import { startEmbeddedPostgres, waysOf, type EmbeddedPostgresOptions } from './embedded-postgres.ts'

// On a busy machine a new database can take as long as a whole ordinary test.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const cleanups: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const clean of cleanups.splice(0).toReversed()) await clean()
})

/** Below a directory that only we may enter, as a home of mode 0700 is. */
async function givenDirectory(...inner: string[]): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), 'studioops-embedded-'))
  cleanups.push(() => rm(home, { recursive: true, force: true }))
  return join(home, ...inner, 'database')
}

/** Making a database takes longer than most of what is shown here: one for all, used in turns. */
function shared(): () => string {
  let home: string
  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'studioops-embedded-'))
  })
  afterAll(() => rm(home, { recursive: true, force: true }))
  return () => join(home, 'database')
}

async function start(options: EmbeddedPostgresOptions, ways = waysOf(process.platform)) {
  const server = await startEmbeddedPostgres({ fsync: false, ...options }, ways)
  cleanups.push(() => server.stop())
  return server
}

async function ask(connection: PostgresConnection, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ ...connection, database: 'studioops' })
  client.on('error', () => {})
  await client.connect()
  try {
    const { rows } = await client.query<unknown[]>({ text: sql, rowMode: 'array' })
    return rows.map((row) => row[0])
  } finally {
    await client.end()
  }
}

/** A process that starts the server, and dies without any good-bye. */
async function startElsewhere(directory: string, fsync = false) {
  const module = new URL('./embedded-postgres.ts', import.meta.url).href
  const script = `
    import { startEmbeddedPostgres } from ${JSON.stringify(module)}
    const { pid } = await startEmbeddedPostgres({ directory: ${JSON.stringify(directory)}, fsync: ${fsync} })
    console.log(pid)
    setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [output] = await once(child.stdout, 'data')
  return {
    pid: Number(String(output)),
    kill: async () => {
      child.kill('SIGKILL')
      await once(child, 'exit')
    },
  }
}

const directory = shared()

describe('a first start', () => {
  it('makes a durable UTF-8 database in which Hebrew is searched [D-1]', async () => {
    const messages: string[] = []
    const { connection, version, attached } = await start({
      directory: await givenDirectory(),
      fsync: true,
      onProgress: (message) => messages.push(message),
    })

    expect({ version: version.split('.')[0], attached }).toEqual({ version: '18', attached: false })
    expect(await ask(connection, 'show server_encoding')).toEqual(['UTF8'])
    expect(await ask(connection, 'show fsync')).toEqual(['on'])
    expect(await ask(connection, `select to_tsvector('simple', 'שלום עולם')::text`)).toEqual([
      `'עולם':2 'שלום':1`,
    ])
    expect(await ask(connection, 'select session_user')).toEqual(['studioops_owner'])
    expect(messages).toEqual(['Making the database'])
  })

  it('begins again where an earlier one was killed while it made the database', async () => {
    const directory = await givenDirectory()
    await mkdir(join(directory, 'pg18.init-abc123'), { recursive: true })
    await writeFile(join(directory, 'pg18.init-abc123', 'PG_VERSION'), '18\n')

    await start({ directory })

    expect((await readdir(directory)).toSorted()).toEqual(['log', 'pg18', 'run'])
  })
})

describe('a later start', () => {
  it('finds what was committed, as a new process', async () => {
    const first = await start({ directory: directory() })
    await ask(first.connection, 'create table kept_well as select 42 as answer')
    await first.stop()

    const second = await start({ directory: directory() })

    expect(await ask(second.connection, 'select answer from kept_well')).toEqual([42])
    expect(second.attached).toBe(false)
    expect(second.pid).not.toBe(first.pid)
  })

  it('takes over the server of a run that was killed', async () => {
    const elsewhere = await startElsewhere(directory())
    await elsewhere.kill()

    const server = await start({ directory: directory() })

    expect(server.attached).toBe(true)
    expect(server.pid).toBe(elsewhere.pid)
    expect(await ask(server.connection, 'select 1')).toEqual([1])
  })

  it('restarts such a server when it would run with other settings', async () => {
    const elsewhere = await startElsewhere(directory())
    await elsewhere.kill()

    const server = await start({ directory: directory(), settings: { work_mem: '5MB' } })

    expect(server.attached).toBe(false)
    expect(await ask(server.connection, 'show work_mem')).toEqual(['5MB'])
  })

  it('restarts such a server when its socket is gone', async () => {
    const elsewhere = await startElsewhere(directory())
    await elsewhere.kill()
    await rm(join(directory(), 'run', '.s.PGSQL.5432'))

    const server = await start({ directory: directory() })

    expect(server.attached).toBe(false)
    expect(await ask(server.connection, 'select 1')).toEqual([1])
  })

  it('recovers what was committed before server and owner were killed', async () => {
    const elsewhere = await startElsewhere(directory(), true)
    const host = join(directory(), 'run')
    const connection = { host, port: 5432, user: 'studioops_owner', ssl: false } as const
    await ask(connection, 'create table kept as select 42 as answer')
    process.kill(elsewhere.pid, 'SIGKILL')
    await elsewhere.kill()

    const server = await start({ directory: directory() })

    expect(server.attached).toBe(false)
    expect(await ask(server.connection, 'select answer from kept')).toEqual([42])
  })

  it.each([
    { what: 'a living process', script: 'echo $$; exec sleep 60' },
    { what: 'remains that nobody collects', script: 'sleep 0 & echo $!; exec sleep 60' },
  ])('is not kept away by $what under the number of an earlier server', async ({ script }) => {
    const first = await start({ directory: directory() })
    await first.stop()
    const { uid, gid } = await stat(join(directory(), 'pg18'))
    const stdio = ['ignore', 'pipe', 'inherit'] as const
    const other = spawn('/bin/sh', ['-c', script], { uid, gid, cwd: '/', stdio: [...stdio] })
    cleanups.push(async () => other.kill('SIGKILL'))
    const [pid] = await once(other.stdout, 'data')
    const left = [Number(String(pid)), directory(), '1795264847', '5432', '../run', '', '', 'ready']
    await writeFile(join(directory(), 'pg18', 'postmaster.pid'), left.join('\n'))
    await writeFile(join(directory(), 'run', '.s.PGSQL.5432.lock'), left.join('\n'))

    const second = await start({ directory: directory() })

    expect(second.attached).toBe(false)
    expect(await ask(second.connection, 'select 1')).toEqual([1])
  })

  it('works where the path is too long for a socket, and leaves no link behind', async () => {
    const place = await givenDirectory('a'.repeat(80), 'ב'.repeat(60))
    await (await start({ directory: directory() })).stop()
    await mkdir(dirname(place), { recursive: true })
    await rename(directory(), place)

    const moved = await start({ directory: place })
    expect(await ask(moved.connection, 'select 1')).toEqual([1])
    await moved.stop()

    await expect(lstat(moved.connection.host)).rejects.toThrow('ENOENT')
    await rename(place, directory())
  })

  it('says what PostgreSQL said when it does not start', async () => {
    await expect(
      start({ directory: directory(), settings: { shared_buffers: 'plenty' } }),
    ).rejects.toThrow(
      /did not start in .*PostgreSQL says:\n.*invalid value for parameter "shared_buffers"/s,
    )
  })

  it('refuses the database of another PostgreSQL version with a sentence', async () => {
    const directory = await givenDirectory()
    await mkdir(join(directory, 'pg18'), { recursive: true })
    await writeFile(join(directory, 'pg18', 'PG_VERSION'), '17\n')

    await expect(start({ directory: directory })).rejects.toThrow(
      /holds a database of PostgreSQL 17; this StudioOps brings 18/,
    )
  })
})

describe('a running server', () => {
  it('is started again at the same address when it is killed', async () => {
    const messages: string[] = []
    const server = await start({
      directory: directory(),
      onProgress: (message) => messages.push(message),
    })
    const killed = server.pid

    process.kill(killed, 'SIGKILL')

    await expect.poll(() => server.pid, { timeout: 40_000 }).not.toBe(killed)
    expect(await ask(server.connection, 'select 1')).toEqual([1])
    expect(messages).toContain('PostgreSQL ended unexpectedly and is started again')
  })

  it('ends when it is stopped, and may be stopped twice', async () => {
    const server = await start({ directory: directory() })

    await Promise.all([server.stop(), server.stop()])

    expect(() => process.kill(server.pid, 0)).toThrow('ESRCH')
  })

  it('gives the server nothing of our environment', async () => {
    vi.stubEnv('STUDIOOPS_MASTER_KEY', 'not for the database')
    const { connection } = await start({ directory: directory() })
    vi.unstubAllEnvs()

    await ask(connection, 'create table seen (line text)')
    await ask(connection, `copy seen from program 'env'`)
    const lines = (await ask(connection, 'select line from seen')).map(String)

    expect(lines.filter((line) => line.includes('not for the database'))).toEqual([])
    expect(lines).toContain('TZ=UTC')
  })

  it('keeps statements and values out of its log', async () => {
    const { connection } = await start({ directory: directory() })
    await ask(connection, 'create table people (email text primary key)')
    const insert = `insert into people values ('dana@example.com')`
    await ask(connection, insert)

    await expect(ask(connection, insert)).rejects.toThrow('duplicate key')

    const log = await readFile(join(directory(), 'log', 'postgres.log'), 'utf8')
    expect(log).toContain('duplicate key')
    expect(log).not.toContain('dana')
  })
})

it('runs behind a password on loopback where there are neither sockets nor signals', async () => {
  const directory = await givenDirectory()
  const asOnWindows = waysOf('win32')

  const first = await start({ directory }, asOnWindows)
  expect(first.connection.host).toBe('127.0.0.1')
  expect(await ask(first.connection, 'select 1')).toEqual([1])
  await expect(ask({ ...first.connection, password: 'guess' }, 'select 1')).rejects.toThrow(
    'password authentication failed',
  )
  expect((await lstat(join(directory, 'password'))).mode & 0o777).toBe(0o600)
  await first.stop()

  const second = await start({ directory }, asOnWindows)
  expect(await ask(second.connection, 'select 1')).toEqual([1])
})
