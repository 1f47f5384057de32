import { systemClock } from '../execute/clock.ts'
import type { ExecuteResult } from '../execute/execute.ts'
import { acquireLock, isSingle, type Waiting } from '../execute/lock.ts'
import { openSession, type Session } from '../execute/session.ts'
import { readChain } from '../ledger/chain.ts'
import { ledgerNames } from '../ledger/ledger-names.ts'
import type { Objection } from '../objection.ts'
import type { MadePlan, PlanOptions } from './make-plan.ts'
import type { MigrationPlan } from './migration-plan.ts'
import type { MigratorOptions } from './migrator-options.ts'
import { currentChain } from './current-manifest.ts'
import type { StatusReport } from './status.ts'
import type { BackupResult } from '../backup/backup.ts'
import type { RepairResult } from '../repair/apply-repair.ts'
import type { RepairPlan } from '../repair/plan-repair.ts'
import type { UndoResult } from '../undo/undo.ts'
import type { DriftReport } from './declared.ts'
import type * as verbsModule from './verbs.ts'
import type { DownOptions, LintReport, RepairReport, VerifyReport } from './verbs.ts'

export type UpOptions = PlanOptions & {
  /** Takes a proposed order over: its `-- after:` lines are written into the files first. */
  readonly applyOrder?: boolean | undefined
}

/** How an upgrade ended. */
export type UpResult =
  | { readonly kind: 'nothing-to-do' }
  | {
      readonly kind: 'done'
      readonly applied: readonly string[]
      /** Ids of contract migrations that wait for the operator's word. */
      readonly held: readonly string[]
      readonly warnings: readonly Objection[]
    }
  /** Nothing ran, or what `applied` says ran and then something was found that nobody foresaw. */
  | {
      readonly kind: 'refused'
      readonly applied: readonly string[]
      readonly objections: readonly Objection[]
      readonly plan: MigrationPlan | undefined
    }
  | Extract<ExecuteResult, { kind: 'failed' }>
  | { readonly kind: 'waiting-timed-out'; readonly waiting: Waiting }
  | { readonly kind: 'stopped'; readonly applied: readonly string[] }

/** How both ways ended; `up` is undefined where the way back did not come to its end. */
export type RedoResult = { readonly down: UndoResult; readonly up: UpResult | undefined }

/** The engine for one directory and one database. */
export type Migrator = {
  /** Says everything that is known before the first statement. Writes nothing to the database. */
  plan(options?: UpOptions): Promise<MigrationPlan>
  /** Plans, and carries the plan out where nothing stands against it. */
  up(options?: UpOptions): Promise<UpResult>
  /** Where every migration stands. Writes nothing. */
  status(): Promise<StatusReport>
  /**
   * Whether everything has run. One query where the build has left a manifest; without one the files
   * are read. Writes nothing.
   */
  isUpToDate(): Promise<boolean>
  /** Takes completed migrations back with their data, the last one first. */
  down(options?: DownOptions): Promise<UndoResult>
  /** Takes them back and runs them again, as the files have them now. */
  redo(options?: DownOptions & UpOptions): Promise<RedoResult>
  /** Says what pending migrations would do to an application that goes on running. Writes nothing. */
  lint(): Promise<LintReport>
  /** Compares the database with what its migrations declare. Writes nothing. */
  drift(): Promise<DriftReport>
  /** Whether ledger, files and catalog agree. Writes nothing. */
  verify(): Promise<VerifyReport>
  /** What would bring declared objects back that are missing or changed; tried, but not run. */
  planRepair(): Promise<RepairReport>
  /** Brings them back: as somebody has seen it planned, or by a new plan. */
  repair(plan?: RepairPlan): Promise<RepairResult>
  /** Writes every table into a directory below this one, or that of the options, and reads it back. */
  backup(directory?: string): Promise<BackupResult>
}

/**
 * Makes the face of the engine. Nothing is opened before the first call; what only planning needs
 * (the parser, the shadow) is loaded when something is pending, and not before.
 *
 * @example
 * ```ts
 * const migrator = createMigrator({
 *   directory: 'migrations',
 *   target: { open: async () => { const client = new pg.Client(url); await client.connect(); return client } },
 *   appVersion: '1.4.0',
 * })
 * const result = await migrator.up()
 * ```
 */
