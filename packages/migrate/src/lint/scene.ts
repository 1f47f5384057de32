import type { AnalysedStatement, MigrationAnalysis } from '../analyse/analysis.ts'
import { nameOfKey, partsOfName } from '../analyse/keys.ts'
import { keyOf, type Fact, type Facts } from '../catalog/fact.ts'
import type { LockMode } from '../shadow/lock-modes.ts'
import { lockModes } from '../shadow/lock-modes.ts'
import type { Observation } from '../shadow/replay.ts'
import type { Node, Parser } from '../text/parser.ts'
import type { MigrationSource } from '../text/source.ts'
import type { TableLock } from './finding.ts'
import { guessEffects } from './guess.ts'
import { rangeName, targetOf } from './tree.ts'

/** A migration as far as rules look at it; an `ElaboratedMigration` is one. */
export type LintedMigration = {
  readonly source: MigrationSource
  readonly analysis: MigrationAnalysis
  /** One for each statement; absent where there was no shadow. */
  readonly observations?: readonly Observation[]
  readonly before?: Facts
  readonly after?: Facts
}

/** A lock that an earlier statement of the same transaction still holds. */
export type Held = TableLock & { readonly statementNo: number }

/** One statement with all that is known about it, as every rule sees it. */
export type Scene = {
  readonly migration: LintedMigration
  readonly statement: AnalysedStatement
  readonly node: Node
  /** Undefined where there was no shadow. */
  readonly observation: Observation | undefined
  /** Number of the transaction in its file. */
  readonly transaction: number
  /** On tables that were there before all pending migrations, strongest mode of this statement. */
  readonly locks: readonly TableLock[]
  /** The same of earlier statements of the transaction, from SHARE upwards. */
  readonly held: readonly Held[]
  readonly rewrites: Observation['rewrites']
  readonly scans: readonly string[]
  /** What there was before the statement, by key; undefined without a shadow. */
  readonly facts: ReadonlyMap<string, Fact> | undefined
  /** Whether the object was there before all pending migrations, under whatever name. */
  existed(fact: Pick<Fact, 'key'>): boolean
  existedTable(name: string): boolean
  /** Qualified name of the table that the statement is about; `''` where it is about none. */
  readonly table: string
}

/** Whether a lock stops writers. */
export function stopsWrites(mode: LockMode): boolean {
  return lockModes.indexOf(mode) >= lockModes.indexOf('share')
}

/** What the pending migrations have made, changed and renamed up to a statement. */
type World = {
  /** Keys of facts that were there before the first pending migration, as they are named now. */
  readonly existing: Set<string>
  /** Without a shadow: tables that the pending migrations have made. */
  readonly made: Set<string>
  facts: Map<string, Fact> | undefined
}

/** Whether a statement runs in transactions of its own, because other statements run instead. */
export type StandsAlone = (migration: LintedMigration, statement: AnalysedStatement) => boolean

/**
 * The statements of all migrations in order, each with what was there when it ran. A scene tells the
 * truth until the next one is drawn.
 */
export function* scenesOf(
  migrations: readonly LintedMigration[],
  parser: Parser,
  standsAlone: StandsAlone = () => false,
): Generator<Scene, void, undefined> {
  const first = migrations[0]?.before
  const world: World = {
    existing: new Set(first?.rows.map(({ key }) => key)),
    made: new Set(),
    facts: undefined,
  }
  for (const migration of migrations) {
    const { before, analysis } = migration
    world.facts = before === undefined ? undefined : new Map(before.rows.map((f) => [f.key, f]))
    const transactions = transactionsOf(analysis.statements, (statement) =>
      standsAlone(migration, statement),
    )
    const held = new Map<number, Held[]>()
    for (const [index, statement] of analysis.statements.entries()) {
      const transaction = transactions[index] ?? 0
      const scene = sceneOf({ migration, statement, index, transaction, world, parser, held })
      if (scene !== undefined) yield scene
      advance(world, statement, migration.observations?.[index])
    }
  }
}

type Moment = {
  readonly migration: LintedMigration
  readonly statement: AnalysedStatement
  readonly index: number
  readonly transaction: number
  readonly world: World
  readonly parser: Parser
  readonly held: Map<number, Held[]>
}

