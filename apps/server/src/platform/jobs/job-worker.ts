import { AppError } from '../errors/app-error.ts'
import { OutsideError } from '../errors/outside-error.ts'
import type { Database, Db } from '../db/database.ts'
import { type Log, resumedContext, runInContext } from '../log/log.ts'
import type { EndedJob, Telemetry } from '../telemetry/telemetry.ts'
import type { JobKinds, NewJob, Progress, Schedule } from './job.ts'
import * as store from './jobs.store.ts'
import type { ClaimedJob } from './jobs.store.ts'

type Dependencies = {
  readonly database: Database
  readonly log: Log
  /** Of the process, kept over its restarts, so that the next one finds what this one held. */
  readonly nodeId: string
  /** Written into each job, for the dead letter that says which version it came from. */
  readonly version: string
  readonly kinds: JobKinds
  readonly schedules?: readonly Schedule[]
  readonly times?: Partial<Times>
  /** Hears how each attempt ended. */
  readonly watch?: Pick<Telemetry, 'jobEnded' | 'failed'>
}

type Times = {
  /** How many jobs run at a time. */
  readonly slots: number
  /** A worker that is gone is missed after this; three heartbeats fall into it. */
  readonly leaseMs: number
  /** The wait before the second attempt; it doubles. */
  readonly retryFirstMs: number
  readonly retryMostMs: number
  /** How long an end waits for what is under way, before it is given back. */
  readonly graceMs: number
  /** Looks at least so often, where no NOTIFY comes. */
  readonly pollMs: number
}

const usual: Times = {
  slots: 10,
  leaseMs: 9_000,
  retryFirstMs: 2_000,
  retryMostMs: 10 * 60_000,
  graceMs: 5_000,
  pollMs: 30_000,
}

const progressEveryMs = 500
const keepEveryMs = 250

type Running = {
  readonly job: ClaimedJob
  readonly stop: AbortController
  readonly ended: Promise<void>
}

/** Why the signal of a job was aborted. */
type Stop = 'cancelled' | 'lost' | 'stopping'

/**
 * Carries out background jobs beside any number of other workers. A job belongs to whoever holds its
 * lease, and each write about it asks for the epoch of the claim, so that a worker that slept through
 * its lease changes nothing.
 */
export function createJobWorker(dependencies: Dependencies) {
  const { database, log, nodeId, version, kinds, schedules = [], watch } = dependencies
  const times = { ...usual, ...dependencies.times }
  const running = new Map<string, Running>()
  const finished: ClaimedJob[] = []
  let finishing: Promise<void> | undefined
  let isStopping = false
  let wake: () => void = () => undefined
  let looping: Promise<void> | undefined
  let heart: NodeJS.Timeout | undefined

  /** Ends of many short jobs share one statement. */
  function finish(job: ClaimedJob): Promise<void> {
    finished.push(job)
    finishing ??= new Promise<void>((resolve) => setImmediate(resolve)).then(async () => {
      finishing = undefined
      const jobs = finished.splice(0)
      await database.writeAsMaintenance((db) => store.finishJobs(db, jobs))
    })
    return finishing
  }

  async function runJob(job: ClaimedJob, signal: AbortSignal): Promise<void> {
    const progress = startProgress(job)
    const began = performance.now()
    const tell = (outcome: EndedJob['outcome'], code?: string) => {
      const durationMs = performance.now() - began
      watch?.jobEnded({ kind: job.kind, outcome, attempt: job.attempts, durationMs, code })
    }
    try {
      const kind = kinds[job.kind]
      if (kind === undefined) throw foreign(job)
      const payload = payloadOf(job, kinds)
      await kind.run(payload, {
        id: job.id,
        userId: job.user_id ?? undefined,
        attempt: job.attempts,
        isLastAttempt: job.attempts >= job.attempts_max,
        signal,
        progress: progress.note,
        asHolder: (work) => asHolder(job, work),
      })
      await finish(job)
      tell('done')
    } catch (error) {
      const failure = await fail(job, { error, stop: stopOf(signal) })
      if (failure !== undefined) tell(outcomeOf(failure), failure.code)
    } finally {
      progress.stop()
    }
  }

  function asHolder<T>(job: ClaimedJob, work: (db: Db) => Promise<T>): Promise<T> {
    return database.asMaintenance(async (db) => {
      if (!(await store.holds(db, job))) throw new Error('another worker has the job')
      return work(db)
    })
  }

  async function fail(
    job: ClaimedJob,
    { error, stop }: { error: unknown; stop: Stop | undefined },
  ): Promise<store.Failure | undefined> {
    // Somebody else has it, or it is given back with all others.
    if (stop === 'lost' || stop === 'stopping') return undefined
    const failure = failureOf(job, { error, stop, times })
    const level = failure.next === 'dead' ? 'error' : 'warn'
    if (failure.next !== 'cancelled')
      log[level](
        { err: error, job_id: job.id, job_kind: job.kind, code: failure.code },
        'job failed',
      )
    if (failure.next !== 'cancelled')
      watch?.failed(error, { code: failure.code, route: `job ${job.kind}` })
    await database.writeAsMaintenance((db) => store.failJob(db, job, failure))
    return failure
  }

  function startProgress(job: ClaimedJob) {
    let newest: Progress | undefined
    let timer: NodeJS.Timeout | undefined
    const write = () => {
      timer = undefined
      const progress = newest
      if (progress === undefined) return
      database
        .writeAsMaintenance((db) => store.noteProgress(db, job, progress))
        .catch((error: unknown) => log.warn({ err: error }, 'progress of a job not written'))
    }
    return {
      note(progress: Progress) {
        newest = progress
        timer ??= setTimeout(write, progressEveryMs)
      },
      stop: () => clearTimeout(timer),
    }
  }

  function begin(job: ClaimedJob): void {
    const stop = new AbortController()
    const { request_id: requestId, trace_id: traceId, user_id: userId } = job
    const context = resumedContext({ requestId, traceId, userId })
    const ended = runInContext(context, () => runJob(job, stop.signal))
      .catch((error: unknown) =>
        log.warn({ err: error, job_id: job.id }, 'the end of a job was not written'),
      )
      .finally(() => {
        running.delete(job.id)
        wake()
      })
    running.set(job.id, { job, stop, ended })
  }

  /** @returns whether there may be more */
  async function take(): Promise<boolean> {
    const limit = times.slots - running.size
    if (limit <= 0) return false
    const claiming = { nodeId, leaseMs: times.leaseMs, limit }
    const jobs = await database.writeAsMaintenance((db) => store.claimJobs(db, claiming))
    for (const job of jobs) begin(job)
    return jobs.length > 0
  }

  async function planSchedules(): Promise<void> {
    if (schedules.length === 0) return
    await database.asMaintenance(async (db) => {
      const due = new Set(await store.takeDueSchedules(db))
      for (const { name, job } of schedules)
        if (due.has(name)) await store.insertJob(db, { singleton: name, ...job }, version)
    })
  }

  let beatAt = performance.now()

  async function beat(): Promise<void> {
    beatAt = performance.now()
    if (running.size === 0) return
    try {
      const held = [...running.values()].map(({ job }) => job)
      const kept = await database.writeAsMaintenance((db) => store.prolong(db, held, times.leaseMs))
      for (const { id } of held) {
        const state = kept.get(id)
        if (state === undefined) running.get(id)?.stop.abort('lost' satisfies Stop)
        else if (state.isCancelled) running.get(id)?.stop.abort('cancelled' satisfies Stop)
      }
    } catch (error) {
      log.warn({ err: error }, 'leases of jobs not prolonged')
    }
  }

  let keptAt = -keepEveryMs

  /** What time alone brings about; not at the end of each of many short jobs. */
  async function keepHouse(): Promise<void> {
    if (performance.now() < keptAt + keepEveryMs) return
    keptAt = performance.now()
    await planSchedules()
    // A process that stood still prolongs what it still holds before it takes what others lost.
    if (performance.now() > beatAt + times.leaseMs / 2) await beat()
    const lost = await database.writeAsMaintenance(store.takeBackLost)
    if (lost > 0) log.warn({ jobs: lost }, 'jobs of a worker that is gone taken back')
  }

  async function look(): Promise<number> {
    try {
      while (!isStopping && running.size < times.slots && (await take()));
      await keepHouse()
      // Whoever ends makes room, and wakes.
      if (running.size >= times.slots) return times.leaseMs
      const dueMs = (await database.writeAsMaintenance(store.nextDueInMs)) ?? times.pollMs
      return Math.max(dueMs, keptAt + keepEveryMs - performance.now())
    } catch (error) {
      log.warn({ err: error }, 'jobs cannot reach the database')
      return 1_000
    }
  }

  async function loop(): Promise<void> {
    while (!isStopping) {
      const { promise: called, resolve } = Promise.withResolvers<void>()
      wake = resolve
      const waitMs = await look()
      const timer = setTimeout(resolve, Math.min(waitMs + 2, times.pollMs))
      await called
      clearTimeout(timer)
    }
  }

  return {
    async start(): Promise<void> {
      await database.asMaintenance(async (db) => {
        await store.giveBack(db, nodeId)
        await store.keepSchedules(db, schedules)
      })
      heart = setInterval(() => void beat(), times.leaseMs / 3)
      looping = loop()
    },
    /** Something may be due; with `cancel`, something is to be stopped. */
    wake(heard?: string): void {
      wake()
      if (heard === 'cancel') void beat()
    },
    async [Symbol.asyncDispose]() {
      isStopping = true
      wake()
      await looping
      const ends = Promise.all([...running.values()].map(({ ended }) => ended))
      const late = Promise.withResolvers<void>()
      const timer = setTimeout(late.resolve, times.graceMs)
      await Promise.race([ends, late.promise])
      clearTimeout(timer)
      clearInterval(heart)
      if (running.size === 0) return
      for (const { stop } of running.values()) stop.abort('stopping' satisfies Stop)
      await database
        .asMaintenance((db) => store.giveBack(db, nodeId))
        .catch((error: unknown) => log.warn({ err: error }, 'jobs not given back'))
    },
  }
}

export type JobWorker = ReturnType<typeof createJobWorker>

/** Puts jobs into the caller's transaction: they are there when it is, and not otherwise. */
export function createJobs(version: string) {
  return {
    /** @returns its id; undefined where its singleton has not ended yet */
    enqueue: (db: Db, job: NewJob) => store.insertJob(db, job, version),
  }
}

export type Jobs = ReturnType<typeof createJobs>

function stopOf(signal: AbortSignal): Stop | undefined {
  // Only `Stop` is ever given as reason.
  return signal.aborted ? (signal.reason as Stop) : undefined
}

function outcomeOf({ next }: store.Failure): EndedJob['outcome'] {
  return typeof next === 'string' ? next : 'again'
}

function foreign({ kind, written_by: writtenBy }: ClaimedJob): AppError {
  return new AppError('job.unknown', { facts: { kind, version: writtenBy } })
}

/** @throws AppError `job.unknown` for a shape that this version cannot read */
function payloadOf(job: ClaimedJob, kinds: JobKinds): unknown {
  const kind = kinds[job.kind]
  const { version = 1, upgrade = {}, payload: schema } = kind ?? {}
  let { payload } = job
  for (let from = job.version; from < version; from += 1) payload = upgrade[from]?.(payload)
  const parsed = job.version > version ? undefined : schema?.safeParse(payload)
  if (parsed?.success !== true) throw foreign(job)
  return parsed.data
}

type Failed = { readonly error: unknown; readonly stop: Stop | undefined; readonly times: Times }

function failureOf(job: ClaimedJob, { error, stop, times }: Failed): store.Failure {
  const known = error instanceof OutsideError || error instanceof AppError
  const { code, facts } = known ? error : { code: 'internal', facts: {} }
  if (stop === 'cancelled') return { code, facts, next: 'cancelled' }
  // What was refused stays refused; what may have happened is never done again.
  const isFinal = error instanceof OutsideError && error.certainty !== 'not-done'
  if (isFinal || job.attempts >= job.attempts_max) return { code, facts, next: 'dead' }
  const asked = error instanceof OutsideError ? error.retryAfterMs : undefined
  return { code, facts, next: { inMs: asked ?? backoffMs(job.attempts, times) } }
}

/** Doubles from attempt to attempt; the upper half of it is chance, so that those of one failure part. */
function backoffMs(attempt: number, { retryFirstMs, retryMostMs }: Times): number {
  const most = Math.min(retryMostMs, retryFirstMs * 2 ** (attempt - 1))
  return most / 2 + Math.random() * (most / 2)
}
