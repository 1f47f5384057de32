import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { z } from 'zod'
import { copyDatabase, type TestDatabase } from '../../testing/test-database.ts'
import { type Database, openDatabase } from '../db/database.ts'
import { OutsideError } from '../errors/outside-error.ts'
import { createLog } from '../log/log.ts'
import { defineJob, type JobKinds, type JobScope, type NewJob, type Schedule } from './job.ts'
import { createJobs, createJobWorker } from './job-worker.ts'

const log = createLog({ level: 'silent' })
const { enqueue } = createJobs('1.0.0')
let copy: TestDatabase
let database: Database

beforeAll(async () => {
  copy = await copyDatabase(inject('postgres'))
  database = openDatabase(copy, log)
})
afterAll(async () => {
  await database[Symbol.asyncDispose]()
  await copy[Symbol.asyncDispose]()
})

type Settings = {
  readonly nodeId?: string
  readonly schedules?: readonly Schedule[]
  readonly times?: object
}

async function startWorker(kinds: JobKinds, settings: Settings = {}) {
  const { nodeId = randomUUID(), schedules = [], times = {} } = settings
  const worker = createJobWorker({
    database,
    log,
    nodeId,
    version: '1.0.0',
    kinds,
    schedules,
    times: { leaseMs: 600, retryFirstMs: 4, retryMostMs: 40, graceMs: 200, pollMs: 200, ...times },
  })
  await worker.start()
  const listening = await database.listen('background_jobs', worker.wake)
  return {
    nodeId,
    async [Symbol.asyncDispose]() {
      await listening[Symbol.asyncDispose]()
      await worker[Symbol.asyncDispose]()
    },
  }
}

const add = (job: Partial<NewJob> & { kind: string }) =>
  database.asMaintenance((db) => enqueue(db, { cause: 'button', ...job }))

async function rowOf(id: string | undefined) {
  const { rows } = await database.asMaintenance((db) =>
    sql<{
      state: string
      attempts: number
      error_code: string | null
      epoch: number
      progress_done: number | null
    }>`select state, attempts, error_code, epoch, progress_done from background_jobs where id = ${id}`.execute(
      db,
    ),
  )
  return rows[0]
}

const payload = z.object({ name: z.string() })
const job = (run: (name: string, scope: JobScope) => Promise<void>) =>
  defineJob({ payload, run: ({ name }, scope) => run(name, scope) })

