import { randomUUID } from 'node:crypto'
import type { Query as CatalogQuery } from '../catalog/query.ts'
import { readChain } from '../ledger/chain.ts'
import type { LedgerNames } from '../ledger/ledger-names.ts'
import { type LedgerRow, readLedger } from '../ledger/ledger-rows.ts'
import { completedTexts, type PlannedRow, planTexts, startText } from '../ledger/ledger-writes.ts'
import type { ProveClaims } from '../ledger/prepare-ledger.ts'
import type { Query } from '../ledger/query.ts'
import { objectionReasons, objectTo, type Objection } from '../objection.ts'
import { chainHash } from '../text/manifest.ts'
import { finishUndone, rollBackPart } from '../undo/roll-back-part.ts'
import { contradictions } from './contradictions.ts'
import { describeFailure } from './failure.ts'
import { groupStatements } from './groups.ts'
import type { Waiting } from './lock.ts'
import type { Migration, PreparedMigration } from './migration.ts'
import { recoveryOf } from './recovery.ts'
import { runMigration, type Start } from './run-migration.ts'
import { type Interrupted, type LeaseOptions, runUnderLease } from './run-under-lease.ts'
import { makesTablesOnly } from './sql-head.ts'
import { type Failure, type Task, type Work, writeFenced } from './work.ts'

export type { ExecuteLimits } from './run-under-lease.ts'

/** What to run, where, and how patiently. */
export type ExecuteOptions = LeaseOptions & {
  /** In the order in which they are to run; also those that have run. */
  readonly migrations: readonly Migration[]
  /** `chainHash` of all migrations, so that a start with nothing to do needs one query. */
  readonly chain?: string | undefined
  /** Asked before claims of another tool's `schema_migrations` are taken over. */
  readonly proveClaims?: ProveClaims | undefined
  /**
   * Asked under the lock, before anything of the plan is written: whether what the plan was made from
   * still holds. Any objection ends the run.
   */
  readonly review?: ((query: CatalogQuery) => Promise<readonly Objection[]>) | undefined
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
  readonly applied: string[]
}

/**
 * Applies what is pending, in the given order. May be started many times at once, killed at any
 * moment and started again: every statement takes effect once, and what the ledger says is what the
 * schema is. Whoever comes second waits and then finds nothing to do.
 */
export async function execute(options: ExecuteOptions): Promise<ExecuteResult> {
  const applied: string[] = []
  const ended = await runUnderLease<ExecuteResult>(options, {
    names: options.migrations.map(({ name }) => name),
    proveClaims: options.proveClaims,
    isUpToDate: (query, ledger) => isUpToDate(options, query, ledger),
    async run(work, found, host) {
      const rows = await settled(work, found, applied)
      if ('kind' in rows) return rows
      const objections = contradictions(options.migrations, rows)
      if (objections.length > 0) return { kind: 'refused', applied, objections }
      return applyPending({ options, applied }, { work, rows, host })
    },
    progress: () => applied.length,
  })
  switch (ended.kind) {
    case 'ended':
      return ended.result
    case 'nothing-to-do':
      return nothingMore({ applied })
    case 'failed':
      return { kind: 'failed', applied, migration: '', file: undefined, ...ended.failure }
    case 'refused':
    case 'stopped':
      return { ...ended, applied }
    case 'waiting-timed-out':
      return ended
  }
}

/** A way back that was interrupted is gone to its end before anything else. */
async function settled(
  work: Work,
  rows: readonly LedgerRow[],
  applied: readonly string[],
): Promise<readonly LedgerRow[] | ExecuteResult | Interrupted> {
  const isHalf = rows.some(
    ({ status, journal }) => status === 'in_progress' && journal.some(({ no }) => no < 0),
  )
  if (!isHalf) return rows
  const stopped = await finishUndone(work)
  if (stopped === undefined) return readLedger(work.session.query, work.writer.ledger)
  const { name, outcome } = stopped
  switch (outcome.kind) {
    case 'failed': {
      const file = `${name}.down.sql`
      return { kind: 'failed', applied, migration: name, file, ...outcome.failure }
    }
    case 'refused':
      return { kind: 'refused', applied, objections: outcome.objections }
    case 'stopped':
      return { kind: 'stopped', applied }
    case 'done':
    case 'fenced':
      return { kind: 'interrupted', error: undefined }
  }
}

function nothingMore({ applied }: Pick<Run, 'applied'>): ExecuteResult {
  return applied.length > 0 ? { kind: 'done', applied } : { kind: 'nothing-to-do' }
}

