import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import pg from 'pg'
import { freePort } from '../../apps/server/src/platform/db/embedded/address.ts'

/** What is measured of each queue. */
export type Queue = {
  readonly name: string
  /** Adds one job, whose start `onStart` tells of. */
  add(): Promise<void>
  addMany(count: number): Promise<void>
  /** Called at each start. */
  onStart(heard: () => void): void
  /** From a queue that nobody works on: takes one and ends it. */
  claim?(): Promise<void>
  /** Into that queue. */
  fill?(count: number): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** Pinned: what is compared has to be said. */
const versions = { 'pg-boss': '12.35.0', 'graphile-worker': '0.18.0', bullmq: '6.7.0' } as const

const run = promisify(execFile)
const cache = join(import.meta.dirname, '../../.runtime/bench-jobs')

// What the peers export is theirs; only these few calls are made.
type Loaded = Record<string, any> // oxlint-disable-line no-explicit-any -- foreign packages without types here

/** From npm into a directory of their own, once. @throws where npm cannot be reached */
async function install(name: keyof typeof versions): Promise<Loaded> {
  const home = join(cache, name)
  const stamp = join(home, 'load.mjs')
  const packages = [`${name}@${versions[name]}`]
  if ((await readFile(stamp, 'utf8').catch(() => '')) === '') {
    await mkdir(home, { recursive: true })
    await writeFile(join(home, 'package.json'), '{ "private": true, "type": "module" }\n')
    const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
    await run('npm', ['install', ...flags, ...packages], { cwd: home })
    await writeFile(stamp, 'export const load = (name) => import(name)\n')
  }
  const { load } = (await import(pathToFileURL(stamp).href)) as {
    load: (name: string) => Promise<Loaded>
  }
  return load(name)
}

const named = (name: keyof typeof versions) => `${name} ${versions[name]}`

function openPool(connectionString: string, max: number): pg.Pool {
  const pool = new pg.Pool({ connectionString, max })
  pool.on('error', () => undefined)
  pool.on('connect', (client) => client.on('error', () => undefined))
  return pool
}

/** With NOTIFY on a connection of its own, and the shortest intervals that it takes. */
export async function openPgBoss(connectionString: string): Promise<Queue> {
  const { PgBoss } = await install('pg-boss')
  const boss = new PgBoss({
    connectionString,
    useListenNotify: true,
    superviseIntervalSeconds: 1,
    monitorIntervalSeconds: 1,
  })
  boss.on('error', () => undefined)
  await boss.start()
  await boss.createQueue('run', { notify: true, heartbeatSeconds: 10 })
  await boss.createQueue('still')
  let heard: () => void = () => undefined
  const options = {
    pollingIntervalSeconds: 0.5,
    notifyPollingIntervalSeconds: 0.5,
    batchSize: 100,
    burstWhenBatchFull: true,
  }
  await boss.work('run', options, async (jobs: readonly unknown[]) => {
    for (const _ of jobs) heard()
  })
  const insert = async (queue: string, count: number) => {
    for (let left = count; left > 0; left -= 10_000)
      await boss.insert(
        queue,
        Array.from({ length: Math.min(left, 10_000) }, () => ({ data: {} })),
      )
  }
  return {
    name: named('pg-boss'),
    add: () => boss.send('run', {}),
    addMany: (count) => insert('run', count),
    onStart: (told) => (heard = told),
    async claim() {
      const [job] = await boss.fetch('still')
      await boss.complete('still', job.id)
    },
    fill: (count) => insert('still', count),
    [Symbol.asyncDispose]: () => boss.stop({ graceful: false }),
  }
}

export async function openGraphile(connectionString: string): Promise<Queue> {
  const { Logger, makeWorkerUtils, run: start } = await install('graphile-worker')
  const logger = new Logger(() => () => undefined)
  const pool = openPool(connectionString, 12)
  let heard: () => void = () => undefined
  const task = async () => heard()
  const taskList = { run: task }
  const runner = await start({ pgPool: pool, concurrency: 10, pollInterval: 500, logger, taskList })
  const tools = await makeWorkerUtils({ pgPool: pool, logger })
  return {
    name: named('graphile-worker'),
    add: () => tools.addJob('run', {}),
    async addMany(count) {
      await tools.addJobs(Array.from({ length: count }, () => ({ identifier: 'run', payload: {} })))
    },
    onStart: (told) => (heard = told),
    async [Symbol.asyncDispose]() {
      await runner.stop()
      await pool.end()
    },
  }
}

/** @returns undefined where there is no Redis: neither installed nor in the package archive of the system */
export async function openBullMq(): Promise<Queue | undefined> {
  const program = await findRedis()
  if (program === undefined) return undefined
  const directory = await mkdtemp(join(tmpdir(), 'studioops-redis-'))
  const path = join(directory, 'redis.sock')
  const port = await freePort()
  const flags = ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no']
  const redis = spawn(program, [...flags, '--unixsocket', path, '--dir', directory], {
    stdio: 'ignore',
  })
  await untilThere(redis, path)
  const { Queue: BullQueue, Worker } = await install('bullmq')
  const connection = { host: '127.0.0.1', port, maxRetriesPerRequest: null }
  const queue = new BullQueue('run', { connection })
  let heard: () => void = () => undefined
  const worker = new Worker('run', async () => heard(), { connection, concurrency: 10 })
  for (const one of [queue, worker]) one.on('error', () => undefined)
  return {
    name: named('bullmq'),
    add: () => queue.add('run', {}, { removeOnComplete: true }),
    addMany: (count) =>
      queue.addBulk(
        Array.from({ length: count }, () => ({
          name: 'run',
          data: {},
          opts: { removeOnComplete: true },
        })),
      ),
    onStart: (told) => (heard = told),
    async [Symbol.asyncDispose]() {
      await worker.close(true)
      await queue.close()
      redis.kill('SIGKILL')
      await rm(directory, { recursive: true, force: true })
    },
  }
}

/** The installed one, or that of Debian, unpacked beside the other peers. */
async function findRedis(): Promise<string | undefined> {
  const installed = await run('which', ['redis-server']).catch(() => undefined)
  if (installed !== undefined) return installed.stdout.trim()
  const home = join(cache, 'redis')
  const program = join(home, 'usr/bin/redis-server')
  const works = () => run(program, ['--version']).then(() => program)
  const unpacked = await works().catch(() => undefined)
  if (unpacked !== undefined) return unpacked
  try {
    await mkdir(home, { recursive: true })
    await run('apt-get', ['download', 'redis-server', 'redis-tools'], { cwd: home })
    const archives = (await readdir(home)).filter((name) => name.endsWith('.deb'))
    for (const name of archives) await run('dpkg-deb', ['-x', name, '.'], { cwd: home })
    return await works()
  } catch {
    return undefined
  }
}

async function untilThere(redis: ChildProcess, path: string): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    if (redis.exitCode !== null) throw new Error('redis-server does not start')
    const names = await readdir(join(path, '..'))
    if (names.includes('redis.sock')) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error('redis-server does not listen')
}