export function createMigrator(options: MigratorOptions): Migrator {
  const onSession = async <T>(
    work: (session: Session, verbs: typeof verbsModule) => Promise<T>,
  ) => {
    const verbs = await loadVerbs()
    return withSession(options, (session) => work(session, verbs))
  }
  return {
    plan: (run = {}) => withSession(options, (session) => planOn(session, options, run)),
    up: (run = {}) => up(options, run),
    isUpToDate: () =>
      withSession(options, async (session) => {
        if (await isUpToDate(session, options)) return true
        const { pending, objections } = await statusOn(session, options)
        return pending.length === 0 && objections.length === 0
      }),
    status: () => withSession(options, (session) => statusOn(session, options)),
    down: async (run = {}) => (await loadVerbs()).down(options, run),
    redo: (run = {}) => redo(options, run),
    lint: () => onSession((session, verbs) => verbs.lintPending(session, options)),
    drift: () => onSession((session, verbs) => verbs.drift(session, options)),
    verify: () => onSession((session, verbs) => verbs.verify(session, options)),
    planRepair: () => onSession((session, verbs) => verbs.planRepairOn(session, options)),
    repair: (plan) => onSession((session, verbs) => verbs.repairOn(session, options, plan)),
    backup: (directory = options.backupDirectory ?? 'backups') =>
      onSession((session, verbs) => verbs.backupAll(session, options, directory)),
  }
}

async function redo(options: MigratorOptions, run: DownOptions & UpOptions): Promise<RedoResult> {
  const down = await (await loadVerbs()).down(options, run)
  const isBack = down.kind === 'done' || down.kind === 'nothing-to-do'
  return { down, up: isBack ? await up(options, { ...run, again: true }) : undefined }
}

async function statusOn(session: Session, options: MigratorOptions): Promise<StatusReport> {
  const { readFiles } = await import('./read-files.ts')
  const { readStatus } = await import('./status.ts')
  return readStatus(session.query, await readFiles(options), options.ledgerSchema)
}
async function withSession<T>(
  { target }: Pick<MigratorOptions, 'target'>,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const session = await openSession(target)
  try {
    return await work(session)
  } finally {
    await session.close()
  }
}

/** Everything that is heavy is behind here. */
const loadVerbs = () => import('./verbs.ts')

async function makePlanOn(
  session: Session,
  options: MigratorOptions,
  run: UpOptions,
): Promise<MadePlan> {
  const { planWith } = await loadVerbs()
  return planWith(session, options, run)
}

async function planOn(
  session: Session,
  options: MigratorOptions,
  run: UpOptions,
): Promise<MigrationPlan> {
  if (await isUpToDate(session, options)) return nothingToDo
  const { plan } = await makePlanOn(session, options, run)
  return plan
}

const nothingToDo: MigrationPlan = {
  kind: 'nothing-to-do',
  completed: [],
  migrations: [],
  held: [],
  shadow: { kind: 'none', because: 'there was nothing to try' },
  start: undefined,
  objections: [],
  warnings: [],
  proposal: undefined,
  live: undefined,
}

/** One query, where the build has left a manifest that speaks of exactly these files. */
async function isUpToDate(
  { query }: Session,
  options: MigratorOptions,
  reading: Promise<string | undefined> = currentChain(options),
): Promise<boolean> {
  const [chain, declared] = await Promise.all([
    readChain(query, ledgerNames(options.ledgerSchema)),
    reading,
  ])
  return declared !== undefined && chain === declared
}

/** The directory is read while the server greets and says what has run. */
async function openWhileReading(options: MigratorOptions) {
  const opening = openSession(options.target)
  // What is wrong with the directory is said by whoever reads all of it.
  const reading = currentChain(options).catch(() => undefined)
  return { session: await opening, reading }
}

async function up(options: MigratorOptions, run: UpOptions): Promise<UpResult> {
  const { session, reading } = await openWhileReading(options)
  try {
    if (await isUpToDate(session, options, reading)) return { kind: 'nothing-to-do' }
    if (!(await isSingle(session))) return await upOn(session, options, run)
  } finally {
    await session.close()
  }
  return inTurn(() => withSession(options, (one) => carryOut(one, options, run)))
}

let turn: Promise<unknown> = Promise.resolve()

/** In PGlite whoever waits must not have the one session that the others need. */
function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const mine = turn.then(work)
  turn = mine.catch(() => undefined)
  return mine
}

