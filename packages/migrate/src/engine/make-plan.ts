import { catalogAfter } from '../analyse/analyse.ts'
import { compareFacts } from '../catalog/compare-facts.ts'
import { diffFacts, fingerprintOf } from '../catalog/fingerprint.ts'
import type { Query } from '../catalog/query.ts'
import { readFacts } from '../catalog/read-facts.ts'
import { contradictions } from '../execute/contradictions.ts'
import type { Migration } from '../execute/migration.ts'
import { objectTo, type Objection } from '../objection.ts'
import { elaborate, pathOf, type Judged, type PendingMigration } from '../plan/elaborate.ts'
import { extensionsIn } from '../plan/open-shadow.ts'
import type { Elaboration, ShadowStart } from '../plan/elaboration.ts'
import {
  judgeOrder,
  type OrderVerdict,
  type PlanOptions as OrderOptions,
} from '../order/verdict.ts'
import { sourcesOf } from '../text/directory.ts'
import type { MigrationSource } from '../text/source.ts'
import { engineReasons } from './engine-reasons.ts'
import { type MigrationPlan, plannedMigration, untriedMigration } from './migration-plan.ts'
import type { MigratorOptions } from './migrator-options.ts'
import { holdContracts, judgeElaboration, objectToHeld } from './policy.ts'
import { prepareElaborated, prepareUntried } from './prepare-migration.ts'
import type { DatabaseState } from './read-database.ts'
import { type Proofs, readProofs } from './proofs.ts'
import type { ReadFiles } from './read-files.ts'
import { objectToLateFiles } from './late-files.ts'

/** What one run is allowed. */
export type PlanOptions = {
  /** Contract migrations may run: no old version of the application is left. */
  readonly contract?: boolean | undefined
  /** Why it may run although something is not proven; stored with each migration. */
  readonly acceptUnproven?: string | undefined
}

/** A plan and what is needed to carry it out. */
export type MadePlan = {
  readonly plan: MigrationPlan
  /** In the declared order, also those that have run; without those that wait. */
  readonly migrations: readonly Migration[]
  readonly elaboration: Elaboration | undefined
  /** Under the lock: whether the database still is what the plan was made for. */
  readonly review: (query: Query) => Promise<readonly Objection[]>
}

export type Planning = {
  readonly options: MigratorOptions
  readonly files: ReadFiles
  readonly database: DatabaseState
  readonly run: PlanOptions
}

/**
 * Finds out everything that can be known before the first statement, and says all that is wrong at
 * once. Nothing is written to the target.
 */
export async function makePlan(planning: Planning): Promise<MadePlan> {
  const { files, database } = planning
  const stopped = [
    ...files.objections,
    ...database.ledger.objections,
    ...contradictions(files.sources.map(migrationOf(files)), database.ledger.rows),
  ]
  const completed = completedIds(planning)
  const pending = files.sources.filter(({ id }) => !completed.has(id))
  if (pending.length === 0 || database.ledger.objections.length > 0)
    return withoutTrial(planning, { completed, objections: stopped, isIdle: pending.length === 0 })
  const tried = await tryOut(planning, completed)
  return conclude(planning, { ...tried, completed, stopped })
}

const migrationOf =
  ({ checksums, formerChecksums }: ReadFiles) =>
  ({ id }: MigrationSource): Migration => {
    const checksum = checksums.get(id)
    const former = formerChecksums.get(id)
    return {
      name: id,
      ...(checksum === undefined ? {} : { checksum }),
      ...(former === undefined ? {} : { formerChecksums: former }),
      prepare: () => Promise.reject(new Error(`${id} was not planned`)),
    }
  }

function completedIds({ database }: Planning): ReadonlySet<string> {
  const { rows } = database.ledger
  return new Set(rows.filter(({ status }) => status === 'completed').map(({ name }) => name))
}

type Bare = {
  readonly completed: ReadonlySet<string>
  readonly objections: readonly Objection[]
  readonly isIdle: boolean
}

function withoutTrial({ files }: Planning, { completed, objections, isIdle }: Bare): MadePlan {
  const isRefused = objections.length > 0
  return {
    plan: {
      kind: isRefused ? 'refused' : isIdle ? 'nothing-to-do' : 'ready',
      completed: [...completed],
      migrations: [],
      held: [],
      shadow: { kind: 'none', because: 'there was nothing to try' },
      start: undefined,
      objections,
      warnings: [],
      proposal: undefined,
    },
    migrations: files.sources.map(migrationOf(files)),
    elaboration: undefined,
    review: async () => [],
  }
}

