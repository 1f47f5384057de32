import { createBackup } from '../backup/create-backup.ts'
import type { Query } from '../catalog/query.ts'
import { type Clock, systemClock } from '../execute/clock.ts'
import type { OnEvent } from '../execute/events.ts'
import { execute, type ExecuteLimits, type ExecuteResult } from '../execute/execute.ts'
import type { Migration, Statement } from '../execute/migration.ts'
import { openSession, type Session, type Target } from '../execute/session.ts'
import { isMissing } from '../ledger/chain.ts'
import { consolidationOrigin, ledgerNames } from '../ledger/ledger-names.ts'
import { type LedgerRow, readLedger } from '../ledger/ledger-rows.ts'
import { type Objection, objectTo } from '../objection.ts'
import { readServerError } from '../shadow/server-error.ts'
import { createHooks } from './consolidation-hooks.ts'
import { consolidateReasons as reasons } from './consolidate-reasons.ts'
import { checksumOf, type ConsolidationPlan, planConsolidation } from './plan.ts'
import type { ConsolidationSpec } from './spec.ts'

export type ConsolidateOptions = {
  readonly target: Target
  readonly spec: ConsolidationSpec
  /** Where the backups are written. */
  readonly backupDirectory: string
  /**
   * `plan` only reads. `rehearse` does everything, the way back included, and then rolls it back;
   * the tables are locked meanwhile. `apply` does it.
   */
  readonly mode: 'plan' | 'rehearse' | 'apply'
  /** A backup of all tables before anything is locked; default true. */
  readonly fullBackup?: boolean
  readonly appVersion?: string
  readonly ledgerSchema?: string
  readonly role?: string
  readonly limits?: Partial<ExecuteLimits>
  readonly onEvent?: OnEvent
  readonly signal?: AbortSignal
  readonly clock?: Clock
  readonly freeBytes?: (directory: string) => Promise<number>
}

export type ConsolidateResult =
  | { readonly kind: 'planned'; readonly plan: ConsolidationPlan }
  | {
      readonly kind: 'rehearsed'
      readonly plan: ConsolidationPlan
      /** How long the tables were locked, in milliseconds. */
      readonly lockedMs: number
    }
  | {
      readonly kind: 'done'
      readonly plan: ConsolidationPlan
      /** Of what was touched, as the ledger has it. */
      readonly location: string | undefined
      /** Of everything, made before. */
      readonly fullLocation: string | undefined
    }
  | { readonly kind: 'nothing-to-do' }
  | { readonly kind: 'refused'; readonly objections: readonly Objection[] }
  | Extract<ExecuteResult, { readonly kind: 'failed' | 'waiting-timed-out' | 'stopped' }>

/**
 * Puts several tables into one as a spec says: backup, migration, verification of every value, foreign
 * keys, the old tables dropped, in one transaction, and the way back tried before it commits. Whatever
 * is wrong changes nothing. It may be killed and started again at any moment.
 */
export async function consolidate(options: ConsolidateOptions): Promise<ConsolidateResult> {
  const session = await openSession(options.target)
  try {
    const prepared = await prepare(options, session)
    if (prepared.kind !== 'ready') return prepared
    const { plan } = prepared
    if (options.mode === 'plan') return { kind: 'planned', plan }
    if (options.mode === 'rehearse') return await rehearse(options, session.rows, plan)
    const full = await backUpAll(options, session.rows)
    if ('objections' in full) return { kind: 'refused', objections: full.objections }
    // With one connection for all, as in PGlite, the executor waits for this one.
    await session.close()
    return await apply(options, { ...prepared, fullLocation: full.location })
  } finally {
    await session.close().catch(() => undefined)
  }
}

type Ready = {
  readonly kind: 'ready'
  readonly plan: ConsolidationPlan
  readonly rows: readonly LedgerRow[]
}

async function prepare(
  options: ConsolidateOptions,
  session: Session,
): Promise<Ready | Extract<ConsolidateResult, { kind: 'refused' | 'nothing-to-do' }>> {
  const { spec } = options
  const before = await whatHappened(options, session)
  if (before.ended !== undefined) return before.ended
  if (options.role !== undefined)
    await session.query(`select pg_catalog.set_config('role', $1, false)`, [options.role])
  const planned = await planConsolidation(session.rows, spec)
  if (planned.kind === 'planned') return { kind: 'ready', plan: planned.plan, rows: before.rows }
  // Somebody else may have done it while this one looked.
  return (await whatHappened(options, session)).ended ?? planned
}

type Happened = {
  readonly rows: readonly LedgerRow[]
  readonly ended: Extract<ConsolidateResult, { kind: 'refused' | 'nothing-to-do' }> | undefined
}

