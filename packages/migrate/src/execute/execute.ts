import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import type { Query } from '../ledger/query.ts'
import { readChain } from '../ledger/chain.ts'
import type { ServerError } from '../ledger/error-detail.ts'
import { giveUpLease, type Holder, type Lease, readLease, takeToken } from '../ledger/lease.ts'
import { type LedgerNames, ledgerNames } from '../ledger/ledger-names.ts'
import { type LedgerRow, readLedger } from '../ledger/ledger-rows.ts'
import {
  completedTexts,
  type PlannedRow,
  planTexts,
  startText,
  type Writer,
} from '../ledger/ledger-writes.ts'
import { prepareLedger, type ProveClaims } from '../ledger/prepare-ledger.ts'
import { objectionReasons, objectTo, type Objection } from '../objection.ts'
import { chainHash } from '../text/manifest.ts'
import { type Clock, systemClock } from './clock.ts'
import { contradictions } from './contradictions.ts'
import type { OnEvent, Step } from './events.ts'
import { describeFailure } from './failure.ts'
import { groupStatements } from './groups.ts'
import { acquireLock, isSingle, type Waiting } from './lock.ts'
import type { Migration, PreparedMigration } from './migration.ts'
import { recoveryOf } from './recovery.ts'
import { defaultRetryLimits, isPassing, pauseMs, type RetryLimits } from './retry.ts'
import { runMigration, type Start } from './run-migration.ts'
import { isLost, openSession, type Session, sqlstateOf, type Target } from './session.ts'
import { restoredSessionTexts } from './settings.ts'
import { type Current, startWatcher } from './watcher.ts'
import { type Failure, type Task, type Work, writeFenced } from './work.ts'