function sceneOf(moment: Moment): Scene | undefined {
  const { migration, statement, index, transaction, world, parser } = moment
  const parsed = parser.parse(statement.text)
  const node = parsed.kind === 'parsed' ? parsed.statements[0]?.stmt : undefined
  if (node === undefined) return undefined
  const measured = world.facts !== undefined
  const existedTable = (name: string) =>
    measured
      ? tableKinds.some((kind) => world.existing.has(`${kind} ${name}`))
      : name !== '' && !world.made.has(name)
  const observation = measured ? migration.observations?.[index] : undefined
  const effects = observation ?? guessEffects(node, tableByHint(statement, node))
  const locks = locksOf(statement, observation).filter(({ relation }) => existedTable(relation))
  const held = moment.held.get(transaction) ?? []
  moment.held.set(transaction, [
    ...held,
    ...locks
      .filter(({ mode }) => stopsWrites(mode))
      .map((lock) => ({ ...lock, statementNo: statement.no })),
  ])
  return {
    migration,
    statement,
    node,
    observation,
    transaction,
    locks,
    held,
    rewrites: effects.rewrites.filter(({ relation }) => existedTable(relation)),
    scans: effects.scans.filter(existedTable),
    facts: world.facts,
    existed: ({ key }) => world.existing.has(key),
    existedTable,
    table: tableNameOf({ statement, node, locks, facts: world.facts }),
  }
}

const tableKinds = ['table', 'materialized-view', 'view'] as const
const relationLocks: ReadonlySet<string> = new Set(['table', 'materialized view', 'view'])

function locksOf(
  statement: AnalysedStatement,
  observation: Observation | undefined,
): readonly TableLock[] {
  if (observation !== undefined)
    return observation.locks
      .filter(({ kind }) => relationLocks.has(kind))
      .map(({ relation, mode }) => ({ relation, mode }))
  return statement.locks.flatMap(({ relation, mode }) => {
    const known = lockModes.find((one) => one === mode.toLowerCase())
    return known === undefined ? [] : [{ relation: nameOfKey(relation), mode: known }]
  })
}

function tableByHint({ locks: [lock] }: AnalysedStatement, node: Node): string {
  if (lock !== undefined) return nameOfKey(lock.relation)
  const target = targetOf(node)
  return target === undefined ? '' : rangeName(target)
}

type Named = {
  readonly statement: AnalysedStatement
  readonly node: Node
  readonly locks: readonly TableLock[]
  readonly facts: ReadonlyMap<string, Fact> | undefined
}

/** The analyser has resolved the name; the shadow's locks know it better where there are some. */
function tableNameOf({ statement, node, locks, facts }: Named): string {
  const target = targetOf(node)
  if (target === undefined) return locks[0]?.relation ?? ''
  const written = rangeName(target)
  const candidates = [
    ...locks.map(({ relation }) => relation),
    ...statement.locks.map(({ relation }) => nameOfKey(relation)),
  ]
  // The analyser quotes less than the catalog does, so names are compared in their parts.
  const found = candidates.find((name) => {
    const [relation, schema] = partsOfName(name).toReversed()
    return relation === target.relname && [undefined, '', schema].includes(target.schemaname)
  })
  if (found !== undefined || facts === undefined) return found ?? written
  const inPublic = keyOf({ kind: 'table', schema: 'public', name: target.relname ?? '' })
  return facts.has(inPublic) && !written.includes('.') ? `public.${written}` : written
}

/** As the executor groups them: neighbours of class `tx` share a transaction. */
function transactionsOf(
  statements: readonly AnalysedStatement[],
  standsAlone: (statement: AnalysedStatement) => boolean,
): number[] {
  let current = 1
  let segment = 1
  return statements.map((statement) => {
    const isSingle =
      statement.txClass === 'alone' || statement.txClass === 'opaque' || standsAlone(statement)
    if (isSingle || statement.segment !== segment) current += 1
    segment = statement.segment
    const own = current
    if (isSingle || statement.boundary?.usedBy !== undefined) current += 1
    return own
  })
}

function advance(
  world: World,
  statement: AnalysedStatement,
  observation: Observation | undefined,
): void {
  const isOld = [...statement.renames].some(
    (key) => key.startsWith('t:') && !world.made.has(nameOfKey(key)),
  )
  for (const key of statement.creates)
    if (key.startsWith('t:') && !isOld) world.made.add(nameOfKey(key))
  const { facts, existing } = world
  if (observation !== undefined && facts !== undefined) change({ facts, existing }, observation)
}

function change(
  { facts, existing }: Pick<World, 'existing'> & { readonly facts: Map<string, Fact> },
  { changes: { added, removed, changed } }: Observation,
): void {
  const places = new Map(added.map((fact) => [placeOf(fact), fact.key]))
  for (const fact of removed) {
    facts.delete(fact.key)
    const now = places.get(placeOf(fact))
    if (existing.delete(fact.key) && now !== undefined) existing.add(now)
  }
  for (const fact of added) facts.set(fact.key, fact)
  for (const { after } of changed) facts.set(after.key, after)
}

/** The same object keeps its OID when it is renamed or moved. */
export function placeOf({ kind, address }: Pick<Fact, 'kind' | 'address'>): string {
  return `${kind} ${address.catalog} ${address.oid} ${address.column}`
}
