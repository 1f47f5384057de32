import { lstat, mkdtemp, readFile, readlink, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { readPassword, superuser, type Cluster } from './cluster.ts'

/** The longest socket path that both Linux (107) and macOS (103) take, in bytes. */
const socketPathMaxBytes = 103

/** What `pg` needs. `ssl` is said, because `pg` would otherwise ask the environment. */
export type PostgresConnection = {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password?: string
  readonly ssl: false
}

export async function connectionTo(cluster: Cluster, port: number): Promise<PostgresConnection> {
  const base = { port, user: superuser, ssl: false } as const
  if (cluster.ways.transport === 'socket') return { ...base, host: await socketHost(cluster) }
  return { ...base, host: '127.0.0.1', password: await readPassword(cluster) }
}

/**
 * Where a client finds the sockets of the cluster: their directory or, where that path is too long
 * for a socket, a short link to it. The link is remembered, so it stays the same until it is removed.
 */
async function socketHost(cluster: Cluster): Promise<string> {
  const socket = join(cluster.sockets, '.s.PGSQL.5432')
  if (Buffer.byteLength(socket) <= socketPathMaxBytes) return cluster.sockets
  const known = await rememberedLink(cluster)
  if (known !== undefined) return known
  const parent = Buffer.byteLength(tmpdir()) <= 60 ? tmpdir() : '/tmp'
  const link = join(await mkdtemp(join(parent, 'studioops-')), 's')
  await symlink(cluster.sockets, link)
  await writeFile(memoryOf(cluster), link, { mode: 0o600 })
  return link
}

export async function forgetSocketHost(cluster: Cluster): Promise<void> {
  const link = await rememberedLink(cluster)
  if (link !== undefined) await rm(dirname(link), { recursive: true, force: true })
  await rm(memoryOf(cluster), { force: true })
}

/** Only a link that is still ours and still leads here; temporary directories are open to everybody. */
async function rememberedLink(cluster: Cluster): Promise<string | undefined> {
  try {
    const link = (await readFile(memoryOf(cluster), 'utf8')).trim()
    const [target, parent] = [await readlink(link), await lstat(dirname(link))]
    const ours = parent.uid === process.getuid?.() && (parent.mode & 0o077) === 0
    return target === cluster.sockets && ours ? link : undefined
  } catch {
    return undefined
  }
}

function memoryOf(cluster: Cluster): string {
  return join(cluster.directory, 'socket-link')
}

/** A port of the loopback interface that nobody listens on at this moment. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port was given')
  return address.port
}
