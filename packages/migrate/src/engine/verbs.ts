import type { BackupResult } from '../backup/backup.ts'
import { objectionsOfExtras } from '../doctor/verify-database.ts'
import type { Session } from '../execute/session.ts'
import type { LintFinding } from '../lint/finding.ts'
import { objectTo, type Objection } from '../objection.ts'
import type { PlanRepairOptions, RepairPlan } from '../repair/plan-repair.ts'
import type { RepairResult } from '../repair/apply-repair.ts'
import { dependenciesOf } from '../undo/dependencies.ts'
import { undo, type UndoResult, type UndoSelection } from '../undo/undo.ts'
import { elaborateDeclared, findDriftOf, openTrial, type DriftReport } from './declared.ts'
import { engineReasons } from './engine-reasons.ts'
import { makePlan, type MadePlan, type Planning, type PlanOptions } from './make-plan.ts'
import type { MigrationPlan } from './migration-plan.ts'
import type { MigratorOptions } from './migrator-options.ts'
import { readDatabase } from './read-database.ts'
import { readFiles } from './read-files.ts'
import { readStatus, type StatusReport } from './status.ts'
import { withSquashes } from './with-squashes.ts'

/** What is to be taken back. */
export type DownOptions = {
  /** Default: the last one. */
  readonly selection?: UndoSelection | undefined
  /** Why data may be lost, for the ledger; without it nothing is lost. */
  readonly acceptLoss?: string | undefined
}

export type LintReport = {
  readonly plan: MigrationPlan
  readonly findings: readonly LintFinding[]
}

/** Whether the ledger, the files and the catalog agree. */
export type VerifyReport = {
  readonly isFine: boolean
  readonly status: StatusReport
  readonly drift: DriftReport
  readonly objections: readonly Objection[]
  /** What is there beside what is declared; it stands against nothing. */
  readonly extras: readonly Objection[]
}

/** Reads everything that a plan is made from. */
export async function survey(
  session: Session,
  options: MigratorOptions,
  run: PlanOptions = {},
): Promise<Planning> {
  const read = await readFiles(options)
  const ids = read.sources.map(({ id }) => id)
  const found = await readDatabase(session, options, ids)
  const { files, ledger } = withSquashes(read, found.ledger)
  return { query: session.rows, options, files, database: { ...found, ledger }, run }
}

/** Plans; where it is told to and an order is proposed, writes that into the files and plans anew. */
export async function planWith(
  session: Session,
  options: MigratorOptions,
  run: PlanOptions & { readonly applyOrder?: boolean | undefined },
): Promise<MadePlan> {
  const planning = await survey(session, options, run)
  const made = await makePlan(planning)
  const { proposal } = made.plan
  if (run.applyOrder !== true || proposal === undefined) return made
  const { writeAfter } = await import('./write-after.ts')
  await writeAfter(planning.files.sources, proposal)
  return makePlan(await survey(session, options, run))
}

/** Takes completed migrations back, each with its data. */
export async function down(
  options: MigratorOptions,
  { selection = { kind: 'steps', count: 1 }, acceptLoss }: DownOptions,
): Promise<UndoResult> {
  const { target, appVersion, ledgerSchema, searchPath, role, limits, onEvent, signal } = options
  const dependsOn = selection.kind === 'ids' ? await dependenciesIn(options) : undefined
  return undo({
    ...(dependsOn === undefined ? {} : { dependsOn }),
    target,
    appVersion,
    ledgerSchema,
    searchPath,
    role,
    limits,
    onEvent,
    signal,
    selection,
    acceptLoss,
  })
}

/** One in the middle may go where no later file needs it. */
async function dependenciesIn(options: MigratorOptions) {
  const [{ analyseHistory }, { sources, parser }] = await Promise.all([
    import('../analyse/analyse.ts'),
    readFiles(options),
  ])
  return dependenciesOf(analyseHistory(sources, { parser }))
}

/** What pending migrations would do to an application that goes on running. */
export async function lintPending(session: Session, options: MigratorOptions): Promise<LintReport> {
  const [{ lint }, { plan, elaboration, preflight, pending }] = await Promise.all([
    import('../lint/lint.ts'),
    planWith(session, options, { contract: true }),
  ])
  const migrations = elaboration?.shadow.kind === 'none' ? pending : (elaboration?.migrations ?? [])
  const tables = preflight?.tables ?? []
  const keepsRows = options.backupDirectory !== undefined
  return { plan, findings: await lint({ migrations }, { tables, keepsRows }) }
}

export async function drift(session: Session, options: MigratorOptions): Promise<DriftReport> {
  return findDriftOf(await survey(session, options), session.rows)
}

export async function verify(session: Session, options: MigratorOptions): Promise<VerifyReport> {
  const planning = await survey(session, options)
  const status = await readStatus(session.query, planning.files, options.ledgerSchema)
  const found = await findDriftOf(planning, session.rows)
  const blocking = found.findings.filter(({ blocks }) => blocks)
  const objections = [
    ...planning.files.objections,
    ...status.objections,
    ...blocking.map(({ explanation }) => explanation),
    ...(found.because === undefined
      ? []
      : [objectTo(engineReasons.notTried, { migration: '' }, { detail: found.because })]),
  ]
  const extras = objectionsOfExtras(found.findings)
  return { isFine: objections.length === 0, status, drift: found, objections, extras }
}

/** What would bring the declared objects back; tried, but not run. */
export type RepairReport =
  | { readonly kind: 'planned'; readonly plan: RepairPlan }
  | { readonly kind: 'refused'; readonly objections: readonly Objection[] }

async function repairing<T>(
  session: Session,
  options: MigratorOptions,
  work: (repair: PlanRepairOptions) => Promise<T>,
): Promise<T | Extract<RepairReport, { kind: 'refused' }>> {
  const planning = await survey(session, options)
  const { shadow, expected, objections } = await elaborateDeclared(planning)
  if (expected === undefined) {
    const detail = shadow.kind === 'none' ? shadow.because : (objections[0]?.because ?? '')
    const notTried = objectTo(engineReasons.notTried, { migration: '' }, { detail })
    return { kind: 'refused', objections: [notTried] }
  }
  const trial = await openTrial(planning)
  try {
    const { ledgerSchema, ignore } = options
    return await work({ query: session.rows, expected, ledgerSchema, ignore, shadow: trial })
  } finally {
    await trial?.close()
  }
}

export function planRepairOn(session: Session, options: MigratorOptions): Promise<RepairReport> {
  return repairing(session, options, async (repair): Promise<RepairReport> => {
    const { planRepair } = await import('../repair/plan-repair.ts')
    return { kind: 'planned', plan: await planRepair(repair) }
  })
}

export function repairOn(
  session: Session,
  options: MigratorOptions,
  plan: RepairPlan | undefined,
): Promise<RepairResult> {
  return repairing(session, options, async (repair): Promise<RepairResult> => {
    const { applyRepair } = await import('../repair/apply-repair.ts')
    return applyRepair({ ...repair, plan })
  })
}

/** Every table as JSON lines with a manifest, read back before it counts. */
export async function backupAll(
  session: Session,
  { appVersion }: MigratorOptions,
  directory: string,
): Promise<BackupResult> {
  const { createBackup } = await import('../backup/backup.ts')
  return createBackup({ query: session.rows, directory, parts: 'all', engineVersion: appVersion })
}
