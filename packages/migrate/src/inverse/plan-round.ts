import { placeOf, type Dependencies } from '../catalog/dependencies.ts'
import type { Fact, FactKind, Facts } from '../catalog/fact.ts'
import { alterSql } from './alter-sql.ts'
import { createSql, schemaOf, type Schema } from './create-sql.ts'
import { dropSql } from './drop-sql.ts'
import { swapTypeSql } from './enum-swap.ts'
import type { Matching, Pair } from './match-facts.ts'
import { listOf, parentOf, textOf } from './object-words.ts'

/** One statement of a plan, and the object that it makes, for what has to follow it. */
export type PlannedStatement = {
  readonly text: string
  /** Set where the statement makes a table or a column that had rows or values. */
  readonly makes?: Fact
}

type Planning = {
  readonly matching: Matching
  readonly reach: Reach
  readonly current: Schema
  readonly target: Schema
  /** Facts of the current state that go, by place. */
  readonly going: ReadonlyMap<string, Fact>
}

/**
 * Statements that bring one state nearer to another, when all names are right already: what is too
 * much goes, what is another way is altered, what is not there is made. What the made things still
 * lack is the business of the next round, which sees the catalog again.
 *
 * @returns drops, changes and creations, each in an order that should work
 */
export function planRound(
  matching: Matching,
  states: { readonly current: Facts; readonly target: Facts },
  dependencies: Dependencies,
): PlannedStatement[][] {
  const current = schemaOf(states.current)
  const target = schemaOf(states.target)
  const changes = matching.pairs.map((pair) => ({
    pair,
    alteration: alterSql(pair.current, pair.target, target),
  }))
  const rebuilt = changes.flatMap(({ pair, alteration }) =>
    alteration.kind === 'rebuild' ? [pair] : [],
  )
  const swapped = changes.flatMap(({ pair, alteration }) =>
    alteration.kind === 'swap-type' ? [pair] : [],
  )
  const altered = changes.flatMap(({ pair, alteration }) =>
    alteration.kind === 'statements' && alteration.statements.length > 0
      ? [{ pair, statements: alteration.statements }]
      : [],
  )
  const retyped = altered.flatMap(({ pair }) => (isRetyped(pair) ? [pair.current] : []))
  const reach = reachOf({ current, dependencies, rows: states.current.rows })
  const blocking = [
    ...retyped.flatMap((column) => reach(column).filter(blocksRetyping)),
    ...swapped.flatMap(({ current: type }) => blockersOfSwap(type, reach)),
  ]
  const roots = [...matching.extra, ...rebuilt.map((pair) => pair.current), ...blocking]
  const going = new Map(
    [...roots, ...rebuilt.flatMap((pair) => reach(pair.current)), ...blocking.flatMap(reach)].map(
      (fact) => [placeOf(fact.address), fact] as const,
    ),
  )
  const planning: Planning = { matching, reach, current, target, going }
  const pairOf = new Map(matching.pairs.map((pair) => [pair.current, pair]))
  const coming = [
    ...matching.missing,
    ...[...going.values()].flatMap((fact) => pairOf.get(fact)?.target ?? []),
  ]
  const alterations = altered
    .filter(({ pair }) => !going.has(placeOf(pair.current.address)))
    .toSorted((a, b) => rankOf(a.pair.target) - rankOf(b.pair.target))
  return [
    dropsOf(planning).map((text) => ({ text })),
    [
      ...swapped.flatMap((pair) => swapTypeSql(pair, states)),
      ...alterations.flatMap(({ statements }) => statements),
    ].map((text) => ({ text })),
    createsOf(coming, planning),
  ]
}

function isRetyped({ current, target }: Pair): boolean {
  return (
    current.kind === 'column' &&
    target.values['of'] === undefined &&
    (current.values['type'] !== target.values['type'] ||
      current.values['collation'] !== target.values['collation'])
  )
}

