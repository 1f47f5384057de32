import { fork } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { type Database, openDatabase } from '../../platform/db/database.ts'
import { createJobs, createJobWorker } from '../../platform/jobs/job-worker.ts'
import { createLog } from '../../platform/log/log.ts'
import { copyDatabase, type TestDatabase } from '../test-database.ts'
import { cellsOf } from './fault-table.ts'
import { faultyKinds, leaseMs, refusedEffect } from './worker-faults.ts'

const log = createLog({ level: 'silent' })
const { enqueue } = createJobs('1.0.0')
let copy: TestDatabase
let database: Database

beforeAll(async () => {
  copy = await copyDatabase(inject('postgres'))
  await copy.asOwner((client) =>
    client.query(`create table fault_effects (id uuid primary key, attempt int);
      grant all on fault_effects to studioops_maintenance`),
  )
  database = openDatabase(copy, log)
})
afterAll(async () => {
  await database[Symbol.asyncDispose]()
  await copy[Symbol.asyncDispose]()
})

async function jobOf(id: string) {
  const { rows } = await database.asMaintenance((db) =>
    sql<{ state: string; attempts: number; effects: number; attempt: number | null }>`
      select state, attempts, (select count(*)::int from fault_effects where id = job.id) as effects,
        (select attempt from fault_effects where id = job.id) as attempt
      from background_jobs job where id = ${id}`.execute(db),
  )
  return rows[0]
}

/** Waits until the one to suffer has the job; only then is there another worker. */
async function suffer(deed: string, skewMs: number): Promise<string> {
  const server = { target: copy.target, roles: copy.roles }
  const given = JSON.stringify({ server, nodeId: randomUUID(), skewMs })
  const child = fork(join(import.meta.dirname, 'worker-process.ts'), [given], { stdio: 'ignore' })
  const refused = Promise.withResolvers<void>()
  child.on('message', (words) => {
    if (words === refusedEffect) refused.resolve()
  })
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  try {
    const id = await database.asMaintenance((db) =>
      enqueue(db, { kind: 'fault.suffer', cause: 'button', payload: { deed } }),
    )
    if (id === undefined) throw new Error('the job was not made')
    const begun = async () => ((await jobOf(id))?.attempts ?? 0) > 0
    await expect.poll(begun, { timeout: 30_000 }).toBe(true)
    if (deed === 'stopped') child.kill('SIGSTOP')
    const times = { leaseMs, retryFirstMs: 4, retryMostMs: 40, pollMs: 200, graceMs: 200 }
    const worker = createJobWorker({
      database,
      log,
      times,
      nodeId: randomUUID(),
      version: '1.0.0',
      kinds: faultyKinds(),
    })
    await worker.start()
    const ended = async () => ['done', 'dead'].includes((await jobOf(id))?.state ?? '')
    await expect.poll(ended, { timeout: 30_000 }).toBe(true)
    await worker[Symbol.asyncDispose]()
    // What stood still goes on, and finds that it has nothing to do any more.
    if (deed === 'stopped') child.kill('SIGCONT')
    if (['stopped', 'blocked'].includes(deed)) await refused.promise
    return id
  } finally {
    if (child.connected) child.disconnect()
    await exited
  }
}

describe('a worker', () => {
  it.each(cellsOf('worker').map(({ fault }) => fault))(
    '"$deed": the job ends, with its effect as often as it has to stand there [JOB-4, JOB-6, JOB-8]',
    async ({ deed, skewMs = 0, expect: wanted }) => {
      const id = await suffer(deed, skewMs)
      const { attempt, ...outcome } = (await jobOf(id)) ?? { attempt: 0 }
      expect(outcome).toEqual(wanted)
      // Of the one that was taken over from nothing came, also later.
      expect(attempt ?? wanted.attempts).toBe(deed === 'killed-after' ? 1 : wanted.attempts)
    },
    90_000,
  )
})