describe('a background job', () => {
  it('is there when the transaction that made it is, and not otherwise [JOB-1]', async () => {
    const ran: string[] = []
    await using _ = await startWorker({ a: job(async (name) => void ran.push(name)) })

    await expect(
      database.asMaintenance(async (db) => {
        await enqueue(db, { kind: 'a', cause: 'change', payload: { name: 'rolled back' } })
        throw new Error('no')
      }),
    ).rejects.toThrow('no')
    await add({ kind: 'a', payload: { name: 'committed' } })

    await expect.poll(() => ran).toEqual(['committed'])
  })

  it('is tried five times more, later and later, and then dead, and others go on [JOB-2, JOB-8]', async () => {
    const attempts: number[] = []
    const ran: string[] = []
    await using _ = await startWorker({
      poison: job(async (_name, { attempt }) => {
        attempts.push(attempt)
        throw new OutsideError('not-done', { code: 'jira.timeout' })
      }),
      good: job(async (name) => void ran.push(name)),
    })
    const id = await add({ kind: 'poison', payload: { name: 'p' } })
    await add({ kind: 'good', payload: { name: 'g' } })

    await expect.poll(async () => (await rowOf(id))?.state, { timeout: 10_000 }).toBe('dead')
    expect(attempts).toEqual([1, 2, 3, 4, 5, 6])
    expect(await rowOf(id)).toMatchObject({ error_code: 'jira.timeout' })
    expect(ran).toEqual(['g'])
  })

  it('is not tried again where it may have written outside [D-12, JOB-2]', async () => {
    await using _ = await startWorker({
      a: job(async () => {
        throw new OutsideError('ambiguous', { code: 'jira.unclear' })
      }),
    })
    const id = await add({ kind: 'a', payload: { name: 'x' } })

    await expect.poll(async () => (await rowOf(id))?.state).toBe('dead')
    expect(await rowOf(id)).toMatchObject({ attempts: 1, error_code: 'jira.unclear' })
  })

  it('runs once, however many workers there are [JOB-6]', async () => {
    const ran: string[] = []
    const kinds = { many: job(async (name) => void ran.push(name)) }
    await using _a = await startWorker(kinds)
    await using _b = await startWorker(kinds)
    await using _c = await startWorker(kinds)
    const names = Array.from({ length: 300 }, (_, number) => `${number}`)
    await database.asMaintenance(async (db) => {
      for (const name of names)
        await enqueue(db, { kind: 'many', cause: 'change', payload: { name } })
    })

    await expect.poll(() => ran.length, { timeout: 10_000 }).toBe(300)
    expect(new Set(ran).size).toBe(300)
  })

  it('is taken over from a worker that fell silent, which then changes nothing any more [JOB-4]', async () => {
    const id = await add({ kind: 'slept', payload: { name: 'x' } })
    // As a worker that was stopped in the middle left it.
    const silent = randomUUID()
    await database.asMaintenance((db) =>
      sql`update background_jobs set state = 'running', epoch = 7, attempts = 1, node_id = ${silent},
        lease_until = now() + interval '300 milliseconds' where id = ${id}`.execute(db),
    )
    const epochs: number[] = []
    await using _ = await startWorker({
      slept: job(async () => {
        epochs.push((await rowOf(id))?.epoch ?? 0)
        const { numUpdatedRows } = await database.asMaintenance((db) =>
          db
            .updateTable('background_jobs')
            .set({ state: 'dead' })
            .where('id', '=', id ?? '')
            .where('epoch', '=', 7)
            .executeTakeFirst(),
        )
        expect(numUpdatedRows).toBe(0n)
      }),
    })

    await expect.poll(async () => (await rowOf(id))?.state, { timeout: 5_000 }).toBe('done')
    expect(epochs).toEqual([8])
  })

  it('is stopped by its person in the middle, and what waits never begins [JOB-8]', async () => {
    const begun: string[] = []
    await using _ = await startWorker(
      {
        long: job(async (name, { signal }) => {
          begun.push(name)
          await new Promise((_resolve, reject) => {
            signal.addEventListener('abort', () => reject(new Error('stopped')), { once: true })
          })
        }),
      },
      { times: { slots: 1 } },
    )
    const id = await add({ kind: 'long', payload: { name: 'first' } })
    const second = await add({ kind: 'long', payload: { name: 'second' } })
    await expect.poll(() => begun).toEqual(['first'])

    await database.asMaintenance((db) =>
      sql`update background_jobs set cancel_asked_at = now(),
        state = case state when 'queued' then 'cancelled' else state end
        where id in (${id}, ${second})`.execute(db),
    )

    await expect.poll(async () => (await rowOf(id))?.state).toBe('cancelled')
    expect(await rowOf(second)).toMatchObject({ state: 'cancelled' })
    expect(begun).toEqual(['first'])
  })

  it('is given back at once when its process ends, without an attempt lost [JOB-6]', async () => {
    const id = await add({ kind: 'cut', payload: { name: 'x' } })
    let begun = 0
    {
      await using _ = await startWorker({
        cut: job(async () => {
          begun += 1
          await new Promise(() => undefined)
        }),
      })
      await expect.poll(() => begun).toBe(1)
    }
    expect(await rowOf(id)).toMatchObject({ state: 'queued', attempts: 0 })
    await using _ = await startWorker({ cut: job(async () => void (begun += 1)) })
    await expect.poll(async () => (await rowOf(id))?.state).toBe('done')
  })

  it('that an earlier process of the same node held is free at the start [JOB-6]', async () => {
    const nodeId = randomUUID()
    const id = await add({ kind: 'held', payload: { name: 'x' } })
    await database.asMaintenance((db) =>
      sql`update background_jobs set state = 'running', attempts = 1, node_id = ${nodeId},
        lease_until = now() + interval '1 hour' where id = ${id}`.execute(db),
    )
    await using _ = await startWorker({ held: job(async () => undefined) }, { nodeId })
    await expect.poll(async () => (await rowOf(id))?.state).toBe('done')
  })

  it('that another version wrote is read by its version, or says who wrote it [JOB-8]', async () => {
    const seen: string[] = []
    await using _ = await startWorker({
      grown: defineJob({
        payload,
        version: 2,
        upgrade: { 1: (old) => ({ name: (old as { title: string }).title }) },
        run: async ({ name }) => void seen.push(name),
      }),
    })
    await add({ kind: 'grown', version: 1, payload: { title: 'old' } })
    const newer = await add({ kind: 'grown', version: 3, payload: { label: 'new' } })

    await expect.poll(() => seen).toEqual(['old'])
    await expect.poll(async () => (await rowOf(newer))?.state, { timeout: 10_000 }).toBe('dead')
    expect(await rowOf(newer)).toMatchObject({ error_code: 'job.unknown' })
  })

  it('that somebody waits for goes before ten thousand that nobody waits for', async () => {
    await database.asMaintenance((db) =>
      sql`insert into background_jobs (id, kind, payload, written_by, cause)
        select gen_random_uuid(), 'slow', '{"name":"n"}', '1', 'change' from generate_series(1, 10000)`.execute(
        db,
      ),
    )
    const order: string[] = []
    const slow = job(async () => {
      order.push('slow')
      await new Promise((resolve) => setTimeout(resolve, 5))
    })
    await using _ = await startWorker(
      { slow, urgent: job(async () => void order.push('urgent')) },
      { times: { slots: 2 } },
    )
    await expect.poll(() => order.length).toBeGreaterThan(0)
    const before = order.length
    await add({ kind: 'urgent', payload: { name: 'u' }, isUrgent: true })

    await expect.poll(() => order).toContain('urgent')
    expect(order.indexOf('urgent') - before).toBeLessThan(100)
    await database.asMaintenance((db) => sql`delete from background_jobs`.execute(db))
  })

  it('of a schedule is made once, by whichever worker sees its time first [JOB-3]', async () => {
    const ran: string[] = []
    const kinds = {
      tick: defineJob({ payload: z.object({}), run: async () => void ran.push('x') }),
    }
    const schedules = [
      { name: 'tick', everyMs: 3_600_000, job: { kind: 'tick', cause: 'schedule' } },
    ]
    await database.asMaintenance((db) =>
      sql`insert into job_schedules values ('tick', 3600000, now())`.execute(db),
    )
    await using _a = await startWorker(kinds, { schedules })
    await using _b = await startWorker(kinds, { schedules })
    await expect.poll(() => ran).toEqual(['x'])
    const { rows } = await database.asMaintenance((db) =>
      sql<{ minutes: number }>`select extract(epoch from next_at - now())::float8 / 60 as minutes
        from job_schedules`.execute(db),
    )
    expect(rows[0]?.minutes).toBeGreaterThan(56)
    expect(rows[0]?.minutes).toBeLessThan(64)
    const { rows: jobs } = await database.asMaintenance((db) =>
      sql`select from background_jobs where kind = 'tick'`.execute(db),
    )
    expect(jobs).toHaveLength(1)
  })

  it('of which one of its name has not ended is not made a second time', async () => {
    const first = await add({ kind: 'none', singleton: 'only' })
    expect(first).toBeTruthy()
    expect(await add({ kind: 'none', singleton: 'only' })).toBeUndefined()
    await database.asMaintenance((db) => sql`delete from background_jobs`.execute(db))
  })

  it('shows how far it is [JOB-4]', async () => {
    const { promise: enough, resolve: letGo } = Promise.withResolvers<void>()
    await using _ = await startWorker({
      far: job(async (_name, { progress }) => {
        progress({ done: 3, total: 5 })
        await enough
      }),
    })
    const id = await add({ kind: 'far', payload: { name: 'x' } })
    await expect.poll(async () => (await rowOf(id))?.progress_done, { timeout: 5_000 }).toBe(3)
    letGo()
    await expect.poll(async () => (await rowOf(id))?.state).toBe('done')
  })
})