/** PostgreSQL takes indexes and constraints along when a column changes its type, but not these. */
function blocksRetyping({ kind, values }: Fact): boolean {
  const blocking: readonly FactKind[] = [
    'view',
    'materialized-view',
    'rule',
    'policy',
    'trigger',
    'function',
  ]
  return blocking.includes(kind) || (kind === 'column' && values['generated'] !== undefined)
}

/** The columns of the type are converted, so what stands in the way of that goes, too. */
function blockersOfSwap(type: Fact, reach: Reach): Fact[] {
  const reached = reach(type)
  const columns = reached.filter((fact) => fact.kind === 'column' && !blocksSwapping(fact))
  return [
    ...reached.filter(blocksSwapping),
    ...columns.flatMap((column) => reach(column).filter(blocksRetyping)),
  ]
}

/** Everything that mentions a label or the type, but for plain columns, which are converted. */
function blocksSwapping(fact: Fact): boolean {
  const mentions: readonly FactKind[] = [
    'index',
    'constraint',
    'domain',
    'composite',
    'domain-constraint',
  ]
  return blocksRetyping(fact) || mentions.includes(fact.kind)
}

type Reach = (fact: Fact) => readonly Fact[]

/** What cannot stay when an object goes, however far away. */
function reachOf({
  current,
  dependencies,
  rows,
}: Pick<Planning, 'current'> & {
  readonly dependencies: Dependencies
  readonly rows: readonly Fact[]
}): Reach {
  const byPlace = new Map(rows.map((fact) => [placeOf(fact.address), fact]))
  return (root) => {
    const seen = new Set([root])
    const queue = [root]
    for (let fact = queue.shift(); fact !== undefined; fact = queue.shift()) {
      // A view is used by way of its columns.
      const parts = fact.parent === undefined ? current.children(fact) : []
      const places = [fact, ...parts.filter(({ kind }) => kind === 'column')].map((part) =>
        placeOf(part.address),
      )
      const next = places
        .flatMap((place) => dependencies.dependentsOf(place))
        .map((place) => byPlace.get(place))
        .filter((dependent) => dependent !== undefined && !seen.has(dependent))
      for (const dependent of next as Fact[]) {
        seen.add(dependent)
        // What hangs on a plain column that is converted hangs on it still.
        if (root.kind !== 'enum' || dependent.kind !== 'column') queue.push(dependent)
      }
    }
    seen.delete(root)
    return [...seen]
  }
}

/** Dependents first: whatever depends on one object reaches less far than that object does. */
function dropsOf(planning: Planning): string[] {
  const facts = [...planning.going.values()].filter((fact) => !goesByItself(fact, planning))
  const distance = new Map(facts.map((fact) => [fact, planning.reach(fact).length]))
  const far = (fact: Fact) => distance.get(fact) ?? 0
  return facts.toSorted((a, b) => far(a) - far(b) || rankOf(b) - rankOf(a)).flatMap(dropSql)
}

type Goes = (key: string) => boolean

/** What falls with its table, its column or its constraint needs no statement. */
function goesByItself(fact: Fact, { going, current }: Planning): boolean {
  const goes: Goes = (key) => {
    const other = current.byKey.get(key)
    return other !== undefined && going.has(placeOf(other.address))
  }
  if (fact.parent !== undefined && relationKeys(parentOf(fact)).some(goes))
    return !closesCircle(fact, current)
  return followers[fact.kind]?.(fact, goes) ?? false
}

/** Of tables that refer to each other, none can go before its foreign key. */
function closesCircle(key: Fact, { byKey }: Schema): boolean {
  const references = [...byKey.values()].filter(
    ({ kind, values }) => kind === 'constraint' && values['type'] === 'foreign key',
  )
  const own = parentOf(key)
  if (!references.includes(key) || key.details['references'] === own) return false
  const seen = new Set<string>()
  const queue = [textOf(key.details['references'])]
  for (let table = queue.shift(); table !== undefined; table = queue.shift()) {
    if (table === own) return true
    if (seen.has(table)) continue
    seen.add(table)
    const from = references.filter((fact) => parentOf(fact) === table)
    queue.push(...from.map(({ details }) => textOf(details['references'])))
  }
  return false
}

