import type { ElaboratedMigration, ShadowKind, ShadowStart } from '../plan/elaboration.ts'
import type { MigrationAnalysis } from '../analyse/analysis.ts'
import type { Fact } from '../catalog/fact.ts'
import { nameOf } from '../catalog/fact.ts'
import type { Objection } from '../objection.ts'
import type { Preflight } from '../preflight/preflight.ts'
import type { RewrittenStatement } from '../rewrite/rewrite.ts'
import type { DataLoss } from '../shadow/losses.ts'
import type { Lock } from '../shadow/relations.ts'
import type { MigrationType } from '../text/source.ts'

/** Everything that is known before the first statement; only data, so that it can be sent as JSON. */
export type MigrationPlan = {
  readonly kind:
    | 'nothing-to-do'
    /** Would run as it stands. */
    | 'ready'
    /** Nothing would run; see `objections`. */
    | 'refused'
  /** Ids of what has run. */
  readonly completed: readonly string[]
  /** In the order in which they will run. */
  readonly migrations: readonly PlannedMigration[]
  /** Ids of contract migrations, and of what comes after them, that wait for the operator's word. */
  readonly held: readonly string[]
  readonly shadow: ShadowKind
  readonly start: ShadowStart | undefined
  readonly objections: readonly Objection[]
  readonly warnings: readonly Objection[]
  /** Another order that would work; becomes law by `applyOrder` only. */
  readonly proposal: PlannedOrder | undefined
  /** What the live database said; undefined where it was not asked. */
  readonly live: PlannedLive | undefined
}

export type PlannedLive = Pick<Preflight, 'drift' | 'tables' | 'blockers' | 'backupNeeded'>

export type PlannedOrder = {
  readonly order: readonly string[]
  /** The `after:` lists that make it the declared one, by id. */
  readonly after: Readonly<Record<string, readonly string[]>>
}

export type PlannedMigration = {
  readonly id: string
  readonly file: string
  readonly type: MigrationType
  readonly why: string
  readonly destructive: boolean
  readonly phase: 'expand' | 'contract' | undefined
  readonly checksum: string
  readonly statements: readonly PlannedStatement[]
  /** Objects as the catalog calls them, with their kind: `table public.users`. */
  readonly makes: readonly string[]
  readonly alters: readonly string[]
  readonly drops: readonly string[]
  /** Data that goes, or may go, when it runs. */
  readonly losses: readonly DataLoss[]
  readonly inverse: PlannedInverse
  /** What the catalog's fingerprint will be; undefined where it could not be tried. */
  readonly fingerprint: string | undefined
  /** By whom each part was shown to be right. */
  readonly proof: PlannedProof
  /** What runs in the place of statements that would stop an application. */
  readonly rewritten: readonly RewrittenStatement[]
}

export type PlannedProof = {
  readonly order: 'shadow' | 'text'
  readonly effects: 'shadow' | 'none'
  readonly inverse: 'shadow' | 'none'
}

export type PlannedInverse = {
  /** `exact`; `lossy`: rows only from pre-images; `none`: and why. */
  readonly kind: 'exact' | 'lossy' | 'none'
  readonly origin: 'hand' | 'generated' | undefined
  readonly statements: readonly string[]
  readonly because: string | undefined
}

export type PlannedStatement = {
  readonly no: number
  readonly line: number
  readonly column: number
  /** Its first line, shortened. */
  readonly text: string
  readonly txClass: string
  readonly locks: readonly Lock[]
  readonly rewrites: readonly string[]
  readonly rebuilds: readonly string[]
  readonly scans: readonly string[]
  readonly losses: readonly DataLoss[]
  readonly isNoOp: boolean
}

/** What the shadow showed about a migration, as part of a plan. */
export function plannedMigration({
  source,
  checksum,
  analysis,
  observations,
  fingerprints,
  inverse,
}: ElaboratedMigration): PlannedMigration {
  const facts = (pick: (changes: Elaborated) => readonly Fact[]) =>
    distinct(observations.flatMap(({ changes }) => pick(changes).map(titleOf)))
  const makes = facts(({ added }) => added)
  const drops = facts(({ removed }) => removed)
  return {
    ...headOf(source),
    checksum,
    statements: analysis.statements.map((statement, index) => ({
      ...statementHead(statement),
      ...effectsOf(observations[index]),
    })),
    makes: makes.filter((name) => !drops.includes(name)),
    alters: facts(({ changed }) => changed.map(({ after }) => after)).filter(
      (name) => !makes.includes(name) && !drops.includes(name),
    ),
    drops: drops.filter((name) => !makes.includes(name)),
    losses: inverse.kind === 'none' ? [] : inverse.losses.map(({ loss }) => loss),
    inverse: plannedInverse(inverse),
    fingerprint: fingerprints.at(-1),
    proof: {
      order: 'shadow',
      effects: 'shadow',
      inverse: inverse.kind === 'none' ? 'none' : 'shadow',
    },
    rewritten: [],
  }
}

const noEffects = { locks: [], rewrites: [], rebuilds: [], scans: [], losses: [], isNoOp: false }

function effectsOf(seen: ElaboratedMigration['observations'][number] | undefined) {
  if (seen === undefined) return noEffects
  const { locks, rewrites, rebuilds, scans, losses, isNoOp } = seen
  const written = rewrites.map(({ relation }) => relation)
  return { locks, rewrites: written, rebuilds, scans, losses, isNoOp }
}

type Elaborated = ElaboratedMigration['observations'][number]['changes']

/** A migration of which only the text is known. */
export function untriedMigration({
  source,
  checksum,
  analysis,
}: Pick<ElaboratedMigration, 'source' | 'checksum' | 'analysis'>): PlannedMigration {
  const named = (keys: ReadonlySet<string>) =>
    [...keys].filter((key) => /^(?:t|c|ty|f|tg|pol|s):/.test(key) && !key.includes('#'))
  return {
    ...headOf(source),
    checksum,
    statements: analysis.statements.map((statement) => ({
      ...statementHead(statement),
      ...noEffects,
    })),
    makes: named(analysis.creates),
    alters: [],
    drops: named(analysis.drops),
    losses: [],
    inverse: { kind: 'none', origin: undefined, statements: [], because: 'it was not tried' },
    fingerprint: undefined,
    proof: { order: 'text', effects: 'none', inverse: 'none' },
    rewritten: [],
  }
}

function headOf({ id, file, header }: ElaboratedMigration['source']) {
  const { type, why, destructive, phase } = header
  return { id, file, type, why, destructive, phase }
}

function statementHead({
  no,
  line,
  column,
  text,
  txClass,
}: MigrationAnalysis['statements'][number]) {
  const [first = ''] = text.split('\n')
  const short = first.length > 100 ? `${first.slice(0, 99)}…` : first
  return { no, line, column, text: short, txClass }
}

function plannedInverse(inverse: ElaboratedMigration['inverse']): PlannedInverse {
  if (inverse.kind === 'none')
    return { kind: 'none', origin: undefined, statements: [], because: inverse.because }
  const { kind, origin, steps, handRefused } = inverse
  const statements = steps.flatMap((step) => (step.kind === 'sql' ? [step.text] : []))
  return { kind, origin, statements, because: handRefused }
}

const titleOf = (fact: Fact) => `${fact.kind} ${nameOf(fact)}`

function distinct(names: readonly string[]): string[] {
  return [...new Set(names)].toSorted()
}
