import { catalogAfter } from '../analyse/analyse.ts'
import { compareFacts } from '../catalog/compare-facts.ts'
import { nameOf } from '../catalog/fact.ts'
import { diffFacts, fingerprintOf } from '../catalog/fingerprint.ts'
import type { Query } from '../catalog/query.ts'
import { contradictions } from '../execute/contradictions.ts'
import type { Migration } from '../execute/migration.ts'
import { objectTo, type Objection } from '../objection.ts'
import { elaborate, pathOf, type Judged, type PendingMigration } from '../plan/elaborate.ts'
import { extensionsIn } from '../plan/open-shadow.ts'
import type { ElaboratedMigration, Elaboration, ShadowStart } from '../plan/elaboration.ts'
import { preflight, type Preflight } from '../preflight/preflight.ts'
import type { SafeRewrite } from '../rewrite/rewrite.ts'
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
import { holdContracts, judgeElaboration, judgePreflight, objectToHeld } from './policy.ts'
import { prepareElaborated, prepareUntried } from './prepare-migration.ts'
import type { DatabaseState } from './read-database.ts'
import { type Proofs, readProofs } from './proofs.ts'
import type { ReadFiles } from './read-files.ts'
import { objectToLateFiles } from './late-files.ts'
import { objectToLedgerTouches } from './own-ledger.ts'
import { objectToTransactions } from './own-transactions.ts'

/** What one run is allowed. */
export type PlanOptions = {
  /** Contract migrations may run: no old version of the application is left. */
  readonly contract?: boolean | undefined
  /** What runs has just been taken back: nobody uses what it takes away. */
  readonly again?: boolean | undefined
  /** Why it may run although something is not proven; stored with each migration. */
  readonly acceptUnproven?: string | undefined
  /** Runs what would stop an application in steps that do not, as the header `online: yes` does. */
  readonly online?: boolean | undefined
  /** Id of the last migration to run; default: all. */
  readonly to?: string | undefined
}

/** A plan and what is needed to carry it out. */
export type MadePlan = {
  readonly plan: MigrationPlan
  /** In the declared order, also those that have run; without those that wait. */
  readonly migrations: readonly Migration[]
  readonly elaboration: Elaboration | undefined
  readonly preflight: Preflight | undefined
  /** What would run, as far as its text tells. */
  readonly pending: readonly PendingMigration[]
  /** Under the lock: whether the database still is what the plan was made for. */
  readonly review: (query: Query) => Promise<readonly Objection[]>
}

export type Planning = {
  /** The live database; undefined where there is none, as for the proofs of a build. */
  readonly query?: Query | undefined
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
  ({ id, header: { replaces } }: MigrationSource): Migration => {
    const checksum = checksums.get(id)
    const former = formerChecksums.get(id)
    return {
      name: id,
      ...(checksum === undefined ? {} : { checksum }),
      ...(former === undefined ? {} : { formerChecksums: former }),
      replaces,
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
      live: undefined,
    },
    migrations: files.sources.map(migrationOf(files)),
    elaboration: undefined,
    preflight: undefined,
    pending: [],
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
    live: unfinishedOf(planning) === undefined ? database.live : undefined,
    images:
      options.imageDirectory === undefined ? undefined : { directory: options.imageDirectory },
    connection: options.connection,
    shadowServer: options.shadowServer,
    ledgerSchema: options.ledgerSchema,
    onProgress: (step) => options.onEvent?.({ type: 'planning', ...step }),
  })
  // Where nothing could be tried, nobody has judged yet.
  if (found === undefined) judge({ kind: 'declared' })
  if (found === undefined) throw new Error('the order was not judged')
  return { ...found, elaboration }
}

/** What has run, in the order in which it did; what has no file left cannot be replayed. */
export function ranSources({ files, database }: Planning) {
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
  const { free, held } = holdContracts(upTo(ordered, run.to), {
    policy: options.policy ?? 'production',
    // Where nothing has run, there is no version that could use anything.
    contract: run.contract === true || run.again === true || completed.size === 0,
  })
  const pending = free.flatMap((source): PendingMigration[] => {
    const analysis = analyses.get(source.id)
    const checksum = files.checksums.get(source.id)
    return analysis === undefined || checksum === undefined ? [] : [{ source, analysis, checksum }]
  })
  return { free: pending, held }
}