const isHandedDown = ({ values }: Fact) => values['inherited'] === true

const followers: Readonly<Partial<Record<FactKind, (fact: Fact, goes: Goes) => boolean>>> = {
  column: ({ values }) => values['of'] !== undefined || values['inherited'] === true,
  constraint: isHandedDown,
  trigger: isHandedDown,
  index: ({ values }, goes) =>
    values['constraint'] !== undefined || goes(`index ${textOf(values['partOf'])}`),
  sequence({ values }, goes) {
    const column = textOf(values['ownedBy'])
    if (values['identity'] === true || goes(`column ${column}`)) return true
    return relationKeys(tableOfColumn(column)).some(goes)
  },
}

function tableOfColumn(column: string): string {
  return column.replace(/\.(?:"(?:[^"]|"")*"|[^".]*)$/, '')
}

function relationKeys(name: string): string[] {
  return ['table', 'view', 'materialized-view', 'domain'].map((kind) => `${kind} ${name}`)
}

/** Makers of names and types first, what hangs on tables last. */
const ranks: Readonly<Partial<Record<FactKind, number>>> = {
  schema: 0,
  extension: 1,
  language: 2,
  'foreign-data-wrapper': 2,
  'foreign-server': 3,
  collation: 3,
  'base-type': 3,
  enum: 4,
  composite: 5,
  domain: 6,
  'domain-constraint': 7,
  range: 8,
  sequence: 9,
  table: 11,
  column: 12,
  function: 13,
  operator: 14,
  'operator-family': 15,
  'operator-class': 16,
  cast: 16,
  constraint: 20,
  index: 18,
  statistics: 23,
  view: 24,
  'materialized-view': 25,
  rule: 27,
  trigger: 28,
  policy: 29,
  publication: 30,
  'event-trigger': 31,
  'default-privileges': 32,
}

export function rankOf(fact: Fact): number {
  const rank = ranks[fact.kind] ?? 17
  const isPart = fact.values['partOf'] !== undefined
  if (fact.kind === 'constraint') {
    // Foreign keys need the key that they refer to, and partitions come before their parent.
    if (fact.values['type'] === 'foreign key') return 22
    return fact.values['type'] === 'check' ? 17 : isPart ? 18 : 20
  }
  if (fact.kind === 'index') return isPart ? 18 : 19
  // A partition or child needs its parent.
  if (fact.kind === 'table') return listOf(fact.values['parents']).length > 0 ? 11.5 : rank
  return rank
}

function createsOf(coming: readonly Fact[], planning: Planning): PlannedStatement[] {
  const keys = new Set(coming.map(({ key }) => key))
  return coming
    .filter((fact) => !comesByItself(fact, keys))
    .toSorted((a, b) => rankOf(a) - rankOf(b) || positionOf(a) - positionOf(b))
    .flatMap((fact) => {
      const made = createSql(fact, planning.target)
      const keepsData = fact.kind === 'table' || fact.kind === 'column'
      return made.map((text, place) => ({ text, ...(place === 0 && keepsData && { makes: fact }) }))
    })
}

function positionOf({ details }: Fact): number {
  return Number(details['position'] ?? 0)
}

function comesByItself(fact: Fact, coming: ReadonlySet<string>): boolean {
  const { kind, values } = fact
  if (kind === 'column')
    return (
      values['of'] !== undefined ||
      values['inherited'] === true ||
      coming.has(`table ${parentOf(fact)}`)
    )
  if (kind === 'sequence') return values['identity'] === true
  if (kind === 'trigger') return values['inherited'] === true
  return false
}
