import { fingerprintOf } from '../catalog/fingerprint.ts'
import { readFacts } from '../catalog/read-facts.ts'
import { ledgerNames, lockKey } from '../ledger/ledger-names.ts'
import { objectTo, type Objection } from '../objection.ts'
import { type DriftFinding, findDrift } from '../preflight/drift.ts'
import { readServerError, type ShadowError } from '../shadow/server-error.ts'
import {
  type IndexRepair,
  type PlanRepairOptions,
  type RepairPlan,
  type RepairReport,
  workOut,
  prepareSession,
} from './plan-repair.ts'
import { repairReasons } from './repair-reasons.ts'

export type ApplyRepairOptions = PlanRepairOptions & {
  /** A plan that somebody has looked at: it runs as it is, or not at all. Default: a new one. */
  readonly plan?: RepairPlan | undefined
  /** Whether the caller holds the lock of the migrations on this connection already. */
  readonly holdsLock?: boolean | undefined
  /** Hears every statement before it runs. */
  readonly onStatement?: ((text: string) => void) | undefined
}

export type RepairResult =
  | { readonly kind: 'nothing-to-do'; readonly reports: readonly RepairReport[] }
  | {
      readonly kind: 'repaired'
      /** Everything that ran, in order. */
      readonly statements: readonly string[]
      readonly reports: readonly RepairReport[]
      /** What still differs from what is declared and blocks; empty when all came back whole. */
      readonly left: readonly DriftFinding[]
    }
  /** Nothing was changed. */
  | { readonly kind: 'refused'; readonly objections: readonly Objection[] }
  /** The transaction was rolled back. */
  | { readonly kind: 'failed'; readonly text: string; readonly error: ShadowError }

/**
 * Brings the declared objects back: one transaction that commits only if it leaves behind exactly what
 * was planned, then the indexes, each beside the running application. Running it again does nothing
 * more. A killed run leaves nothing that the next one does not take up.
 *
 * @throws the driver's error where the connection fails
 */
export async function applyRepair(options: ApplyRepairOptions): Promise<RepairResult> {
  const { query, ledgerSchema } = options
  if (options.holdsLock === true) return repair(options)
  const key = lockKey(ledgerNames(ledgerSchema))
  const { rows } = await query('select pg_catalog.pg_try_advisory_lock($1::bigint) as held', [key])
  if (rows[0]?.['held'] !== true)
    return { kind: 'refused', objections: [objectTo(repairReasons.busy, { migration: '' })] }
  try {
    return await repair(options)
  } finally {
    await query('select pg_catalog.pg_advisory_unlock($1::bigint)', [key])
  }
}

type Done = {
  readonly kind: 'done'
  readonly statements: readonly string[]
  readonly indexes: readonly IndexRepair[]
  readonly reports: readonly RepairReport[]
}

async function repair(options: ApplyRepairOptions): Promise<RepairResult> {
  const first = await inTransaction(options)
  if (first.kind !== 'done') return first
  const statements = [...first.statements]
  const reports = [...first.reports]
  for (const index of first.indexes) {
    const built = await buildIndex(options, index)
    statements.push(...built.statements)
    reports.push(...built.reports)
  }
  if (statements.length === 0) return { kind: 'nothing-to-do', reports }
  return { kind: 'repaired', statements, reports, left: await readLeft(options) }
}

async function readLeft(options: ApplyRepairOptions): Promise<DriftFinding[]> {
  const { query, expected, ledgerSchema = 'public', roleOf, ignore } = options
  const live = await readFacts(query, { ledgerSchema })
  const { findings } = await findDrift({
    expected,
    live,
    ...(roleOf !== undefined && { roleOf }),
    ...(ignore !== undefined && { ignore }),
  })
  return findings.filter(({ blocks }) => blocks)
}

async function inTransaction(
  options: ApplyRepairOptions,
): Promise<Done | Exclude<RepairResult, { kind: 'repaired' }>> {
  const { query } = options
  await query('begin')
  let isOpen = true
  const end = async (how: 'commit' | 'rollback') => {
    isOpen = false
    await query(how)
  }
  try {
    const result = options.plan === undefined ? await freshly(options) : await asPlanned(options)
    await end(result.kind === 'done' && result.statements.length > 0 ? 'commit' : 'rollback')
    return result
  } finally {
    if (isOpen) await query('rollback')
  }
}

async function freshly(options: ApplyRepairOptions): Promise<Done> {
  const { plan } = await workOut(options, 'run')
  for (const text of plan.statements) options.onStatement?.(text)
  return doneOf(plan)
}

function doneOf({ statements, indexes, reports }: RepairPlan): Done {
  return { kind: 'done', statements, indexes, reports }
}

/** A plan from the shadow meets real rows here; what it must not do is leave something else behind. */
async function asPlanned(
  options: ApplyRepairOptions,
): Promise<Done | Exclude<RepairResult, { kind: 'repaired' }>> {
  const { query, plan, ledgerSchema = 'public' } = options
  if (plan === undefined) return freshly(options)
  await prepareSession(query, options)
  const read = async () =>
    fingerprintOf(await readFacts(query, { transaction: 'open', ledgerSchema })).structure
  if ((await read()) !== plan.before)
    return { kind: 'refused', objections: [objectTo(repairReasons.stale, { migration: '' })] }
  for (const text of plan.statements) {
    options.onStatement?.(text)
    const error = await run(options, text)
    if (error !== undefined) return { kind: 'failed', text, error }
  }
  const after = await read()
  if (after === plan.after) return doneOf(plan)
  const detail = `${after.slice(0, 12)} ≠ ${plan.after.slice(0, 12)}`
  return {
    kind: 'refused',
    objections: [objectTo(repairReasons.otherResult, { migration: '' }, { detail })],
  }
}

async function run(
  { query }: Pick<ApplyRepairOptions, 'query'>,
  text: string,
): Promise<ShadowError | undefined> {
  try {
    await query(text)
    return undefined
  } catch (thrown) {
    const error = readServerError(thrown)
    if (error === undefined) throw thrown
    return error
  }
}

type Built = Pick<Done, 'statements' | 'reports'>

async function buildIndex(options: ApplyRepairOptions, index: IndexRepair): Promise<Built> {
  const statements: string[] = []
  for (const text of index.statements) {
    options.onStatement?.(text)
    const error = await run(options, text)
    statements.push(text)
    if (error === undefined) continue
    // What a failed build leaves behind would be kept up to date for nothing.
    await run(options, index.cleanUp)
    const objection = objectTo(
      repairReasons.refused,
      { migration: '', object: index.index },
      { detail: `${error.message} (${error.sqlstate})` },
    )
    return {
      statements: [...statements, index.cleanUp],
      reports: [{ key: index.key, row: {}, objection }],
    }
  }
  return { statements, reports: [] }
}
