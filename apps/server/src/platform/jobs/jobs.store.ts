import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import type { Db } from '../db/database.ts'
import { toJsonb } from '../db/jsonb.ts'
import { wantedBy } from '../log/log.ts'
import type { NewJob, Progress, Schedule } from './job.ts'

/** @returns its id; undefined where its singleton has not ended yet */
export async function insertJob(
  db: Db,
  job: NewJob,
  writtenBy: string,
): Promise<string | undefined> {
  const inserted = await db
    .insertInto('background_jobs')
    .values({
      id: randomUUID(),
      user_id: job.userId ?? null,
      kind: job.kind,
      payload: toJsonb(job.payload ?? {}),
      version: job.version ?? 1,
      written_by: writtenBy,
      cause: job.cause,
      singleton: job.singleton ?? null,
      priority: job.isUrgent === true ? 0 : 1,
      run_at: inMs(job.delayMs ?? 0),
      ...wantedBy(),
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning('id')
    .executeTakeFirst()
  return inserted?.id
}

function inMs(ms: number) {
  return sql<Date>`now() + ${ms} * interval '1 millisecond'`
}

export type ClaimedJob = {
  readonly id: string
  readonly user_id: string | null
  readonly kind: string
  readonly payload: unknown
  readonly version: number
  readonly written_by: string
  readonly attempts: number
  readonly attempts_max: number
  readonly epoch: number
  /** Of whoever wanted it. */
  readonly request_id: string | null
  readonly trace_id: string | null
}

export type Claiming = {
  readonly nodeId: string
  readonly leaseMs: number
  readonly limit: number
}

/** Takes what is due, what somebody waits for first. Whoever dies with it has used up an attempt. */
export async function claimJobs(
  db: Db,
  { nodeId, leaseMs, limit }: Claiming,
): Promise<ClaimedJob[]> {
  const { rows } = await sql<ClaimedJob>`
    with due as (
      select next.id from (values (0::smallint), (1::smallint)) as line (priority)
      cross join lateral (
        select id from background_jobs
        where state = 'queued' and background_jobs.priority = line.priority and run_at <= now()
        order by run_at, id limit ${limit} for update skip locked) next
      limit ${limit})
    update background_jobs set state = 'running', epoch = epoch + 1, attempts = attempts + 1,
      node_id = ${nodeId}, lease_until = ${inMs(leaseMs)}, started_at = now(),
      progress_done = null, progress_total = null
    where id in (select id from due)
    returning id, user_id, kind, payload, version, written_by, attempts, attempts_max, epoch,
      request_id, trace_id`.execute(db)
  return rows
}

/** What a worker that is gone has left: to be tried again, or dead after the last attempt. @returns how many */
export async function takeBackLost(db: Db): Promise<number> {
  const { rows } = await sql`
    update background_jobs set
      state = case when cancel_asked_at is not null then 'cancelled'
        when attempts >= attempts_max then 'dead' else 'queued' end,
      ended_at = case when cancel_asked_at is not null or attempts >= attempts_max then now() end,
      error_code = 'job.worker-lost', error_facts = '{}', run_at = now(), lease_until = null
    where id in (select id from background_jobs where state = 'running' and lease_until < now()
      order by lease_until limit 100 for update skip locked)
    returning id`.execute(db)
  return rows.length
}

/** An earlier process of this node is dead, or this one ends: what it held is free at once. */
export async function giveBack(db: Db, nodeId: string): Promise<number> {
  const changed = await db
    .updateTable('background_jobs')
    .set({
      state: sql`case when cancel_asked_at is null then 'queued' else 'cancelled' end`,
      ended_at: sql`case when cancel_asked_at is not null then now() end`,
      run_at: sql<Date>`now()`,
      lease_until: null,
      // It did nothing wrong.
      attempts: sql<number>`greatest(attempts - 1, 0)`,
    })
    .where('node_id', '=', nodeId)
    .where('state', '=', 'running')
    .executeTakeFirst()
  return Number(changed.numUpdatedRows)
}

type Held = { readonly id: string; readonly epoch: number }

/** @returns those that are still held, and whether they are to be cancelled */
export async function prolong(
  db: Db,
  held: readonly Held[],
  leaseMs: number,
): Promise<Map<string, { readonly isCancelled: boolean }>> {
  const { rows } = await sql<{ id: string; is_cancelled: boolean }>`
    update background_jobs job set lease_until = ${inMs(leaseMs)}
    from unnest(${held.map(({ id }) => id)}::uuid[], ${held.map(({ epoch }) => epoch)}::int[])
      as held (id, epoch)
    where job.id = held.id and job.epoch = held.epoch and job.state = 'running'
    returning job.id, job.cancel_asked_at is not null as is_cancelled`.execute(db)
  return new Map(rows.map((row) => [row.id, { isCancelled: row.is_cancelled }]))
}

/** Whether it is still held; until the end of the transaction nobody else takes it. */
export async function holds(db: Db, { id, epoch }: Held): Promise<boolean> {
  const { rows } = await sql`
    select from background_jobs where id = ${id} and epoch = ${epoch} and state = 'running'
    for no key update`.execute(db)
  return rows.length > 0
}

/** Several at a time, each only while it is still held: a zombie writes nothing. */
export async function finishJobs(db: Db, held: readonly Held[]): Promise<void> {
  await sql`
    update background_jobs job set state = 'done', ended_at = now(), lease_until = null,
      error_code = null, error_facts = null
    from unnest(${held.map(({ id }) => id)}::uuid[], ${held.map(({ epoch }) => epoch)}::int[])
      as held (id, epoch)
    where job.id = held.id and job.epoch = held.epoch and job.state = 'running'`.execute(db)
}

export type Failure = {
  readonly code: string
  readonly facts: unknown
  readonly next: { readonly inMs: number } | 'dead' | 'cancelled'
}

export async function failJob(db: Db, { id, epoch }: Held, failure: Failure): Promise<void> {
  const { code, facts, next } = failure
  const ends = typeof next === 'string'
  await db
    .updateTable('background_jobs')
    .set({
      state: ends ? next : 'queued',
      lease_until: null,
      error_code: next === 'cancelled' ? null : code,
      error_facts: toJsonb(facts),
      ...(ends ? { ended_at: sql<Date>`now()` } : { run_at: inMs(next.inMs) }),
    })
    .where('id', '=', id)
    .where('epoch', '=', epoch)
    .where('state', '=', 'running')
    .execute()
}

export async function noteProgress(
  db: Db,
  { id, epoch }: Held,
  { done, total }: Progress,
): Promise<void> {
  await db
    .updateTable('background_jobs')
    .set({ progress_done: done, progress_total: total })
    .where('id', '=', id)
    .where('epoch', '=', epoch)
    .execute()
}

/** When something is due next, in milliseconds; undefined where nothing waits for a time. */
export async function nextDueInMs(db: Db): Promise<number | undefined> {
  const { rows } = await sql<{ wait: number | null }>`
    select extract(epoch from least(
      (select min(run_at) from background_jobs where state = 'queued' and priority = 0),
      (select min(run_at) from background_jobs where state = 'queued' and priority = 1),
      (select min(lease_until) from background_jobs where state = 'running'),
      (select min(next_at) from job_schedules)) - now())::float8 * 1000 as wait`.execute(db)
  const wait = rows[0]?.wait
  return wait === null || wait === undefined ? undefined : Math.max(0, wait)
}

/** The first time comes within a period, so that installations and schedules do not all work at once. */
export async function keepSchedules(db: Db, schedules: readonly Schedule[]): Promise<void> {
  for (const { name, everyMs } of schedules)
    await sql`
      insert into job_schedules (name, every_ms, next_at)
      values (${name}, ${everyMs}, now() + least(${everyMs}, 60000) * random() * interval '1 millisecond')
      on conflict (name) do update set every_ms = excluded.every_ms,
        next_at = least(job_schedules.next_at, now() + excluded.every_ms * interval '1 millisecond')
      where job_schedules.every_ms <> excluded.every_ms`.execute(db)
}

/** Moves on those whose time has come, by their period give or take a twentieth. @returns their names */
export async function takeDueSchedules(db: Db): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    update job_schedules set
      next_at = now() + every_ms * (0.95 + random() * 0.1) * interval '1 millisecond'
    where name in (select name from job_schedules where next_at <= now() for update skip locked)
    returning name`.execute(db)
  return rows.map(({ name }) => name)
}

/** Ended jobs are kept for a week, dead ones for thirty days. @returns how many went */
export async function deleteEndedJobs(db: Db): Promise<number> {
  const deleted = await db
    .deleteFrom('background_jobs')
    .where(
      sql<boolean>`ended_at < now() - (case state when 'dead' then 30 else 7 end) * interval '1 day'`,
    )
    .executeTakeFirst()
  return Number(deleted.numDeletedRows)
}
