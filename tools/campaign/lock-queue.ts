import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import type { ExecuteLimits } from '../../packages/migrate/src/execute/execute.ts'
import { executeOn, plainMigration } from '../../packages/migrate/src/testing/plain-migration.ts'
import { startServer } from '../../packages/migrate/src/testing/server.ts'
import {
  createDatabaseOn,
  type TestDatabase,
} from '../../packages/migrate/src/testing/server-database.ts'

export type LockQueueOptions = {
  readonly blockerS: number
  readonly signal: AbortSignal
  readonly say: (line: string) => void
}

const queriesPerSecond = 40
const connectionsMax = 250
const toleranceMs = 50

/** How patient the engine is, in words, and as its limits say it. */
const patiences: readonly (readonly [words: string, limits: Partial<ExecuteLimits>])[] = [
  ['lock_timeout 0.5 s', { lockTimeoutMinMs: 500, lockTimeoutMaxMs: 500 }],
  ['lock_timeout 0.5 s rising to 5 s, as by default', {}],
]

/** An application works on a table that a migration cannot get, because somebody reads it for long. */
export async function runLockQueue(options: LockQueueOptions): Promise<'passed' | 'failed'> {
  const { signal, say } = options
  const server = await startServer({ settings: [`max_connections = ${connectionsMax + 20}`] })
  let isKept = true
  try {
    for (const [words, limits] of patiences) {
      if (signal.aborted) break
      await using database = await createDatabaseOn(server.connection)
      const found = await measure(database, limits, options)
      const lockTimeoutMs = limits.lockTimeoutMaxMs ?? 5_000
      const isFast = found.p99Ms <= lockTimeoutMs + toleranceMs
      isKept &&= isFast && found.ended === 'done'
      say(
        `${words}: application p50 ${found.p50Ms.toFixed(1)} ms, p99 ${found.p99Ms.toFixed(0)} ms, longest ${found.longestMs.toFixed(0)} ms of ${found.count} queries (alone: p99 ${found.aloneP99Ms.toFixed(1)} ms); ${found.retries} retries; migration ${found.ended} ${(found.afterBlockerMs / 1_000).toFixed(1)} s after the blocker: ${isFast ? 'kept' : 'NOT KEPT'} (p99 ≤ ${lockTimeoutMs + toleranceMs} ms)`,
      )
    }
  } finally {
    await server.stop()
  }
  return isKept ? 'passed' : 'failed'
}

async function measure(
  database: TestDatabase,
  limits: Partial<ExecuteLimits>,
  { blockerS }: LockQueueOptions,
) {
  const table = plainMigration(
    '0001_t',
    'create table t (id int primary key, n int); insert into t select n, 0 from generate_series(1, 10000) n',
  )
  await executeOn(database, [table])
  const pool = new pg.Pool({ ...database.target, max: connectionsMax })
  const clients = await Promise.all(Array.from({ length: 20 }, () => pool.connect()))
  for (const client of clients) client.release()
  const alone = await work(pool, () => sleep(5_000))

  const blocker = await database.connect()
  await blocker.query('begin; select count(*) from t')
  const change = plainMigration('0002_c', 'alter table t add column c text')
  let endedAt = 0
  let blockerEndedAt = 0
  let retries = 0
  const migrating = executeOn(database, [table, change], {
    limits,
    onEvent: ({ type }) => void (retries += type === 'retry' ? 1 : 0),
  }).then(({ kind }) => {
    endedAt = performance.now()
    return kind
  })
  let ended = ''
  const busy = await work(pool, async () => {
    await sleep(blockerS * 1_000)
    await blocker.query('rollback')
    blockerEndedAt = performance.now()
    ended = await migrating
  })
  await pool.end()
  return {
    p50Ms: percentile(busy, 0.5),
    p99Ms: percentile(busy, 0.99),
    longestMs: percentile(busy, 1),
    aloneP99Ms: percentile(alone, 0.99),
    count: busy.length,
    retries,
    ended,
    afterBlockerMs: endedAt - blockerEndedAt,
  }
}

/** Sends queries at a steady pace, whoever still waits, until something is over. @returns milliseconds */
async function work(pool: pg.Pool, until: () => Promise<unknown>): Promise<number[]> {
  const tookMs: number[] = []
  const open: Promise<void>[] = []
  let isOver = false
  const over = until().then(() => (isOver = true))
  for (let at = performance.now(), n = 0; !isOver; n += 1) {
    open.push(
      timed(pool, n).then((ms) => {
        tookMs.push(ms)
      }),
    )
    at += 1_000 / queriesPerSecond
    await sleep(Math.max(0, at - performance.now()))
  }
  await over
  await Promise.all(open)
  return tookMs.toSorted((left, right) => left - right)
}

async function timed(pool: pg.Pool, n: number): Promise<number> {
  const began = performance.now()
  await pool.query(
    n % 2 === 0 ? 'select n from t where id = $1' : 'update t set n = n + 1 where id = $1',
    [1 + ((n * 7_919) % 10_000)],
  )
  return performance.now() - began
}

const percentile = (sorted: readonly number[], share: number) =>
  sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN
