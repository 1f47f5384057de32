import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import type { ServerError } from '../ledger/error-detail.ts'
import { giveUpLease, type Holder, type Lease, readLease, takeToken } from '../ledger/lease.ts'
import { type LedgerNames, ledgerNames } from '../ledger/ledger-names.ts'
import { type LedgerRow, readLedger } from '../ledger/ledger-rows.ts'
import type { Writer } from '../ledger/ledger-writes.ts'
import { prepareLedger, type ProveClaims } from '../ledger/prepare-ledger.ts'
import type { Query } from '../ledger/query.ts'
import { objectionReasons, objectTo, type Objection } from '../objection.ts'
import { type Clock, systemClock } from './clock.ts'
import type { OnEvent, Step } from './events.ts'
import { describeFailure } from './failure.ts'
import { acquireLock, isSingle, type Waiting } from './lock.ts'
import { defaultRetryLimits, isPassing, pauseMs, type RetryLimits } from './retry.ts'
import { isLost, openSession, type Session, sqlstateOf, type Target } from './session.ts'
import { restoredSessionTexts } from './settings.ts'
import { type Current, startWatcher } from './watcher.ts'
import type { Failure, Work } from './work.ts'

/** Where to work and how patiently. Times are in milliseconds. */
export type LeaseOptions = {
  readonly target: Target
  /** Recorded with each migration; any text. */
  readonly appVersion: string
  /** Where the ledger stands; default `public`. */
  readonly ledgerSchema?: string | undefined
  /** What every file begins with, as in `SET search_path`; default: what the role has. */
  readonly searchPath?: string | undefined
  /** The role that owns what the migrations make; default: the one that connects. */
  readonly role?: string | undefined
  readonly limits?: Partial<ExecuteLimits> | undefined
  /** Ends a former holder's session that still exists although its lock is gone. */
  readonly terminatesStale?: boolean
  /** Hears everything; must not throw. */
  readonly onEvent?: OnEvent | undefined
  /** Ends the run: the statement at hand is cancelled, and nothing of its transaction happens. */
  readonly signal?: AbortSignal | undefined
  readonly clock?: Clock | undefined
  /** For the lease; default: the machine's. */
  readonly host?: string | undefined
}

export type ExecuteLimits = RetryLimits & {
  /** For somebody else's run to end; default: half an hour. */
  readonly waitMaxMs: number
  /** For the server to accept a connection; default: half a minute. */
  readonly connectMaxMs: number
  /** For one statement of class `alone`; default: one hour. */
  readonly aloneDeadlineMs: number
  readonly heartbeatMs: number
}

const defaultLimits: ExecuteLimits = {
  ...defaultRetryLimits,
  waitMaxMs: 1_800_000,
  connectMaxMs: 30_000,
  aloneDeadlineMs: 3_600_000,
  heartbeatMs: 1_000,
}

/** The connection was lost, or another runner took over: begin again from what the ledger says. */
export type Interrupted = { readonly kind: 'interrupted'; readonly error: unknown }

/** What is to be done once nobody else can write. */
export type Job<Result> = {
  /** Names of the known migrations, for adopting a ledger of an older shape. */
  readonly names: readonly string[]
  /** Asked before claims of another tool's `schema_migrations` are taken over. */
  readonly proveClaims?: ProveClaims | undefined
  /** Whether somebody else has done it; asked while waiting and once more under the lock. */
  isUpToDate(query: Query, ledger: LedgerNames): Promise<boolean>
  /** Every write in it goes through the fence of `work`. */
  run(work: Work, rows: readonly LedgerRow[], host: string): Promise<Result | Interrupted>
  /** Grows with what is done, so that a run that gets on may lose its connection often. */
  progress(): number
}

/** How it ended; `ended` is the job's own word. */
export type LeaseResult<Result> =
  | { readonly kind: 'ended'; readonly result: Result }
  | { readonly kind: 'nothing-to-do' }
  | { readonly kind: 'refused'; readonly objections: readonly Objection[] }
  /** The connection or the ledger failed. */
  | { readonly kind: 'failed'; readonly failure: Failure }
  | { readonly kind: 'waiting-timed-out'; readonly waiting: Waiting }
  | { readonly kind: 'stopped' }

/** The job's own word, or why there is none; who held the lock was told while it waited. */
export function resultOf<Result>(
  ended: LeaseResult<Result>,
):
  | Result
  | Exclude<LeaseResult<never>, { kind: 'ended' | 'waiting-timed-out' }>
  | { kind: 'waiting-timed-out' } {
  switch (ended.kind) {
    case 'ended':
      return ended.result
    case 'waiting-timed-out':
      return { kind: 'waiting-timed-out' }
    case 'nothing-to-do':
    case 'refused':
    case 'failed':
    case 'stopped':
      return ended
  }
}

type Run<Result> = {
  readonly options: LeaseOptions
  readonly job: Job<Result>
  readonly limits: ExecuteLimits
  readonly ledger: LedgerNames
  readonly clock: Clock
  readonly emit: OnEvent
  readonly id: string
  readonly host: string
}

const interruptionsMax = 8

/**
 * Waits for the lock, takes the lease and does the job, again and again while the connection gets
 * lost or somebody takes over in between.
 */
export async function runUnderLease<Result>(
  options: LeaseOptions,
  job: Job<Result>,
): Promise<LeaseResult<Result>> {
  const run: Run<Result> = {
    options,
    job,
    limits: { ...defaultLimits, ...options.limits },
    ledger: ledgerNames(options.ledgerSchema),
    clock: options.clock ?? systemClock,
    emit: options.onEvent ?? (() => undefined),
    id: randomUUID().slice(0, 8),
    host: options.host ?? hostname(),
  }
  let interruptions = 0
  let progress = 0
  for (;;) {
    const result = await attempt(run)
    if (result.kind !== 'interrupted') return result
    if (job.progress() > progress) interruptions = 0
    progress = job.progress()
    if (interruptions >= interruptionsMax) return failedConnection(result.error)
    const ms = pauseMs(run.limits, interruptions, run.clock.random)
    interruptions += 1
    run.emit({ type: 'reconnecting', sqlstate: sqlstateOf(result.error), pauseMs: ms })
    await run.clock.wait(ms, options.signal)
  }
}

async function attempt<Result>(run: Run<Result>): Promise<LeaseResult<Result> | Interrupted> {
  let session: Session | undefined
  try {
    session = await connect(run)
    return await onSession(run, session)
  } catch (error) {
    return session === undefined ? failedConnection(error) : endedBy(run, error)
  } finally {
    await session?.close()
  }
}

function endedBy<Result>(
  { options }: Run<Result>,
  error: unknown,
): LeaseResult<never> | Interrupted {
  if (isLost(error)) return { kind: 'interrupted', error }
  const sqlstate = sqlstateOf(error)
  // A cancellation of our watcher may meet whatever is sent after the statement that it meant.
  if (sqlstate === '57014')
    return options.signal?.aborted === true ? { kind: 'stopped' } : { kind: 'interrupted', error }
  if (sqlstate === undefined) throw error
  return failedConnection(error)
}

async function connect<Result>({ options, limits, clock }: Run<Result>): Promise<Session> {
  const began = clock.now()
  for (let tries = 0; ; tries += 1) {
    try {
      return await openSession(options.target)
    } catch (error) {
      const isOver = clock.now() - began > limits.connectMaxMs || options.signal?.aborted === true
      if (isOver || !isPassing(error)) throw error
      await clock.wait(pauseMs(limits, tries, clock.random), options.signal)
    }
  }
}

function failedConnection(error: unknown): Extract<LeaseResult<never>, { kind: 'failed' }> {
  const told = error instanceof Error ? (error as Error & ServerError) : { message: String(error) }
  return { kind: 'failed', failure: describeFailure({ error: told, statement: undefined }) }
}

async function onSession<Result>(
  run: Run<Result>,
  session: Session,
): Promise<LeaseResult<Result> | Interrupted> {
  const { options, job, ledger, clock, emit, limits } = run
  if (options.signal?.aborted === true) return { kind: 'stopped' }
  const isUpToDate = () => job.isUpToDate(session.query, ledger)
  if (!(await isSingle(session)) && (await isUpToDate())) return { kind: 'nothing-to-do' }
  const unfit = await unfitness(session)
  if (unfit !== undefined) return { kind: 'refused', objections: [unfit] }
  const acquired = await acquireLock({
    session,
    ledger,
    clock,
    emit,
    signal: options.signal,
    waitMaxMs: limits.waitMaxMs,
    isUpToDate,
  })
  switch (acquired.kind) {
    case 'nothing-to-do':
      return { kind: 'nothing-to-do' }
    case 'timed-out':
      return { kind: 'waiting-timed-out', waiting: acquired.waiting }
    case 'stopped':
      return { kind: 'stopped' }
    case 'held': {
      try {
        return await underLock(run, session)
      } finally {
        // A session that is lost has given its lock back by itself.
        await session.send(restoredSessionTexts).catch(() => undefined)
        await acquired.lock.release().catch(() => undefined)
      }
    }
  }
}

/** Why nothing can be locked or written through this connection; undefined: it is fit. */
export async function unfitness(session: Session): Promise<Objection | undefined> {
  const { isPooled, isReadOnly } = await session.facts()
  if (isPooled)
    return objectTo(
      objectionReasons.pooler,
      { migration: '' },
      { detail: 'the server answers from another session than the one that greeted us' },
    )
  if (isReadOnly)
    return objectTo(
      objectionReasons['missing-right'],
      { migration: '' },
      {
        detail: 'the server is a standby or only lets this role read',
        grant: 'give the address of the primary server, or set default_transaction_read_only = off',
      },
    )
  return undefined
}

async function underLock<Result>(
  run: Run<Result>,
  session: Session,
): Promise<LeaseResult<Result> | Interrupted> {
  const { options, job, ledger } = run
  const { names, proveClaims } = job
  if (await job.isUpToDate(session.query, ledger)) return { kind: 'nothing-to-do' }
  await session.query(`select set_config('lock_timeout', '10s', false)`)
  const { backend } = await session.facts()
  const putOnRole = async () => {
    if (options.role !== undefined)
      await session.query(`select set_config('role', $1, false)`, [options.role])
  }
  await putOnRole()
  const prepared = await prepareInTransaction(session, () =>
    prepareLedger(session.query, ledger, { names, proveClaims }),
  )
  if (prepared.kind === 'refused') return { kind: 'refused', objections: [prepared.objection] }
  // The server shows a session to its own role, not to one that is put on.
  await session.query('reset role')
  if (!(await waitForFormer(run, session))) return { kind: 'stopped' }
  await putOnRole()
  const token = await takeToken(session.query, ledger, { holder: holderOf(run), backend })
  const rows = await readLedger(session.query, ledger)
  const work = await startWork(run, session, { ledger, token, backend })
  try {
    const result = await job.run(work, rows, run.host)
    return isInterrupted(result) ? result : { kind: 'ended', result }
  } finally {
    await work.watcher?.stop()
    await giveUpLease(session.query, ledger, token).catch(() => undefined)
  }
}

function isInterrupted(result: unknown): result is Interrupted {
  return (
    typeof result === 'object' &&
    result !== null &&
    'kind' in result &&
    result.kind === 'interrupted'
  )
}

async function prepareInTransaction<T>(session: Session, prepare: () => Promise<T>): Promise<T> {
  try {
    return await prepare()
  } catch (error) {
    if (!isLost(error)) await session.query('rollback')
    throw error
  }
}

const formerPollMs = 200
/** After so many seconds without a heartbeat, a session that the server hides counts as gone. */
const silenceMaxS = 30

/**
 * A session that is recorded in the lease and still exists may be in the middle of a statement of
 * class `alone`, although the lock is ours.
 */
async function waitForFormer<Result>(run: Run<Result>, session: Session): Promise<boolean> {
  const { options, ledger, clock, emit } = run
  const { backend } = await session.facts()
  const began = clock.now()
  let reported = -Infinity
  for (;;) {
    const lease = await readLease(session.query, ledger)
    if (lease === undefined || lease.backendPid === backend.pid || isGone(lease)) return true
    if (options.signal?.aborted === true) return false
    if (options.terminatesStale === true)
      await session.query('select pg_terminate_backend($1)', [lease.backendPid])
    if (clock.now() - reported >= 1_000) {
      reported = clock.now()
      emit({ type: 'waiting', waitedMs: clock.now() - began, holder: lease.holder, blockedBy: [] })
    }
    await clock.wait(formerPollMs, options.signal)
  }
}

function isGone({ backend, silentS }: Lease): boolean {
  return backend === 'gone' || (backend === 'unknown' && silentS > silenceMaxS)
}

function holderOf<Result>({ host, id, options }: Run<Result>): Holder {
  return { host, pid: process.pid, run: id, appVersion: options.appVersion }
}

async function startWork<Result>(
  run: Run<Result>,
  session: Session,
  writer: Writer,
): Promise<Work> {
  const { options, limits, clock, emit } = run
  const facts = await session.facts()
  // Nothing may fail once the watcher runs: nobody would end it.
  const checksClient = await canCheckClient(session, facts.isSingle)
  const applicationName = `studioops-migrate/${run.id}`
  let current: Current = { holder: holderOf(run), step: undefined }
  const watcher = facts.isSingle
    ? undefined
    : startWatcher({
        target: options.target,
        writer,
        executorPid: facts.backend.pid,
        applicationName: `${applicationName} watcher`,
        clock,
        heartbeatMs: limits.heartbeatMs,
        emit,
        signal: options.signal,
        current: () => current,
      })
  return {
    session,
    writer,
    settings: {
      applicationName,
      searchPath: options.searchPath,
      role: options.role,
      facts,
      checksClient,
    },
    clock,
    limits,
    aloneDeadlineMs: limits.aloneDeadlineMs,
    emit,
    signal: options.signal,
    watcher,
    at(step: Step, statementNo) {
      const { migration, position, total } = step
      const place = { migration, position, total }
      const holder = {
        ...holderOf(run),
        ...place,
        ...(statementNo === undefined ? {} : { statementNo }),
      }
      current = { holder, step }
    },
  }
}

/** Servers on Windows and some others cannot. */
async function canCheckClient({ query }: Session, isSingle: boolean): Promise<boolean> {
  if (isSingle) return false
  try {
    await query(`set client_connection_check_interval = '2s'`)
    return true
  } catch (error) {
    if (isLost(error)) throw error
    return false
  }
}
