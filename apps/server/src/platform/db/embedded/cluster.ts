import {
  chmod,
  chown,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  writeFile,
} from 'node:fs/promises'
import { randomBytes } from 'node:crypto'
import { basename, dirname, join } from 'node:path'
import { chooseAccount, type Account } from './account.ts'
import { type Binaries } from './binaries.ts'
import { run } from './child-process.ts'
import { syncDirectory } from '../../instance/durable-file.ts'
import { EmbeddedPostgresError } from './embedded-postgres-error.ts'

export const majorVersion = '18'

/** How we reach the server, and how it is told to start and stop. Windows has no signals. */
export type Ways = {
  readonly transport: 'socket' | 'tcp'
  readonly control: 'signals' | 'pg_ctl'
}

/** One database directory on disk: `pg18`, `run`, `log` and, for TCP, `password`. */
export type Cluster = {
  readonly directory: string
  readonly data: string
  readonly sockets: string
  readonly logFile: string
  readonly account: Account | undefined
  readonly ways: Ways
  /**
   * The data directory as the server names it. Where another user runs the server, the directories
   * above may be closed to him, so he is started inside it and never has to walk there.
   */
  readonly dataAsSeenByServer: string
}

export const superuser = 'studioops_owner'

/** @throws EmbeddedPostgresError `data` where the directory holds something that we cannot start */
export async function openCluster(directory: string, ways: Ways): Promise<Cluster> {
  const data = join(directory, `pg${majorVersion}`)
  const account = await chooseAccount(data)
  const cluster: Cluster = {
    directory,
    data,
    sockets: join(directory, 'run'),
    logFile: join(directory, 'log', 'postgres.log'),
    account,
    ways,
    dataAsSeenByServer:
      account !== undefined && process.platform === 'linux' ? '/proc/self/cwd' : data,
  }
  try {
    for (const path of [directory, cluster.sockets, dirname(cluster.logFile)]) {
      await mkdir(path, { recursive: true, mode: 0o700 })
      if (account !== undefined) await chown(path, account.uid, account.gid)
      await chmod(path, 0o700)
    }
  } catch (cause) {
    throw new EmbeddedPostgresError(
      'data',
      `The database directory ${directory} cannot be prepared (${String(cause)}). ` +
        'It must belong to the user that starts StudioOps and lie on a local file system.',
      { cause },
    )
  }
  return cluster
}

/** `undefined` for a directory without a database. */
export async function clusterVersion(cluster: Pick<Cluster, 'data'>): Promise<string | undefined> {
  const text = await readFile(join(cluster.data, 'PG_VERSION'), 'utf8').catch(() => undefined)
  return text?.trim()
}

/**
 * Makes a database cluster beside its place and moves it there, so that a start that is killed
 * half-way leaves nothing that looks like a database.
 *
 * @throws EmbeddedPostgresError `data` with what initdb said
 */
export async function initialise(
  cluster: Cluster,
  { binaries, fsync }: { readonly binaries: Binaries; readonly fsync: boolean },
): Promise<void> {
  const { account } = cluster
  await removeDrafts(cluster)
  // A name of its own: the initdb of a start that was killed may still be writing into an older one.
  const draft = await mkdtemp(`${cluster.data}.init-`)
  if (account !== undefined) await chown(draft, account.uid, account.gid)
  const passwordFile = await writeInitialPassword(cluster)
  const made = await run(
    [
      binaries.initdb,
      `--pgdata=${cluster.dataAsSeenByServer === cluster.data ? draft : cluster.dataAsSeenByServer}`,
      `--username=${superuser}`,
      '--encoding=UTF8',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      '--locale=C',
      '--no-instructions',
      ...(passwordFile === undefined
        ? ['--auth-local=trust', '--auth-host=reject']
        : ['--auth=scram-sha-256', `--pwfile=${passwordFile}`]),
      ...(fsync ? [] : ['--no-sync']),
    ],
    { account, cwd: draft },
  )
  if (made.kind === 'failed') {
    await rm(draft, { recursive: true, force: true })
    throw refusal(cluster, made.output)
  }
  await rename(draft, cluster.data)
  if (fsync) await syncDirectory(cluster.directory)
}

function refusal({ directory }: Cluster, output: string): EmbeddedPostgresError {
  if (output.includes('could not look up effective user ID')) {
    return new EmbeddedPostgresError(
      'no-binary',
      'PostgreSQL cannot make a database for a user that the machine does not know. ' +
        'Add the user id of this process to /etc/passwd, or set DATABASE_URL to a PostgreSQL server.',
      { log: output },
    )
  }
  return new EmbeddedPostgresError(
    'data',
    `No database could be made in ${directory}. Look whether the disk has 100 MB free and ` +
      'whether it is a local file system that knows owners and modes.',
    { log: output },
  )
}

async function removeDrafts({ directory, data }: Cluster): Promise<void> {
  const drafts = (await readdir(directory)).filter((name) =>
    name.startsWith(`${basename(data)}.init-`),
  )
  for (const name of drafts) await rm(join(directory, name), { recursive: true, force: true })
}

/** The superuser's password, which exists only where the server listens on TCP. */
export async function readPassword(cluster: Cluster): Promise<string> {
  return (await readFile(passwordPath(cluster), 'utf8')).trim()
}

async function writeInitialPassword(cluster: Cluster): Promise<string | undefined> {
  if (cluster.ways.transport === 'socket') return undefined
  const path = passwordPath(cluster)
  await rm(path, { force: true })
  await writeFile(path, randomBytes(32).toString('base64url'), { mode: 0o600, flush: true })
  if (cluster.account !== undefined) await chown(path, cluster.account.uid, cluster.account.gid)
  return join('..', 'password')
}

function passwordPath(cluster: Cluster): string {
  return join(cluster.directory, 'password')
}
