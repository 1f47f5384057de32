import { execFile, spawn } from 'node:child_process'
import { chown, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { connectTo, type TestServer } from './server-database.ts'

/** A pooler in transaction mode before a server: every transaction may get another session. */
export type Pgbouncer = {
  readonly server: TestServer
  [Symbol.asyncDispose](): Promise<void>
}

/** Why the pooler cannot be tested here; undefined where it can. */
export async function pgbouncerMissing(): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile('pgbouncer', ['--version'], (error) =>
      resolve(
        error === null
          ? undefined
          : 'pgbouncer is not installed (Debian: apt-get install pgbouncer)',
      ),
    )
  })
}

/** Starts the pooler before a server that is reached through a Unix socket. */
export async function startPgbouncer({ host, port, user }: TestServer): Promise<Pgbouncer> {
  if (host === undefined || !host.startsWith('/')) throw new Error('the server has no Unix socket')
  const directory = await mkdtemp(join(tmpdir(), 'studioops-pgbouncer-'))
  // It refuses to be root, and only the server's own user may enter the directory of its socket.
  const { uid, gid } = await stat(host)
  if (process.getuid?.() === 0) await chown(directory, uid, gid)
  const file = join(directory, 'pgbouncer.ini')
  await writeFile(
    file,
    [
      '[databases]',
      `* = host=${host} port=${port} user=${user}`,
      '[pgbouncer]',
      'listen_port = 6432',
      `unix_socket_dir = ${directory}`,
      'auth_type = any',
      'pool_mode = transaction',
      'default_pool_size = 4',
      'ignore_startup_parameters = extra_float_digits',
    ].join('\n'),
  )
  const child = spawn('pgbouncer', ['--quiet', file], {
    ...(process.getuid?.() === 0 ? { uid, gid } : {}),
    stdio: 'ignore',
  })
  const server: TestServer = {
    host: directory,
    port: 6432,
    ssl: false,
    ...(user === undefined ? {} : { user }),
  }
  await listening(server)
  return {
    server,
    async [Symbol.asyncDispose]() {
      const ended = new Promise((resolve) => child.once('exit', resolve))
      if (child.exitCode === null && child.kill('SIGTERM')) await ended
      await rm(directory, { recursive: true, force: true })
    },
  }
}

async function listening(server: TestServer): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    const client = await connectTo({ ...server, database: 'postgres' }).catch(() => undefined)
    await client?.end()
    if (client !== undefined) return
    await sleep(25)
  }
  throw new Error('pgbouncer does not answer')
}