async function whatHappened(
  { spec, ledgerSchema }: ConsolidateOptions,
  session: Session,
): Promise<Happened> {
  const rows = await readLedger(session.query, ledgerNames(ledgerSchema)).catch(
    (error: unknown): LedgerRow[] => {
      // No ledger, or one of another tool, which the executor knows how to handle.
      if (isMissing(error) || readServerError(error)?.sqlstate === '42703') return []
      throw error
    },
  )
  const own = rows.find(({ name, status }) => name === spec.name && status === 'completed')
  if (own === undefined) return { rows, ended: undefined }
  const isSame = own.checksum === undefined || own.checksum === checksumOf(spec)
  const objection = objectTo(reasons.editedSpec, { migration: spec.name })
  return {
    rows,
    ended: isSame ? { kind: 'nothing-to-do' } : { kind: 'refused', objections: [objection] },
  }
}

async function backUpAll(
  { backupDirectory, spec, fullBackup = true, freeBytes }: ConsolidateOptions,
  query: Query,
): Promise<
  { readonly location: string | undefined } | { readonly objections: readonly Objection[] }
> {
  if (!fullBackup) return { location: undefined }
  const made = await createBackup({
    query,
    directory: backupDirectory,
    migration: `${spec.name}-full`,
    parts: 'all',
    ...(freeBytes === undefined ? {} : { freeBytes }),
  })
  return made.kind === 'refused' ? made : { location: made.location }
}

function statementsOf({ statements }: ConsolidationPlan): Statement[] {
  return statements.map((text, index) => ({
    no: index + 1,
    text,
    txClass: 'tx',
    line: index + 1,
    column: 1,
  }))
}

type Applying = Omit<Ready, 'kind'> & { readonly fullLocation: string | undefined }

async function apply(
  options: ConsolidateOptions,
  { plan, rows, fullLocation }: Applying,
): Promise<ConsolidateResult> {
  const { spec, checksum } = plan
  const { migrations: ledger } = ledgerNames(options.ledgerSchema)
  const hooks = createHooks({
    plan,
    backupDirectory: options.backupDirectory,
    ledgerSchema: options.ledgerSchema,
    fullBackup: fullLocation,
    freeBytes: options.freeBytes,
    async storeRollback(query, script) {
      await query(
        `update ${ledger} set rollback_script = $1, origin = $2 where migration_name = $3`,
        [script, consolidationOrigin, spec.name],
      )
    },
  })
  const own: Migration = {
    name: spec.name,
    checksum,
    async prepare() {
      return {
        type: 'consolidation',
        checksum,
        file: `${spec.name}.json`,
        statements: statementsOf(plan),
        destructive: true,
        before: hooks.before,
        verify: hooks.verify,
      }
    },
  }
  const { target, ledgerSchema, role, limits, onEvent, signal, clock } = options
  const result = await execute({
    target,
    migrations: [...othersOf(rows, spec.name), own],
    appVersion: options.appVersion ?? '',
    ledgerSchema,
    role,
    limits,
    onEvent,
    signal,
    clock,
  })
  if (result.kind === 'done')
    return { kind: 'done', plan, location: hooks.location(), fullLocation }
  if (hasChangedNothing(result)) await hooks.forget()
  return result
}

/** Without a statement to blame the commit itself may have failed, and nobody knows. */
function hasChangedNothing(result: Exclude<ExecuteResult, { kind: 'done' }>): boolean {
  return result.kind === 'refused' || (result.kind === 'failed' && result.statementNo !== undefined)
}

/** What the ledger has already is nobody's business here. */
function othersOf(rows: readonly LedgerRow[], name: string): Migration[] {
  return rows
    .filter((row) => row.name !== name && row.status === 'completed')
    .map((row) => ({
      name: row.name,
      prepare: () => Promise.reject(new Error(`${row.name} has run already`)),
    }))
}

/** Everything, in a transaction that is rolled back; the ledger hears nothing of it. */
async function rehearse(
  options: ConsolidateOptions,
  query: Query,
  plan: ConsolidationPlan,
): Promise<ConsolidateResult> {
  const { clock = systemClock } = options
  const hooks = createHooks({
    plan,
    backupDirectory: options.backupDirectory,
    ledgerSchema: options.ledgerSchema,
    fullBackup: undefined,
    storeRollback: async () => undefined,
    freeBytes: options.freeBytes,
  })
  const began = clock.now()
  await query('begin')
  try {
    const begun = await hooks.before(query)
    if (begun.kind === 'refused') return begun
    for (const text of plan.statements) await query(text)
    const proven = await hooks.verify(query)
    if (proven.kind === 'refused') return proven
  } catch (error) {
    const said = readServerError(error)
    if (said === undefined || /^(08|57P)/.test(said.sqlstate)) throw error
    const facts = { detail: `${said.message} (${said.sqlstate})` }
    const place = { migration: plan.spec.name, ...(said.table && { object: said.table }) }
    return { kind: 'refused', objections: [objectTo(reasons.doesNotFit, place, facts)] }
  } finally {
    await query('rollback')
    await hooks.forget()
  }
  return { kind: 'rehearsed', plan, lockedMs: clock.now() - began }
}
