import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { z } from 'zod'
import { openDatabase } from '../../apps/server/src/platform/db/database.ts'
import { startTemporaryPostgres } from '../../apps/server/src/platform/db/embedded/temporary-postgres.ts'
import { migrateDatabase } from '../../apps/server/src/platform/db/migrate-database.ts'
import { defineJob } from '../../apps/server/src/platform/jobs/job.ts'
import { createJobs, createJobWorker } from '../../apps/server/src/platform/jobs/job-worker.ts'
import { claimJobs, finishJobs } from '../../apps/server/src/platform/jobs/jobs.store.ts'
import { createLog } from '../../apps/server/src/platform/log/log.ts'
import { atMost, type Line, median, quantile, spread } from './figures.ts'
import { openBullMq, openGraphile, openPgBoss, type Queue } from './job-peers.ts'

type Size = { readonly rounds: number; readonly starts: number; readonly jobs: number }

/** What a queue holds already when a claim is measured, and a thousand times that. */
const shallow = 100
const deep = shallow * 1_000

/** Start latency, rate and the cost of depth: our table, and the queues of others where they can be had. */
export async function measureJobs(size: Size): Promise<Line[]> {
  const server = await startTemporaryPostgres()
  const { host, port, user } = server.connection
  const urlOf = (database: string) =>
    `postgres://${user}@localhost:${port}/${database}?host=${encodeURIComponent(host)}`
  const lines: Line[] = []
  try {
    const openers = [
      () => openOurs(server.connection),
      () => openPgBoss(urlOf('postgres')),
      () => openGraphile(urlOf('postgres')),
      openBullMq,
    ]
    for (const open of openers) {
      const measured = await Promise.race([measureOne(open, size), tooLong()])
      for (const { what, value } of measured) console.log(`    ${what}: ${value}`)
      lines.push(...measured)
    }
  } finally {
    await server.stop()
  }
  return lines
}

/** A peer that stands still must not take the others' figures along. */
async function tooLong(): Promise<readonly Line[]> {
  await sleep(peerMs, undefined, { ref: false })
  return [{ bench: 'jobs', what: 'not measured: it came to no end', value: '' }]
}

async function measureOne(
  open: () => Promise<Queue | undefined>,
  size: Size,
): Promise<readonly Line[]> {
  const queue = await open().catch((error: unknown) => String(error).split('\n')[0] ?? 'failed')
  if (queue === undefined || typeof queue === 'string')
    return [{ bench: 'jobs', what: `not measured: ${queue ?? 'there is no Redis'}`, value: '' }]
  await using _ = queue
  console.log(`  ${queue.name}…`)
  const isOurs = queue.name === ownName
  await sleep(500)
  const starts = await startTimes(queue, size.starts)
  const rates: number[] = []
  for (let round = 0; round < size.rounds; round += 1) rates.push(await rate(queue, size.jobs))
  const row = (what: string, value: string): Line => ({
    bench: 'jobs',
    what: `${queue.name}: ${what}`,
    value,
  })
  const half = median(starts)
  return [
    {
      ...row('start, ms', `${half.toFixed(1)}, p99 ${quantile(starts, 0.99).toFixed(1)}`),
      ...(isOurs ? { aim: atMost(half, 10, ' ms') } : {}),
    },
    row('jobs a second', spread(rates)),
    ...(await depthLines(queue, { isOurs, row, size })),
  ]
}

type Depth = {
  readonly isOurs: boolean
  readonly row: (what: string, value: string) => Line
  readonly size: Size
}

async function depthLines({ claim, fill }: Queue, { isOurs, row, size }: Depth): Promise<Line[]> {
  if (claim === undefined || fill === undefined) return []
  const measure = async () => {
    const times: number[] = []
    for (let count = 0; count < size.starts; count += 1) {
      const startedAt = performance.now()
      await claim()
      times.push(performance.now() - startedAt)
    }
    // The quick ones: the others tell what else the machine does.
    return quantile(times, 0.1)
  }
  await fill(shallow + 4 * size.starts)
  await measure()
  const few = await measure()
  await fill(deep)
  await measure()
  const many = await measure()
  const ratio = many / few
  return [
    {
      ...row(`claim and end, with ${deep} waiting against ${shallow}`, `${ratio.toFixed(2)}×`),
      ...(isOurs ? { aim: atMost(ratio, 1.2, '×') } : {}),
    },
  ]
}

async function startTimes(queue: Queue, count: number): Promise<number[]> {
  const times: number[] = []
  for (let number = 0; number < count; number += 1) {
    const begun = Promise.withResolvers<void>()
    queue.onStart(begun.resolve)
    const startedAt = performance.now()
    await queue.add()
    await begun.promise
    times.push(performance.now() - startedAt)
    await sleep(5 + Math.random() * 30)
  }
  return times
}

const mostMs = 20_000

/** @returns jobs a second; of a queue that crawls, of as many as it did in twenty seconds */
async function rate(queue: Queue, count: number): Promise<number> {
  let done = 0
  const all = Promise.withResolvers<void>()
  queue.onStart(() => {
    done += 1
    if (done === count) all.resolve()
  })
  const startedAt = performance.now()
  await queue.addMany(count)
  const timer = setTimeout(all.resolve, mostMs)
  await all.promise
  clearTimeout(timer)
  return done / ((performance.now() - startedAt) / 1_000)
}

const ownName = 'our table'
const peerMs = 120_000
/** A statement has five seconds. */
const portion = 5_000

async function openOurs(connection: { readonly user?: string }): Promise<Queue> {
  await using opened = new AsyncDisposableStack()
  const log = createLog({ level: 'silent' })
  const server = { target: { ...connection, database: 'postgres' }, roles: 'switched' } as const
  await migrateDatabase(server, { appVersion: 'bench' })
  const database = opened.use(openDatabase(server, log))
  let heard: () => void = () => undefined
  const jobs = createJobs('bench')
  const run = defineJob({ payload: z.object({}), run: async () => heard() })
  const worker = createJobWorker({
    database,
    log,
    nodeId: randomUUID(),
    version: 'bench',
    kinds: { run },
    times: { slots: 100 },
  })
  await worker.start()
  opened.use(worker)
  opened.use(await database.listen('background_jobs', worker.wake))
  const insert = async (count: number, kind: 'run' | 'still') => {
    for (let left = count; left > 0; left -= portion)
      await database.asMaintenance((db) =>
        sql`insert into background_jobs (id, kind, written_by, cause)
          select gen_random_uuid(), ${kind}, 'bench', 'button'
          from generate_series(1, ${Math.min(left, portion)}::int)`.execute(db),
      )
  }
  const running = opened.move()
  let isStill = false
  return {
    name: ownName,
    async add() {
      await database.asMaintenance((db) => jobs.enqueue(db, { kind: 'run', cause: 'button' }))
    },
    async addMany(count) {
      await insert(count, 'run')
    },
    onStart: (told) => (heard = told),
    async claim() {
      const taken = await database.writeAsMaintenance((db) =>
        claimJobs(db, { nodeId, leaseMs: 9_000, limit: 1 }),
      )
      await database.writeAsMaintenance((db) => finishJobs(db, taken))
    },
    async fill(count) {
      // Nobody else may take what is claimed by hand.
      if (!isStill) await worker[Symbol.asyncDispose]()
      isStill = true
      await insert(count, 'still')
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}

const nodeId = randomUUID()