type Tried = {
  readonly verdict: OrderVerdict
  readonly elaboration: Elaboration
  /** In the order in which they run. */
  readonly free: readonly PendingMigration[]
  readonly held: readonly MigrationSource[]
}

async function tryOut(planning: Planning, completed: ReadonlySet<string>): Promise<Tried> {
  const { files, options, database } = planning
  let found: Pick<Tried, 'verdict' | 'free' | 'held'> | undefined
  const judge = (start: ShadowStart): Judged => {
    const verdict = judgeFrom(planning, completed, start)
    found = { verdict, ...choose(planning, verdict, completed) }
    return { pending: found.free, isRefused: objectionsOf(verdict, completed).length > 0 }
  }
  const elaboration = await elaborate({
    parser: files.parser,
    completed: ranSources(planning),
    pending: judge,
    extensions: extensionsIn(files.sources.map(({ text }) => text)),
    target: database.target,
    live: database.live,
    images:
      options.imageDirectory === undefined ? undefined : { directory: options.imageDirectory },
    connection: options.connection,
    shadowServer: options.shadowServer,
    ledgerSchema: options.ledgerSchema,
  })
  // Where nothing could be tried, nobody has judged yet.
  if (found === undefined) judge({ kind: 'declared' })
  if (found === undefined) throw new Error('the order was not judged')
  return { ...found, elaboration }
}

/** What has run, in the order in which it did; what has no file left cannot be replayed. */
function ranSources({ files, database }: Planning) {
  const known = new Map(files.sources.map((source) => [source.id, source]))
  return database.ledger.ran.flatMap((id) => {
    const source = known.get(id)
    const checksum = files.checksums.get(id)
    return source === undefined || checksum === undefined ? [] : [{ source, checksum }]
  })
}

/** The order is judged from what the target really holds, where that is not what it should. */
function judgeFrom(
  { files, database }: Planning,
  completed: ReadonlySet<string>,
  start: ShadowStart,
): OrderVerdict {
  const { parser, sources } = files
  const rules: OrderOptions = { parser, completed, searchPath: pathOf(database.target) }
  if (start.kind !== 'live') return judgeOrder(sources, rules)
  const extra = sourcesOf([
    { name: 'live.sql', bytes: Buffer.from(start.statements.join(';\n')) },
  ]).sources
  const ran = sources.filter(({ id }) => completed.has(id))
  // A history that is only partly there is judged as a whole: late files need what they passed.
  const late = judgeOrder(sources, rules).late
  if (late.length > 0) return judgeOrder(sources, rules)
  return judgeOrder(
    sources.filter(({ id }) => !completed.has(id)).map((source) => withoutDone(source, completed)),
    { ...rules, start: () => catalogAfter([...ran, ...extra], parser) },
  )
}

/** What a file waits for and what has run is no longer to be waited for. */
function withoutDone(source: MigrationSource, completed: ReadonlySet<string>): MigrationSource {
  const { after } = source.header
  if (after === undefined) return source
  const waiting = after.filter((id) => !completed.has(id))
  return { ...source, header: { ...source.header, after: waiting } }
}

function choose(
  { files, options, run }: Planning,
  verdict: OrderVerdict,
  completed: ReadonlySet<string>,
): Pick<Tried, 'free' | 'held'> {
  const known = new Map(files.sources.map((source) => [source.id, source]))
  const analyses = new Map(verdict.analyses.map((analysis) => [analysis.id, analysis]))
  const ordered = verdict.order
    .filter((id) => !completed.has(id))
    .flatMap((id) => known.get(id) ?? [])
  const { free, held } = holdContracts(ordered, {
    policy: options.policy ?? 'production',
    contract: run.contract === true,
  })
  const pending = free.flatMap((source): PendingMigration[] => {
    const analysis = analyses.get(source.id)
    const checksum = files.checksums.get(source.id)
    return analysis === undefined || checksum === undefined ? [] : [{ source, analysis, checksum }]
  })
  return { free: pending, held }
}

/** What stands against a file that has run is history. */
function objectionsOf({ objections }: OrderVerdict, completed: ReadonlySet<string>): Objection[] {
  return objections.filter(({ migration }) => !completed.has(migration))
}

type Conclusion = Tried & {
  readonly completed: ReadonlySet<string>
  readonly stopped: readonly Objection[]
}