function upTo(sources: readonly MigrationSource[], id: string | undefined) {
  const last = id === undefined ? -1 : sources.findIndex((source) => source.id === id)
  return last === -1 ? sources : sources.slice(0, last + 1)
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
  const { verdict, elaboration, completed, free, held } = conclusion
  const proofs =
    elaboration.shadow.kind === 'none' ? await readProofs(planning.options.directory) : undefined
  const judged = judgeElaboration(elaboration, {
    ...policyOf(planning),
    acceptUnproven: planning.run.acceptUnproven,
    isProvenByBuild: proofs !== undefined,
    isAgain: planning.run.again,
  })
  const rewrites = await rewritesFor(planning, elaboration)
  const looking = { ...conclusion, rewrites }
  const looked = await lookAtLive(planning, looking)
  const objections = distinct([
    ...conclusion.stopped,
    ...objectionsOf(verdict, completed),
    ...objectToLedgerTouches(free, planning.options.ledgerSchema),
    ...objectToTransactions(free),
    ...elaboration.objections,
    ...judged.refusals,
    ...looked.refusals,
    ...(await claimObjections(planning, elaboration)),
    ...(await objectToLateFiles(planning, { verdict, elaboration })),
  ])
  const warnings = distinct([
    ...verdict.warnings.filter(({ migration }) => !completed.has(migration)),
    ...judged.warnings,
    ...looked.warnings,
    ...objectToHeld(held),
  ])
  const plan: MigrationPlan = {
    kind: objections.length > 0 ? 'refused' : free.length > 0 ? 'ready' : 'nothing-to-do',
    completed: [...completed],
    migrations: plannedMigrations(conclusion, rewrites),
    held: held.map(({ id }) => id),
    shadow: elaboration.shadow,
    start: elaboration.start,
    objections,
    warnings,
    proposal: proposalOf(verdict),
    live: liveOf(looked.preflight),
  }
  const migrations = executable(planning, { ...conclusion, proofs, rewrites })
  const review = (query: Query) => reviewLive(planning, query, looking)
  return { plan, migrations, elaboration, preflight: looked.preflight, pending: free, review }
}

const policyOf = ({ options }: Planning) => ({ policy: options.policy ?? ('production' as const) })

function plannedMigrations(
  { elaboration, free }: Conclusion,
  rewrites: Rewrites,
): MigrationPlan['migrations'] {
  if (elaboration.shadow.kind === 'none') return free.map(untriedMigration)
  return elaboration.migrations.map((one) => ({
    ...plannedMigration(one),
    rewritten: rewrites.get(one.source.id)?.rewritten ?? [],
  }))
}

function proposalOf({ proposal }: OrderVerdict): MigrationPlan['proposal'] {
  if (proposal === undefined) return undefined
  return { order: proposal.order, after: Object.fromEntries(proposal.after) }
}

function liveOf(preflight: Preflight | undefined): MigrationPlan['live'] {
  if (preflight === undefined) return undefined
  const { drift, tables, blockers, backupNeeded } = preflight
  return { drift, tables, blockers, backupNeeded }
}

type Rewrites = ReadonlyMap<string, SafeRewrite>

/** Only where the file or the run asks for it. */
async function rewritesFor(
  { run, database, options }: Planning,
  { migrations }: Elaboration,
): Promise<Rewrites> {
  const isWanted = ({ source }: ElaboratedMigration) => run.online === true || source.header.online
  if (!migrations.some(isWanted)) return new Map()
  const { rewriteSafely } = await import('../rewrite/rewrite.ts')
  const all = await rewriteSafely(migrations, {
    major: database.target.major,
    keepsRows: options.backupDirectory !== undefined,
  })
  const wanted = new Set(migrations.filter(isWanted).map(({ source }) => source.id))
  return new Map([...all].filter(([id, { rewritten }]) => wanted.has(id) && rewritten.length > 0))
}

/** How far a migration came that an earlier run began; undefined: none is in the middle. */
function unfinishedOf({ database }: Planning) {
  const row = database.ledger.rows.find(
    ({ status, journal }) =>
      status !== 'completed' &&
      status !== 'pending' &&
      journal.some(({ state }) => state !== 'failed'),
  )
  if (row === undefined || row.status === 'rolled_back') return undefined
  const done = new Set(row.journal.filter(({ state }) => state === 'done').map(({ no }) => no))
  let count = 0
  while (done.has(count + 1)) count += 1
  return { migration: row.name, done: count }
}

/** Of a migration that runs in other steps: how many statements of the file are done with. */
function inFile(unfinished: ReturnType<typeof unfinishedOf>, rewrites: Rewrites) {
  const origins = rewrites.get(unfinished?.migration ?? '')?.origins
  if (unfinished === undefined || origins === undefined) return unfinished
  const next = origins[unfinished.done]
  return { ...unfinished, done: next === undefined ? (origins.at(-1) ?? 0) : next - 1 }
}

