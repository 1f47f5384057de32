import { sql } from 'kysely'
import { type Db, transactionUser } from '../../platform/db/database.ts'

const shown = [
  'id',
  'kind',
  'state',
  'cause',
  'attempts',
  'attempts_max',
  'progress_done',
  'progress_total',
  'cancel_asked_at',
  'error_code',
  'error_facts',
  'run_at',
  'created_at',
  'started_at',
  'ended_at',
] as const

/** Never the payload: the page shows what a job is about by its kind. */
const ownJobs = (db: Db) =>
  db
    .selectFrom('background_jobs')
    .select(shown)
    .select([
      sql<boolean>`state = 'running' and lease_until < now()`.as('is_stuck'),
      sql<boolean>`run_at > now()`.as('is_later'),
    ])
    .where('user_id', '=', transactionUser)

export function listJobs(db: Db, limit: number) {
  return ownJobs(db).orderBy('created_at', 'desc').limit(limit).execute()
}

export function findJob(db: Db, id: string) {
  return ownJobs(db).where('id', '=', id).executeTakeFirst()
}
export type JobRow = NonNullable<Awaited<ReturnType<typeof findJob>>>

/** How many jobs of anybody go before each of the person's that could run now. */
export async function listPositions(db: Db): Promise<ReadonlyMap<string, number>> {
  const { rows } = await sql<{
    job_id: string
    ahead: number
  }>`select job_id, ahead from own_job_positions()`.execute(db)
  return new Map(rows.map(({ job_id: id, ahead }) => [id, ahead]))
}

/** @returns false where it has ended */
export async function cancelJob(db: Db, id: string): Promise<boolean> {
  const changed = await db
    .updateTable('background_jobs')
    .set({
      state: sql`case state when 'queued' then 'cancelled' else state end`,
      ended_at: sql`case state when 'queued' then now() end`,
      cancel_asked_at: sql<Date>`now()`,
    })
    .where('id', '=', id)
    .where('user_id', '=', transactionUser)
    .where('state', 'in', ['queued', 'running'])
    .executeTakeFirst()
  return changed.numUpdatedRows > 0n
}

/** @returns false where it runs, is done, or another of its singleton has taken its place */
export async function retryJob(db: Db, id: string): Promise<boolean> {
  const changed = await db
    .updateTable('background_jobs')
    .set({
      state: 'queued',
      run_at: sql<Date>`now()`,
      attempts: sql<number>`case state when 'queued' then attempts else 0 end`,
      epoch: sql<number>`epoch + 1`,
      cancel_asked_at: null,
      ended_at: null,
      progress_done: null,
      progress_total: null,
    })
    .where('id', '=', id)
    .where('user_id', '=', transactionUser)
    .where('state', 'in', ['queued', 'cancelled', 'dead'])
    .where(
      sql<boolean>`not exists (select from background_jobs other
        where other.singleton = background_jobs.singleton and other.id <> background_jobs.id
          and other.state in ('queued', 'running'))`,
    )
    .executeTakeFirst()
  return changed.numUpdatedRows > 0n
}

export async function countJobs(db: Db) {
  const { rows } = await sql<{ kind: string; state: string; jobs: number; oldest_at: Date }>`
    select kind, state, jobs, oldest_at from job_counts()`.execute(db)
  return rows
}

export async function listDeadReasons(db: Db) {
  const { rows } = await sql<{
    kind: string
    error_code: string | null
    jobs: number
    last_at: Date
  }>`select kind, error_code, jobs, last_at from dead_job_reasons()`.execute(db)
  return rows
}
