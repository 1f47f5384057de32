import { spawn, type ChildProcess } from 'node:child_process'
import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { connectionTo, freePort } from './address.ts'
import { type Binaries } from './binaries.ts'
import { childEnvironment, run } from './child-process.ts'
import { type Cluster } from './cluster.ts'
import { EmbeddedPostgresError } from './embedded-postgres-error.ts'
import { answersAt } from './login.ts'
import { isRunning, ownerOf, readPostmasterFile } from './postmaster-file.ts'
import { closeQuietly, type ServerLog } from './server-log.ts'
import { type Settings } from './settings.ts'

export type Postmaster = { readonly pid: number; readonly port: number }

export type Program = {
  readonly cluster: Cluster
  readonly binaries: Binaries
  readonly settings: Settings
  readonly log: ServerLog
  readonly onProgress: (message: string) => void
}

const pollMs = 10
const retryMs = 250
const retriesMax = 60
const patienceMs = 5_000
/** After a crash PostgreSQL first replays what it had not written yet; 256 MB of it at most. */
const recoveryMaxMs = 300_000
const fastStopMs = 10_000
const immediateStopMs = 10_000

/**
 * Starts the server and waits until it takes queries.
 *
 * @param port the one to listen on; absent: any that is free
 * @throws EmbeddedPostgresError `start` with the last lines of its log
 */
export async function startPostmaster(program: Program, port?: number): Promise<Postmaster> {
  for (let attempt = 0; ; attempt++) {
    await clearRemains(program.cluster)
    const started = await startOnce(program, port)
    if (started.kind === 'ready') return started.postmaster
    // Children of a server that was killed let go of its memory a moment after it.
    const passing = /pre-existing shared memory block|lock file ".*" already exists/.test(
      started.log,
    )
    if (!passing || attempt === retriesMax) {
      throw new EmbeddedPostgresError(
        'start',
        `PostgreSQL did not start in ${program.cluster.directory}. Its log is ${program.log.path}.`,
        { log: started.log },
      )
    }
    if (attempt === 4) program.onProgress('Waiting for the rest of an earlier PostgreSQL to end')
    await sleep(retryMs)
  }
}

/**
 * The server that an earlier run of ours left behind, if it runs as we would start it ourselves and
 * answers. One that does not is stopped.
 *
 * @throws EmbeddedPostgresError `start` where a process may be our server but does not answer
 */
export async function adoptPostmaster(program: Program): Promise<Postmaster | undefined> {
  const { cluster } = program
  const file = await readPostmasterFile(cluster.data)
  if (file === undefined) return undefined
  const owner = await ownerOf(file.pid, cluster.data)
  if (owner === 'nobody' || owner === 'stranger') return undefined
  const ready = await waitUntilReady(program, {
    isAlive: () => isRunning(file.pid),
    isExpected: (pid) => pid === file.pid,
  })
  if (ready === undefined) return undefined
  const answers = await answersAt(await connectionTo(cluster, ready.port))
  if (answers && (await runsAsWanted(program, ready.port))) return ready
  if (!answers && owner === 'perhaps-ours') {
    throw new EmbeddedPostgresError(
      'start',
      `Process ${file.pid} seems to be a PostgreSQL on ${cluster.data}, but it does not answer. ` +
        'Stop it, or, if it is something else, delete the file postmaster.pid in that directory.',
    )
  }
  program.onProgress('Restarting a PostgreSQL that an earlier run has left behind')
  await stopPostmaster(program, file.pid)
  return undefined
}

/**
 * Fast shutdown: open transactions are rolled back, what was committed is written. After 10 s without
 * an end the immediate one, after which the next start recovers. Never rejects for a server that is gone.
 *
 * @throws EmbeddedPostgresError `stop`
 */
export async function stopPostmaster(program: Program, pid: number): Promise<void> {
  for (const [mode, waitMs] of [
    ['fast', fastStopMs],
    ['immediate', immediateStopMs],
  ] as const) {
    await askToStop(program, { pid, mode })
    if (await becomesTrue(async () => !(await isRunning(pid)), waitMs)) return
  }
  throw new EmbeddedPostgresError(
    'stop',
    `PostgreSQL (process ${pid}) in ${program.cluster.directory} does not end. ` +
      `Look at ${program.log.path}, then end it by hand: kill -9 ${pid}`,
    { log: await program.log.tail(0) },
  )
}

/**
 * PostgreSQL only asks whether the numbers in its lock files are taken. Once they have gone to another
 * program, or to remains that nobody collects (containers without an init), it would never start again.
 */
async function clearRemains({ data, sockets }: Cluster): Promise<void> {
  const file = await readPostmasterFile(data)
  const owner = file === undefined ? 'nobody' : await ownerOf(file.pid, data)
  if (owner === 'ours' || owner === 'perhaps-ours') return
  if (owner === 'stranger') await rm(join(data, 'postmaster.pid'), { force: true })
  for (const name of await readdir(sockets)) await rm(join(sockets, name), { force: true })
}

type Started =
  | { readonly kind: 'ready'; readonly postmaster: Postmaster }
  | { readonly kind: 'ended'; readonly log: string }