/** One plans and works; the others wait before they plan, and then find nothing to do. */
async function upOn(session: Session, options: MigratorOptions, run: UpOptions): Promise<UpResult> {
  // A pooler would leave the lock on a session that somebody else gets next.
  const { unfitness } = await import('../execute/run-under-lease.ts')
  const unfit = await unfitness(session)
  if (unfit !== undefined)
    return { kind: 'refused', applied: [], objections: [unfit], plan: undefined }
  const acquired = await acquirePlanning(session, options)
  switch (acquired.kind) {
    case 'nothing-to-do':
      return { kind: 'nothing-to-do' }
    case 'timed-out':
      return { kind: 'waiting-timed-out', waiting: acquired.waiting }
    case 'stopped':
      return { kind: 'stopped', applied: [] }
    case 'held':
      try {
        return await carryOut(session, options, run)
      } finally {
        // A session that is lost has given its lock back by itself.
        await acquired.lock.release().catch(() => false)
      }
  }
}

const waitMaxMs = 1_800_000

/** A lock of its own: the one of the ledger belongs to the session that executes. */
function acquirePlanning(session: Session, options: MigratorOptions) {
  const ledger = ledgerNames(options.ledgerSchema)
  return acquireLock({
    session,
    ledger: { ...ledger, schema: `plan of ${ledger.schema}` },
    clock: systemClock,
    emit: options.onEvent ?? (() => undefined),
    signal: options.signal,
    waitMaxMs: options.limits?.waitMaxMs ?? waitMaxMs,
    isUpToDate: () => isUpToDate(session, options),
  })
}

async function carryOut(
  session: Session,
  options: MigratorOptions,
  run: UpOptions,
): Promise<UpResult> {
  if (await isUpToDate(session, options)) return { kind: 'nothing-to-do' }
  const quick = await fillQuickly(session, options)
  if (quick !== undefined) return quick
  const made = await makePlanOn(session, options, run)
  const { plan } = made
  if (plan.kind === 'refused')
    return { kind: 'refused', applied: [], objections: plan.objections, plan }
  if (plan.kind === 'nothing-to-do' && plan.held.length > 0)
    return { kind: 'done', applied: [], held: plan.held, warnings: plan.warnings }
  if (options.fullBackup === true && plan.kind === 'ready') {
    const { backUpAll } = await import('./full-backup.ts')
    const objections = await backUpAll(session, options)
    if (objections.length > 0) return { kind: 'refused', applied: [], objections, plan }
  }
  // In PGlite everybody shares one session, which the executor needs now.
  if (await isSingle(session)) await session.close()
  const { execute } = await import('../execute/execute.ts')
  const result = await execute({
    target: options.target,
    migrations: made.migrations,
    appVersion: options.appVersion,
    ledgerSchema: options.ledgerSchema,
    searchPath: options.searchPath,
    role: options.role,
    limits: options.limits,
    onEvent: options.onEvent,
    signal: options.signal,
    review: made.review,
    // The plan has compared what other ledgers claim with the catalog.
    proveClaims: async () => undefined,
  })
  return resultOf(result, plan)
}

/** What the build has proven on an empty database needs no plan. */
async function fillQuickly(
  session: Session,
  options: MigratorOptions,
): Promise<UpResult | undefined> {
  const { fillEmpty } = await import('./up-quickly.ts')
  const result = await fillEmpty(session, options)
  return result && resultOf(result, nothingToDo)
}

/**
 * Does what can be done without a plan: finds that there is nothing to do, or fills an empty database
 * with what the build has proven. Neither the parser nor the shadow is loaded.
 *
 * @returns undefined where a plan has to be made: `createMigrator(options).up()`
 */
export async function upQuickly(options: MigratorOptions): Promise<UpResult | undefined> {
  const { session, reading } = await openWhileReading(options)
  try {
    if (await isUpToDate(session, options, reading)) return { kind: 'nothing-to-do' }
    return await fillQuickly(session, options)
  } finally {
    await session.close()
  }
}

function resultOf(result: ExecuteResult, plan: MigrationPlan): UpResult {
  const { held, warnings } = plan
  switch (result.kind) {
    case 'done':
      return { ...result, held, warnings }
    case 'nothing-to-do':
      return held.length === 0 ? result : { kind: 'done', applied: [], held, warnings }
    case 'refused':
      return { ...result, plan }
    case 'failed':
    case 'waiting-timed-out':
    case 'stopped':
      return result
  }
}