async function isUpToDate(
  options: Pick<ExecuteOptions, 'migrations' | 'chain'>,
  query: Query,
  ledger: LedgerNames,
): Promise<boolean> {
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

type UnderLease = {
  readonly work: Work
  readonly rows: readonly LedgerRow[]
  readonly host: string
}

async function applyPending(
  run: Run,
  { work, rows, host }: UnderLease,
): Promise<ExecuteResult | Interrupted> {
  const { options, applied } = run
  const replaced = replacedOf(options.migrations, rows)
  const pending = pendingOf(options.migrations, rows).filter(({ name }) => !replaced.has(name))
  const objections = pending.length === 0 ? [] : await options.review?.(work.session.rows)
  if (objections !== undefined && objections.length > 0)
    return { kind: 'refused', applied, objections }
  const plan = await planAgain(work, pending, await planOf(pending, rows))
  if (plan.kind === 'refused') return { kind: 'refused', applied, objections: plan.objections }
  work.emit({ type: 'planned', migrations: plan.planned.map(({ name }) => name) })
  const written = await writeFenced(work, [
    ...completedTexts(work.writer, {
      translations: translationsOf(options.migrations, rows),
      replacements: [...replaced.values()],
    }),
    ...planTexts(
      work.writer,
      plan.planned.map((one) => rowOf({ options, host }, one)),
    ),
    ...plan.planned.slice(0, 1).map((one) => startText(work.writer, attemptOf(one))),
  ])
  if (written.kind === 'fenced') return { kind: 'interrupted', error: undefined }
  if (written.kind === 'failed')
    return {
      kind: 'failed',
      applied,
      migration: '',
      file: undefined,
      ...describeFailure({ error: written.error, statement: undefined }),
    }
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
    ...leftBy(planned[index - 1]),
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

/** How a session is when a migration has run in it. */
function leftBy(before: Planned | undefined) {
  const texts = before?.prepared.statements.map(({ text }) => text)
  return {
    keepsTemporary: before?.prepared.keepsTemporary === true,
    isFresh: texts !== undefined && makesTablesOnly(texts),
  }
}

/** What cannot be repeated must not be ahead of what a crash of the server could take back. */
function needsCare({ prepared }: Planned): boolean {
  return prepared.destructive === true || prepared.statements[0]?.txClass !== 'tx'
}

function attemptOf({ id, recovery }: Planned) {
  return { migrationId: id, attempt: recovery.attempt }
}

/** What is committed of files that were edited since is taken back where they say so. */
async function planAgain(work: Work, pending: readonly Migration[], plan: Plan): Promise<Plan> {
  if (plan.kind === 'planned' || plan.edited.length === 0) return plan
  if (plan.objections.length > plan.edited.length) return plan
  for (const [index, { name, prepared }] of plan.edited.entries()) {
    if (prepared.rollbackOnFailure !== 'auto') return plan
    const step = { migration: name, position: index + 1, total: plan.edited.length }
    const rolledBack = await rollBackPart(work, step)
    if (rolledBack.kind !== 'rolled-back') return plan
  }
  return planOf(pending, await readLedger(work.session.query, work.writer.ledger))
}

type Plan =
  | { readonly kind: 'planned'; readonly planned: readonly Planned[] }
  | {
      readonly kind: 'refused'
      readonly objections: readonly Objection[]
      /** Files that are not those whose first statements are done. */
      readonly edited: readonly Pick<Planned, 'name' | 'prepared'>[]
    }

/** Looks at everything before anything runs, and says everything that is wrong at once. */
async function planOf(pending: readonly Migration[], rows: readonly LedgerRow[]): Promise<Plan> {
  const known = new Map(rows.map((row) => [row.name, row]))
  const planned: Planned[] = []
  const objections: Objection[] = []
  const edited: Pick<Planned, 'name' | 'prepared'>[] = []
  for (const { name, prepare } of pending) {
    const prepared = await prepare()
    const grouping = groupStatements(prepared, { name })
    if (grouping.kind === 'refused') objections.push(...grouping.objections)
    const row = known.get(name)
    const recovery = recoveryOf(row, prepared)
    if (recovery.kind === 'edited') {
      objections.push(objectToHalf(name, recovery.no, prepared))
      edited.push({ name, prepared })
    } else planned.push({ name, prepared, id: row?.id ?? randomUUID(), recovery })
  }
  return objections.length > 0
    ? { kind: 'refused', objections, edited }
    : { kind: 'planned', planned }
}

function objectToHalf(name: string, statementNo: number, { file }: PreparedMigration): Objection {
  return objectTo(
    objectionReasons['checksum-changed'],
    { migration: name, file: file ?? `${name}.sql`, statementNo },
    { detail: `Its statement ${statementNo} is done, and the file has another one in its place.` },
  )
}

function rowOf(
  { options, host }: { readonly options: ExecuteOptions; readonly host: string },
  { id, name, prepared }: Planned,
): PlannedRow {
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