async function startOnce(program: Program, wantedPort?: number): Promise<Started> {
  const { cluster, log } = program
  const before = await log.sizeBytes()
  const port = wantedPort ?? (cluster.ways.transport === 'tcp' ? await freePort() : 5432)
  const launched = await launch(program, port)
  const postmaster = await waitUntilReady(program, launched)
  if (postmaster !== undefined) return { kind: 'ready', postmaster }
  return { kind: 'ended', log: (await log.tail(before)) || launched.complaint() }
}

type Watched = {
  readonly isAlive: () => Promise<boolean>
  /** Whether a file that names this process can be from the server that we wait for. */
  readonly isExpected: (pid: number) => boolean
}

type Launched = Watched & { readonly complaint: () => string }

async function launch(program: Program, port: number): Promise<Launched> {
  return program.cluster.ways.control === 'signals'
    ? launchChild(program, port)
    : launchByPgCtl(program, port)
}

async function launchChild(program: Program, port: number): Promise<Launched> {
  const { binaries, cluster, log } = program
  const output = log.openForAppending()
  let failure = ''
  let child: ChildProcess
  try {
    child = spawn(binaries.postgres, commandLine(program, port), {
      ...cluster.account,
      cwd: cluster.data,
      env: childEnvironment(),
      stdio: ['ignore', output, output],
      // In a group of its own, or Ctrl-C would take the database away before the application is done.
      detached: true,
    })
  } finally {
    closeQuietly(output)
  }
  child.on('error', (error) => (failure = error.message))
  child.unref()
  return {
    isAlive: async () => failure === '' && child.exitCode === null && child.signalCode === null,
    isExpected: (pid) => pid === child.pid,
    complaint: () => failure || `It ended with ${child.signalCode ?? `code ${child.exitCode}`}.`,
  }
}

/** On Windows pg_ctl gives up an administrator's rights, which PostgreSQL would refuse to run with. */
async function launchByPgCtl(program: Program, port: number): Promise<Launched> {
  const { binaries, cluster } = program
  const options = settingArguments(program, port)
    .map((argument) => `"${argument}"`)
    .join(' ')
  const done = await run(
    [
      binaries.pgCtl,
      'start',
      '--no-wait',
      `--pgdata=${cluster.dataAsSeenByServer}`,
      `--log=${join('..', 'log', 'postgres.log')}`,
      `--options=${options}`,
    ],
    { account: cluster.account, cwd: cluster.data },
  )
  const since = Date.now()
  return {
    isExpected: () => true,
    complaint: () => done.output || 'pg_ctl did not say why.',
    isAlive: async () => {
      if (done.kind === 'failed') return false
      if (Date.now() - since < patienceMs) return true
      const file = await readPostmasterFile(cluster.data)
      return file !== undefined && isRunning(file.pid)
    },
  }
}

async function waitUntilReady(
  { cluster, onProgress }: Program,
  { isAlive, isExpected }: Watched,
): Promise<Postmaster | undefined> {
  const since = Date.now()
  let told = false
  while (Date.now() - since < recoveryMaxMs) {
    const file = await readPostmasterFile(cluster.data)
    if (!(await isAlive())) return undefined
    if (file?.ready === true && isExpected(file.pid) && (await isRunning(file.pid))) return file
    if (!told && Date.now() - since > 2_000) {
      onProgress('PostgreSQL is recovering from an unclean end')
      told = true
    }
    await sleep(pollMs)
  }
  return undefined
}

function commandLine(program: Program, port: number): string[] {
  return ['-D', program.cluster.dataAsSeenByServer, ...settingArguments(program, port)]
}

function settingArguments({ cluster, settings }: Program, port: number): string[] {
  const reach: Settings =
    cluster.ways.transport === 'socket'
      ? // Relative to the data directory: as short as it gets, and it moves with it.
        { listen_addresses: '', unix_socket_directories: '../run' }
      : { listen_addresses: '127.0.0.1', unix_socket_directories: '' }
  return Object.entries({ ...settings, ...reach, port: String(port) }).flatMap(([name, value]) => [
    '-c',
    `${name}=${value}`,
  ])
}

/** The server keeps its command line in `postmaster.opts`, each argument in double quotes. */
async function runsAsWanted(program: Program, port: number): Promise<boolean> {
  const text = await readFile(join(program.cluster.data, 'postmaster.opts'), 'utf8').catch(() => '')
  const wanted = settingArguments(program, port)
  return (
    text.startsWith(`${program.binaries.postgres} `) &&
    text.trimEnd().endsWith(wanted.map((argument) => `"${argument}"`).join(' '))
  )
}

async function askToStop(
  { binaries, cluster }: Program,
  { pid, mode }: { readonly pid: number; readonly mode: 'fast' | 'immediate' },
): Promise<void> {
  if (cluster.ways.control === 'pg_ctl') {
    await run(
      [
        binaries.pgCtl,
        'stop',
        '--no-wait',
        `--mode=${mode}`,
        `--pgdata=${cluster.dataAsSeenByServer}`,
      ],
      { account: cluster.account, cwd: cluster.data },
    )
    return
  }
  if (!(await isRunning(pid))) return
  try {
    process.kill(pid, mode === 'fast' ? 'SIGINT' : 'SIGQUIT')
  } catch {
    // It ended between the question and the signal.
    return
  }
}

async function becomesTrue(check: () => Promise<boolean>, withinMs: number): Promise<boolean> {
  const since = Date.now()
  while (!(await check())) {
    if (Date.now() - since > withinMs) return false
    await sleep(pollMs)
  }
  return true
}