/** What to run, where, and how patiently. Times are in milliseconds. */
export type ExecuteOptions = {
  readonly target: Target
  /** In the order in which they are to run; also those that have run. */
  readonly migrations: readonly Migration[]
  /** Recorded with each migration; any text. */
  readonly appVersion: string
  /** `chainHash` of all migrations, so that a start with nothing to do needs one query. */
  readonly chain?: string | undefined
  /** Where the ledger stands; default `public`. */
  readonly ledgerSchema?: string | undefined
  /** What every file begins with, as in `SET search_path`; default: what the role has. */
  readonly searchPath?: string | undefined
  /** The role that owns what the migrations make; default: the one that connects. */
  readonly role?: string | undefined
  readonly limits?: Partial<ExecuteLimits> | undefined
  /** Ends a former holder's session that still exists although its lock is gone. */
  readonly terminatesStale?: boolean
  /** Asked before claims of another tool's `schema_migrations` are taken over. */
  readonly proveClaims?: ProveClaims | undefined
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

/** A failure and where in the files it happened. */
export type FailedMigration = Failure & {
  /** Id of the migration; `''` where the ledger or the connection failed. */
  readonly migration: string
  readonly file: string | undefined
}

/** How a run ended; partial completion is information, not an exception. */
export type ExecuteResult =
  | { readonly kind: 'done'; readonly applied: readonly string[] }
  /** Everything had run before we could begin. */
  | { readonly kind: 'nothing-to-do' }
  | {
      readonly kind: 'refused'
      readonly applied: readonly string[]
      readonly objections: readonly Objection[]
    }
  | ({ readonly kind: 'failed'; readonly applied: readonly string[] } & FailedMigration)
  | { readonly kind: 'waiting-timed-out'; readonly waiting: Waiting }
  /** The signal ended it; the next run goes on where this one stopped. */
  | { readonly kind: 'stopped'; readonly applied: readonly string[] }

type Run = {
  readonly options: ExecuteOptions
  readonly limits: ExecuteLimits
  readonly ledger: LedgerNames
  readonly clock: Clock
  readonly emit: OnEvent
  readonly id: string
  readonly host: string
  readonly applied: string[]
}

/** The connection was lost, or another runner took over: begin again from what the ledger says. */
type Interrupted = { readonly kind: 'interrupted'; readonly error: unknown }

const interruptionsMax = 8

/**
 * Applies what is pending, in the given order. May be started many times at once, killed at any
 * moment and started again: every statement takes effect once, and what the ledger says is what the
 * schema is. Whoever comes second waits and then finds nothing to do.
 */
export async function execute(options: ExecuteOptions): Promise<ExecuteResult> {
  const run: Run = {
    options,
    limits: { ...defaultLimits, ...options.limits },
    ledger: ledgerNames(options.ledgerSchema),
    clock: options.clock ?? systemClock,
    emit: options.onEvent ?? (() => undefined),
    id: randomUUID().slice(0, 8),
    host: options.host ?? hostname(),
    applied: [],
  }
  let interruptions = 0
  let progress = 0
  for (;;) {
    const result = await attempt(run)
    if (result.kind !== 'interrupted') return result
    if (run.applied.length > progress) interruptions = 0
    progress = run.applied.length
    if (interruptions >= interruptionsMax) return failedConnection(run, result.error)
    const ms = pauseMs(run.limits, interruptions, run.clock.random)
    interruptions += 1
    run.emit({ type: 'reconnecting', sqlstate: sqlstateOf(result.error), pauseMs: ms })
    await run.clock.wait(ms, options.signal)
  }
}

async function attempt(run: Run): Promise<ExecuteResult | Interrupted> {
  let session: Session | undefined
  try {
    session = await connect(run)
    return await onSession(run, session)
  } catch (error) {
    if (session !== undefined && isLost(error)) return { kind: 'interrupted', error }
    if (session !== undefined && sqlstateOf(error) === undefined) throw error
    return failedConnection(run, error)
  } finally {
    await session?.close()
  }
}

async function connect({ options, limits, clock }: Run): Promise<Session> {
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

function failedConnection({ applied }: Run, error: unknown): ExecuteResult {
  const told = error instanceof Error ? (error as Error & ServerError) : { message: String(error) }
  const failure = describeFailure({ error: told, statement: undefined })
  return { kind: 'failed', applied, migration: '', file: undefined, ...failure }
}

async function onSession(run: Run, session: Session): Promise<ExecuteResult | Interrupted> {
  const { options, ledger, clock, emit, limits } = run
  if (options.signal?.aborted === true) return { kind: 'stopped', applied: run.applied }
  if (!(await isSingle(session)) && (await isUpToDate(run, session.query))) return nothingMore(run)
  const unfit = await unfitness(session)
  if (unfit !== undefined) return { kind: 'refused', applied: run.applied, objections: [unfit] }
  const acquired = await acquireLock({
    session,
    ledger,
    clock,
    emit,
    signal: options.signal,
    waitMaxMs: limits.waitMaxMs,
    isUpToDate: () => isUpToDate(run, session.query),
  })
  switch (acquired.kind) {
    case 'nothing-to-do':
      return nothingMore(run)
    case 'timed-out':
      return { kind: 'waiting-timed-out', waiting: acquired.waiting }
    case 'stopped':
      return { kind: 'stopped', applied: run.applied }
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

function nothingMore({ applied }: Run): ExecuteResult {
  return applied.length > 0 ? { kind: 'done', applied } : { kind: 'nothing-to-do' }
}

async function isUpToDate({ options, ledger }: Run, query: Query): Promise<boolean> {
  const { migrations } = options
  const chain = options.chain ?? chainOf(migrations)
  if (chain !== undefined) return (await readChain(query, ledger)) === chain
  if ((await readChain(query, ledger)) === undefined) return false
  const rows = await readLedger(query, ledger).catch(() => [])
  return pendingOf(migrations, rows).length === 0 && contradictions(migrations, rows).length === 0
}

function chainOf(migrations: readonly Migration[]): string | undefined {
  const entries = migrations.flatMap(({ name, checksum }) =>
    checksum === undefined ? [] : [{ id: name, checksum }],
  )
  return entries.length === migrations.length ? chainHash(entries) : undefined
}

async function unfitness(session: Session): Promise<Objection | undefined> {
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

async function underLock(run: Run, session: Session): Promise<ExecuteResult | Interrupted> {
  const { options, ledger, applied } = run
  const { migrations, proveClaims } = options
  if (await isUpToDate(run, session.query)) return nothingMore(run)
  const names = migrations.map(({ name }) => name)
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
  if (prepared.kind === 'refused')
    return { kind: 'refused', applied, objections: [prepared.objection] }
  // The server shows a session to its own role, not to one that is put on.
  await session.query('reset role')
  if (!(await waitForFormer(run, session))) return { kind: 'stopped', applied }
  await putOnRole()
  const token = await takeToken(session.query, ledger, { holder: holderOf(run), backend })
  const rows = await readLedger(session.query, ledger)
  const objections = contradictions(migrations, rows)
  if (objections.length > 0) return { kind: 'refused', applied, objections }
  const work = await startWork(run, session, { ledger, token, backend })
  try {
    return await applyPending(run, work, rows)
  } finally {
    await work.watcher?.stop()
    await giveUpLease(session.query, ledger, token).catch(() => undefined)
  }
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
async function waitForFormer(run: Run, session: Session): Promise<boolean> {
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

function holderOf({ host, id, options }: Run): Holder {
  return { host, pid: process.pid, run: id, appVersion: options.appVersion }
}

async function startWork(run: Run, session: Session, writer: Writer): Promise<Work> {
  const { options, limits, clock, emit } = run
  const facts = await session.facts()
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
      checksClient: await canCheckClient(session, facts.isSingle),
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

function pendingOf(migrations: readonly Migration[], rows: readonly LedgerRow[]): Migration[] {
  const completed = new Set(
    rows.filter(({ status }) => status === 'completed').map(({ name }) => name),
  )
  return migrations.filter(({ name }) => !completed.has(name))
}

/** One pending migration with everything that is needed to run it. */
type Planned = {
  readonly name: string
  readonly prepared: PreparedMigration
  readonly id: string
  readonly recovery: Start
}

async function applyPending(
  run: Run,
  work: Work,
  rows: readonly LedgerRow[],
): Promise<ExecuteResult | Interrupted> {
  const { options, applied, emit } = run
  const replaced = replacedOf(options.migrations, rows)
  const pending = pendingOf(options.migrations, rows).filter(({ name }) => !replaced.has(name))
  const plan = await planOf(pending, rows)
  if (plan.kind === 'refused') return { kind: 'refused', applied, objections: plan.objections }
  emit({ type: 'planned', migrations: plan.planned.map(({ name }) => name) })
  const written = await writeFenced(work, [
    ...completedTexts(work.writer, {
      translations: translationsOf(options.migrations, rows),
      replacements: [...replaced.values()],
    }),
    ...planTexts(
      work.writer,
      plan.planned.map((one) => rowOf(run, one)),
    ),
    ...plan.planned.slice(0, 1).map((one) => startText(work.writer, attemptOf(one))),
  ])
  if (written.kind === 'fenced') return { kind: 'interrupted', error: undefined }
  if (written.kind === 'failed')
    return failedConnection(run, Object.assign(new Error(), written.error))
  for (const [index, one] of plan.planned.entries()) {
    const stopped = await applyOne(run, work, { planned: plan.planned, index, one })
    if (stopped !== undefined) return stopped
  }
  return nothingMore(run)
}

async function applyOne(
  { applied }: Run,
  work: Work,
  {
    planned,
    index,
    one,
  }: {
    readonly planned: readonly Planned[]
    readonly index: number
    readonly one: Planned
  },
): Promise<ExecuteResult | Interrupted | undefined> {
  const following = planned[index + 1]
  const task: Task = {
    name: one.name,
    prepared: one.prepared,
    attempt: attemptOf(one),
    step: { migration: one.name, position: index + 1, total: planned.length },
    next: following === undefined ? undefined : attemptOf(following),
    isFollowedByCare: following === undefined || needsCare(following),
  }
  const outcome = await runMigration(work, task, {
    recovery: one.recovery,
    keepsTemporary: planned[index - 1]?.prepared.keepsTemporary === true,
  })
  switch (outcome.kind) {
    case 'done':
      applied.push(one.name)
      return undefined
    case 'failed': {
      const file = one.prepared.file ?? `${one.name}.sql`
      return { kind: 'failed', applied, migration: one.name, file, ...outcome.failure }
    }
    case 'refused':
      return { kind: 'refused', applied, objections: outcome.objections }
    case 'stopped':
      return { kind: 'stopped', applied }
    case 'fenced':
      return { kind: 'interrupted', error: undefined }
  }
}

/** What cannot be repeated must not be ahead of what a crash of the server could take back. */
function needsCare({ prepared }: Planned): boolean {
  return prepared.destructive === true || prepared.statements[0]?.txClass !== 'tx'
}

function attemptOf({ id, recovery }: Planned) {
  return { migrationId: id, attempt: recovery.attempt }
}

type Plan =
  | { readonly kind: 'planned'; readonly planned: readonly Planned[] }
  | { readonly kind: 'refused'; readonly objections: readonly Objection[] }

/** Looks at everything before anything runs, and says everything that is wrong at once. */
async function planOf(pending: readonly Migration[], rows: readonly LedgerRow[]): Promise<Plan> {
  const known = new Map(rows.map((row) => [row.name, row]))
  const planned: Planned[] = []
  const objections: Objection[] = []
  for (const { name, prepare } of pending) {
    const prepared = await prepare()
    const grouping = groupStatements(prepared, { name })
    if (grouping.kind === 'refused') objections.push(...grouping.objections)
    const row = known.get(name)
    const recovery = recoveryOf(row, prepared)
    if (recovery.kind === 'edited') objections.push(objectToHalf(name, recovery.no, prepared))
    else planned.push({ name, prepared, id: row?.id ?? randomUUID(), recovery })
  }
  return objections.length > 0 ? { kind: 'refused', objections } : { kind: 'planned', planned }
}

function objectToHalf(name: string, statementNo: number, { file }: PreparedMigration): Objection {
  return objectTo(
    objectionReasons['checksum-changed'],
    { migration: name, file: file ?? `${name}.sql`, statementNo },
    { detail: `Its statement ${statementNo} is done, and the file has another one in its place.` },
  )
}

function rowOf({ options, host }: Run, { id, name, prepared }: Planned): PlannedRow {
  const { type, checksum, rawSha256, parents, fingerprint, rollbackScript, statements } = prepared
  return {
    id,
    name,
    type,
    checksum,
    rawSha256,
    parents,
    fingerprint,
    rollbackScript,
    statementsTotal: statements.length,
    appVersion: options.appVersion,
    host,
  }
}

/** Rows whose checksum an earlier version of the engine has made. */
function translationsOf(migrations: readonly Migration[], rows: readonly LedgerRow[]) {
  const current = new Map(migrations.map(({ name, checksum }) => [name, checksum]))
  return rows.flatMap(({ id, name, status, checksum }) => {
    const now = current.get(name)
    if (status !== 'completed' || now === undefined || now === checksum) return []
    return [{ id, checksum: now }]
  })
}

/** Migrations that stand for others, all of which have run: they are done without running. */
function replacedOf(migrations: readonly Migration[], rows: readonly LedgerRow[]) {
  const completed = new Set(
    rows.filter(({ status }) => status === 'completed').map(({ name }) => name),
  )
  const replaced = migrations.filter(
    ({ name, replaces = [] }) =>
      !completed.has(name) && replaces.length > 0 && replaces.every((one) => completed.has(one)),
  )
  return new Map(
    replaced.map(({ name, checksum, replaces = [] }) => [
      name,
      { name, checksum, parents: replaces },
    ]),
  )
}