async function conclude(planning: Planning, conclusion: Conclusion): Promise<MadePlan> {
  const { options, run } = planning
  const { verdict, elaboration, completed, free, held } = conclusion
  const proofs =
    elaboration.shadow.kind === 'none' ? await readProofs(options.directory) : undefined
  const judged = judgeElaboration(elaboration, {
    policy: options.policy ?? 'production',
    acceptUnproven: run.acceptUnproven,
    isProvenByBuild: proofs !== undefined,
  })
  const objections = [
    ...conclusion.stopped,
    ...objectionsOf(verdict, completed),
    ...elaboration.objections,
    ...judged.refusals,
    ...(await claimObjections(planning, elaboration)),
    ...(await objectToLateFiles(planning, { verdict, elaboration })),
  ]
  const warnings = [
    ...verdict.warnings.filter(({ migration }) => !completed.has(migration)),
    ...judged.warnings,
    ...objectToHeld(held),
  ]
  const { proposal } = verdict
  const plan: MigrationPlan = {
    kind: objections.length > 0 ? 'refused' : free.length > 0 ? 'ready' : 'nothing-to-do',
    completed: [...completed],
    migrations:
      elaboration.shadow.kind === 'none'
        ? free.map(untriedMigration)
        : elaboration.migrations.map(plannedMigration),
    held: held.map(({ id }) => id),
    shadow: elaboration.shadow,
    start: elaboration.start,
    objections: distinct(objections),
    warnings: distinct(warnings),
    proposal:
      proposal === undefined
        ? undefined
        : { order: proposal.order, after: Object.fromEntries(proposal.after) },
  }
  const migrations = executable(planning, conclusion, proofs)
  return { plan, migrations, elaboration, review: (query) => reviewLive(planning, query) }
}

/** Whoever changes the schema between the plan and the lock makes the plan void. */
async function reviewLive({ database, options }: Planning, query: Query): Promise<Objection[]> {
  const { ledgerSchema } = options
  if (database.live === undefined) return []
  const now = await readFacts(query, ledgerSchema === undefined ? {} : { ledgerSchema })
  if (fingerprintOf(now).structure === fingerprintOf(database.live).structure) return []
  const { added, removed, changed } = diffFacts(database.live, now)
  const keys = [...added, ...removed, ...changed.map(({ after }) => after)].map(({ key }) => key)
  const detail = keys.slice(0, 5).join(', ')
  return [objectTo(engineReasons.changedMeanwhile, { migration: '' }, { detail })]
}

/** A ledger of another shape only claims; the catalog has to agree before it is believed. */
async function claimObjections(
  { database }: Planning,
  { expected }: Elaboration,
): Promise<Objection[]> {
  const { shape } = database.ledger
  const { live } = database
  const isClaim = shape === 'versions' || shape === 'high-water-mark'
  if (!isClaim || expected === undefined || live === undefined) return []
  const { differences } = await compareFacts(expected, live)
  const wrong = differences.filter(({ kind }) => kind === 'missing' || kind === 'changed')
  if (wrong.length === 0) return []
  const detail = wrong
    .slice(0, 5)
    .map(({ key }) => key)
    .join(', ')
  return [objectTo(engineReasons.claimsUnproven, { migration: '' }, { detail })]
}

function executable(
  planning: Planning,
  { elaboration, completed, free }: Conclusion,
  proofs: Proofs | undefined,
): Migration[] {
  const { files, options, run } = planning
  const { ledgerSchema } = options
  const tried = new Map(elaboration.migrations.map((one) => [one.source.id, one]))
  const isFew = free.length <= verifiedMax
  const planned = free.map((pending, index): Migration => {
    const { source, checksum, analysis } = pending
    const previous = free[index - 1]?.source.id ?? planning.database.ledger.ran.at(-1)
    const parents = source.header.after ?? (previous === undefined ? [] : [previous])
    const preparing = {
      source,
      checksum,
      analysis,
      ledgerSchema,
      parents,
      acceptUnproven: run.acceptUnproven,
      byBuild: proofs?.migrations.find(({ id }) => id === source.id),
    }
    const elaborated = tried.get(source.id)
    return {
      ...migrationOf(files)(source),
      prepare: async () =>
        elaborated === undefined
          ? prepareUntried(preparing)
          : prepareElaborated(preparing, elaborated, {
              isVerified: isFew || index === free.length - 1,
            }),
    }
  })
  const done = files.sources.filter(({ id }) => completed.has(id)).map(migrationOf(files))
  return [...done, ...planned]
}

/** In long runs only what may differ and the last one are compared: they build on one another. */
const verifiedMax = 20

function distinct(objections: readonly Objection[]): Objection[] {
  const seen = new Set<string>()
  return objections.filter((objection) => {
    const key = JSON.stringify(objection)
    return !seen.has(key) && seen.add(key)
  })
}
