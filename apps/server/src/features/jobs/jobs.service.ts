import type { Facts } from '@studioops/contracts/errors'
import type { Language } from '@studioops/contracts/installation'
import { type Job, jobCause, type JobState } from '@studioops/contracts/jobs'
import type { Database } from '../../platform/db/database.ts'
import { AppError } from '../../platform/errors/app-error.ts'
import { describeProblem, knownCode } from '../../platform/errors/problem.ts'
import { currentContext } from '../../platform/log/log.ts'
import { withoutAbsent } from '../../platform/values/without-absent.ts'
import * as store from './jobs.store.ts'

type Asked = { readonly userId: string; readonly jobId: string; readonly language: Language }

type Dependencies = {
  readonly database: Database
  /** Kinds are shown to those who run the workspace, and a row may hold any text. */
  readonly isKind: (kind: string) => boolean
}

export type JobService = ReturnType<typeof createJobService>

/** What people see and may do of their background jobs. */
export function createJobService({ database, isKind }: Dependencies) {
  async function show({ userId, jobId, language }: Asked): Promise<Job> {
    return database.asUser(userId, async (db) => {
      const row = await store.findJob(db, jobId)
      if (row === undefined) throw new AppError('job.not-found')
      return present(row, await store.listPositions(db), language)
    })
  }

  async function change(asked: Asked, deed: typeof store.cancelJob): Promise<Job> {
    await show(asked)
    const isDone = await database.asUser(asked.userId, (db) => deed(db, asked.jobId))
    if (!isDone) throw new AppError('job.not-open')
    return show(asked)
  }

  return {
    list: (userId: string, { limit, language }: { limit: number; language: Language }) =>
      database.asUser(userId, async (db): Promise<Job[]> => {
        const rows = await store.listJobs(db, limit)
        const positions = await store.listPositions(db)
        return rows.map((row) => present(row, positions, language))
      }),

    /** @throws AppError `job.not-found`, `job.not-open` */
    cancel: (asked: Asked) => change(asked, store.cancelJob),

    /** @throws AppError `job.not-found`, `job.not-open` */
    retry: (asked: Asked) => change(asked, store.retryJob),

    /** Those who run the workspace; nobody else is shown anything. */
    counts: (userId: string, language: Language) =>
      database.asUser(userId, async (db) => {
        const named = <T extends { kind: string }>(row: T) =>
          isKind(row.kind) ? row : { ...row, kind: 'unknown' }
        const states = (await store.countJobs(db)).map(named)
        const dead = (await store.listDeadReasons(db)).map(named)
        return {
          kinds: [...Map.groupBy(states, ({ kind }) => kind)].map(([kind, rows]) =>
            countOf(kind, rows),
          ),
          dead: dead.map(({ kind, error_code: code, jobs, last_at: at }) => ({
            kind,
            // Facts may name what a job was about.
            problem: problemOf({ code, facts: {}, jobId: kind }, language),
            count: jobs,
            lastAt: at.toISOString(),
          })),
        }
      }),
  }
}

function countOf(kind: string, rows: Awaited<ReturnType<typeof store.countJobs>>) {
  const of = (state: string) => rows.filter((row) => row.state === state)
  const count = (state: string) => of(state).reduce((sum, { jobs }) => sum + jobs, 0)
  const oldest = of('queued').map(({ oldest_at: at }) => at.toISOString())
  return withoutAbsent({
    kind,
    queued: count('queued'),
    running: count('running'),
    dead: count('dead'),
    oldestAt: oldest.toSorted()[0],
  })
}

function present(
  row: store.JobRow,
  positions: ReadonlyMap<string, number>,
  language: Language,
): Job {
  const state = stateOf(row)
  return withoutAbsent({
    id: row.id,
    kind: row.kind,
    state,
    cause: jobCause.catch('change').parse(row.cause),
    ahead: state === 'queued' ? positions.get(row.id) : undefined,
    progress: progressOf(row),
    isCancelling: row.state === 'running' && row.cancel_asked_at !== null,
    attempts: row.attempts,
    attemptsMax: row.attempts_max,
    problem:
      row.error_code === null
        ? undefined
        : problemOf({ code: row.error_code, facts: row.error_facts, jobId: row.id }, language),
    nextAttemptAt: row.state === 'queued' && row.is_later ? row.run_at.toISOString() : undefined,
    createdAt: row.created_at.toISOString(),
    startedAt: row.started_at?.toISOString(),
    endedAt: row.ended_at?.toISOString(),
  })
}

function stateOf(row: store.JobRow): JobState {
  if (row.is_stuck) return 'stuck'
  if (row.state === 'queued' && row.attempts > 0) return 'retrying'
  // The column's check constraint lists exactly these.
  return row.state as JobState
}

function progressOf({ progress_done: done, progress_total: total }: store.JobRow) {
  return done === null || total === null ? undefined : { done, total }
}

type Reason = { readonly code: string | null; readonly facts: unknown; readonly jobId: string }

function problemOf({ code, facts, jobId }: Reason, language: Language) {
  const correlationId = currentContext()?.correlationId ?? jobId
  const known = knownCode(code ?? 'internal')
  return describeProblem(known, (facts ?? {}) as Facts, { correlationId, language })
}
