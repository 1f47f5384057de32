import { readFile, stat } from 'node:fs/promises'

/** The operating system user that PostgreSQL runs as; it refuses to be root. */
export type Account = { readonly uid: number; readonly gid: number }

/**
 * Ordinary users run PostgreSQL themselves (`undefined`). Root hands it to the user that already owns
 * the cluster, else to `postgres`, else to `nobody`, else to any other user of the machine.
 */
export async function chooseAccount(clusterDirectory: string): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined
  const cluster = await stat(clusterDirectory).catch(() => undefined)
  if (cluster !== undefined && cluster.uid !== 0) return { uid: cluster.uid, gid: cluster.gid }
  const users = await readUsers()
  return users.get('postgres') ?? users.get('nobody') ?? users.values().next().value ?? nobody
}

const nobody: Account = { uid: 65_534, gid: 65_534 }

async function readUsers(): Promise<Map<string, Account>> {
  const text = await readFile('/etc/passwd', 'utf8').catch(() => '')
  const users = new Map<string, Account>()
  for (const line of text.split('\n')) {
    const [name = '', , uid = '', gid = ''] = line.split(':')
    if (Number(uid) > 0) users.set(name, { uid: Number(uid), gid: Number(gid) })
  }
  return users
}
