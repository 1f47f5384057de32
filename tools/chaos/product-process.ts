import { spawn } from 'node:child_process'
import { closeSync, createWriteStream, openSync } from 'node:fs'
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { majorVersion } from '../../apps/server/src/platform/db/embedded/cluster.ts'
import {
  isRunning,
  readPostmasterFile,
} from '../../apps/server/src/platform/db/embedded/postmaster-file.ts'
import { serverFlags } from '../launch/project.mjs'

const root = join(import.meta.dirname, '../..')
const pollMs = 5
const startWithinMs = 60_000
const stopWithinMs = 20_000

/** The real product as a process of its own. It ends by itself when we are gone. */
export type Product = {
  readonly pid: number
  /**
   * `http://127.0.0.1:<port>`, from the moment on at which the product itself says that it is ready.
   *
   * @throws with the last words of a product that ended before that, or that took longer than a minute
   */
  readonly ready: Promise<string>
  readonly exited: Promise<void>
  /** SIGKILL. Resolves when the process is gone; its database goes on. */
  kill(): Promise<void>
  /** SIGTERM. Resolves when the process, and with it its database, is gone. */
  stop(): Promise<void>
}

type Start = {
  readonly directory: string
  readonly environment?: Readonly<Record<string, string>>
  /** Of Node itself, such as `--cpu-prof`. */
  readonly nodeArguments?: readonly string[]
  readonly entry?: string
}

export const productEntry = join(root, 'apps/server/src/main.ts')

export type WorkerProcess = {
  /** When it says that it is. @throws when it ends before that */
  readonly ready: Promise<void>
  kill(): Promise<void>
  stop(): Promise<void>
}

/** `studioops worker` beside a product that runs. Its output is added to `product.log` as well. */
export function startWorkerProcess({ directory, environment = {} }: Start, name: string) {
  const entry = join(root, 'apps/server/src/cli/studioops.ts')
  const child = spawn(process.execPath, [entry, 'worker', '--name', name], {
    cwd: root,
    env: { ...process.env, ...environmentOf(directory), ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const log = createWriteStream(logOf(directory), { flags: 'a' })
  child.stdout.pipe(log, { end: false })
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  void exited.then(() => log.end())
  const ready = new Promise<void>((resolve, reject) => {
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      if (!log.writableEnded) log.write(text)
      if (text.includes('worker is ready')) resolve()
    })
    void exited.then(() => reject(new Error('the worker ended while it started')))
  })
  ready.catch(() => {})
  const end = async (name: 'SIGKILL' | 'SIGTERM') => {
    child.kill(name)
    await exited
  }
  return { ready, kill: () => end('SIGKILL'), stop: () => end('SIGTERM') } satisfies WorkerProcess
}

function environmentOf(directory: string): Readonly<Record<string, string>> {
  return {
    DATABASE_URL: '',
    NODE_COMPILE_CACHE: join(root, '.runtime/cache'),
    LOG_LEVEL: 'warn',
    RATE_LIMIT_PER_MINUTE: '0',
    SINGLE_PORT: 'true',
    STUDIOOPS_DATA_DIR: directory,
  }
}

/** Its output is added to `product.log` in the data directory. */
export function startProduct({
  directory,
  environment = {},
  nodeArguments = [],
  entry = productEntry,
}: Start): Product {
  const log = openSync(logOf(directory), 'a')
  const child = spawn(process.execPath, [...serverFlags(), ...nodeArguments, entry], {
    cwd: root,
    env: {
      ...process.env,
      ...environmentOf(directory),
      PORT: '0',
      ...environment,
    },
    // The log goes past us, so that reading it costs nobody anything.
    stdio: ['ignore', log, log, 'ipc'],
  })
  closeSync(log)
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const ready = waitUntilReady(directory, {
    pid: child.pid ?? 0,
    isOver: () => child.exitCode !== null || child.signalCode !== null,
  })
  // Whoever kills it before it is ready does not ask.
  ready.catch(() => {})
  return {
    pid: child.pid ?? 0,
    ready,
    exited,
    async kill() {
      child.kill('SIGKILL')
      await exited
    },
    async stop() {
      child.kill('SIGTERM')
      const late = sleep(stopWithinMs, 'late' as const, { ref: false })
      if ((await Promise.race([exited, late])) === 'late') child.kill('SIGKILL')
      await exited
    },
  }
}

type Waiting = {
  readonly pid: number
  readonly isOver: () => boolean
}

async function waitUntilReady(directory: string, { pid, isOver }: Waiting): Promise<string> {
  const until = performance.now() + startWithinMs
  while (performance.now() < until) {
    const found = await readInstance(directory)
    if (found?.pid === pid && found.url !== undefined)
      return `http://127.0.0.1:${new URL(found.url).port}`
    if (isOver())
      throw new Error(`the product ended while it started:\n${await lastWords(directory)}`)
    await sleep(pollMs)
  }
  throw new Error(`the product was not ready in time:\n${await lastWords(directory)}`)
}

type Instance = { readonly pid: number; readonly url?: string }

async function readInstance(directory: string): Promise<Instance | undefined> {
  try {
    return JSON.parse(await readFile(join(directory, 'instance.json'), 'utf8')) as Instance
  } catch {
    return undefined
  }
}

async function lastWords(directory: string): Promise<string> {
  return (await readFile(logOf(directory), 'utf8')).slice(-2_000)
}

export function logOf(directory: string): string {
  return join(directory, 'product.log')
}

/** The process id of the embedded PostgreSQL of a data directory, while one runs. */
export async function databasePid(directory: string): Promise<number | undefined> {
  const file = await readPostmasterFile(join(directory, 'postgres', `pg${majorVersion}`))
  return file !== undefined && (await isRunning(file.pid)) ? file.pid : undefined
}

/** SIGKILL for the embedded PostgreSQL, as an out-of-memory killer would send it. */
export async function killDatabase(directory: string): Promise<void> {
  const pid = await databasePid(directory)
  if (pid !== undefined) signal(pid, 'SIGKILL')
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch {
    // It ended a moment ago.
  }
}

/** An empty data directory that a PostgreSQL of another user can enter. */
export async function makeDataDirectory(name: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), `studioops-${name}-`))
  await chmod(directory, 0o755)
  return directory
}

/** Ends what still runs on a data directory, and removes it. */
export async function removeDataDirectory(directory: string): Promise<void> {
  await endDatabase(directory)
  await rm(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
}

/** For a product that was killed: its PostgreSQL would run on for ever. */
export async function endDatabase(directory: string): Promise<void> {
  for (const name of ['SIGINT', 'SIGKILL'] as const) {
    const pid = await databasePid(directory)
    if (pid === undefined) return
    signal(pid, name)
    for (let waited = 0; waited < 5_000 && (await isRunning(pid)); waited += 50) await sleep(50)
  }
}