type Looking = Pick<Conclusion, 'elaboration' | 'verdict' | 'completed'> & {
  readonly rewrites: Rewrites
}

type Looked = {
  readonly refusals: readonly Objection[]
  readonly warnings: readonly Objection[]
  readonly preflight: Preflight | undefined
}

/** Asks the live database, and says what the environment makes of the answers. */
async function lookAtLive(
  planning: Planning,
  conclusion: Looking,
  query = planning.query,
): Promise<Looked> {
  if (query === undefined) return { refusals: [], warnings: [], preflight: undefined }
  const { options, database } = planning
  const { elaboration, verdict, completed, rewrites } = conclusion
  const unfinished = inFile(unfinishedOf(planning), rewrites)
  const found = await preflight({
    query,
    elaboration,
    ledgerSchema: options.ledgerSchema,
    role: options.role,
    searchPath: database.target.searchPath,
    completed: verdict.analyses.filter(({ id }) => completed.has(id)),
    // Where nothing could be tried, at least the names are looked up.
    untried:
      elaboration.shadow.kind === 'none'
        ? verdict.analyses.filter(({ id }) => !completed.has(id))
        : undefined,
    unfinished,
    ignore: options.ignore,
  })
  const objections = found.objections.filter((one) => !isInFlight(one, { elaboration, unfinished }))
  const judged = judgePreflight(
    { objections, warnings: found.warnings, backupNeeded: found.backupNeeded },
    {
      ...policyOf(planning),
      acceptUnproven: planning.run.acceptUnproven,
      keepsData: options.backupDirectory !== undefined,
    },
  )
  return { ...judged, preflight: found }
}

type Flight = {
  readonly elaboration: Elaboration
  readonly unfinished: ReturnType<typeof unfinishedOf>
}

/** What a statement changes that was interrupted may be there or not: recovery decides about it. */
function isInFlight({ code, object }: Objection, { elaboration, unfinished }: Flight): boolean {
  if (code !== 'drift' || unfinished === undefined) return false
  const half = elaboration.migrations.find(({ source }) => source.id === unfinished.migration)
  const changes = half?.observations[unfinished.done]?.changes
  if (changes === undefined) return false
  const facts = [...changes.added, ...changes.removed, ...changes.changed.map(({ after }) => after)]
  return facts.some((fact) => nameOf(fact) === object)
}

/** Whoever changes the schema or the rows between the plan and the lock makes the plan void. */
async function reviewLive(
  planning: Planning,
  query: Query,
  conclusion: Looking,
): Promise<readonly Objection[]> {
  const { live } = planning.database
  if (live === undefined) return []
  const { refusals, preflight: found } = await lookAtLive(planning, conclusion, query)
  const now = found?.live ?? live
  if (fingerprintOf(now).structure === fingerprintOf(live).structure) return refusals
  const { added, removed, changed } = diffFacts(live, now)
  const keys = [...added, ...removed, ...changed.map(({ after }) => after)].map(({ key }) => key)
  const detail = keys.slice(0, 5).join(', ')
  return [objectTo(engineReasons.changedMeanwhile, { migration: '' }, { detail }), ...refusals]
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

type Executing = Conclusion & {
  readonly proofs: Proofs | undefined
  readonly rewrites: Rewrites
}

function executable(
  planning: Planning,
  { elaboration, completed, free, proofs, rewrites }: Executing,
): Migration[] {
  const { files, options, run } = planning
  const tried = new Map(elaboration.migrations.map((one) => [one.source.id, one]))
  const isFew = free.length <= verifiedMax
  const planned = free.map((pending, index): Migration => {
    const { source } = pending
    const previous = free[index - 1]?.source.id ?? planning.database.ledger.ran.at(-1)
    const parents = source.header.after ?? (previous === undefined ? [] : [previous])
    const preparing = {
      ...pending,
      options,
      parents,
      acceptUnproven: run.acceptUnproven,
      byBuild: proofs?.migrations.find(({ id }) => id === source.id),
      rewrite: rewrites.get(source.id),
    }
    const elaborated = tried.get(source.id)
    const isVerified = isFew || index === free.length - 1
    return {
      ...migrationOf(files)(source),
      prepare: async () =>
        elaborated === undefined
          ? prepareUntried(preparing)
          : prepareElaborated(preparing, elaborated, { isVerified }),
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
