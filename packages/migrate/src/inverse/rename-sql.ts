import { nameOf, type Fact, type FactKind } from '../catalog/fact.ts'
import { quoteName } from '../catalog/identifier.ts'
import { ownName, type Matching, type Pair } from './match-facts.ts'
import { parentOf, textOf, wordOf } from './object-words.ts'

/** Deeper ones are named by way of the ones above, so they wait until those have their names. */
const levels: readonly (readonly FactKind[])[] = [
  ['schema'],
  [
    'table',
    'view',
    'materialized-view',
    'sequence',
    'index',
    'function',
    'enum',
    'domain',
    'composite',
    'range',
    'base-type',
    'statistics',
    'collation',
    'conversion',
    'operator',
    'operator-class',
    'operator-family',
    'text-search-configuration',
    'text-search-dictionary',
    'text-search-parser',
    'text-search-template',
    'publication',
    'event-trigger',
    'foreign-data-wrapper',
    'foreign-server',
    'language',
  ],
  ['column', 'constraint', 'domain-constraint', 'trigger', 'rule', 'policy'],
]

/**
 * Gives the objects of the highest level that have another name the name of the target. The
 * statements change what deeper ones are called, so the catalog is read again before those.
 */
export function renameSql({ pairs, extra }: Matching): string[] {
  const moved = pairs.filter(isMoved)
  const level = levels.find((kinds) => moved.some(({ current }) => kinds.includes(current.kind)))
  if (level === undefined) return []
  const inLevel = moved.filter(({ current }) => level.includes(current.kind))
  const occupied = new Set([...extra, ...pairs.map(({ current }) => current)].map(placeName))
  return inLevel.flatMap(({ current, target }) => {
    const isTaken = occupied.has(placeName(target)) && placeName(current) !== placeName(target)
    // Whoever is in the way goes aside or away first; this one has its turn in the next round.
    if (!isTaken) return moveSql(current, target)
    const inTheWay = [...extra, ...inLevel.map((pair) => pair.current)].find(
      (fact) => placeName(fact) === placeName(target),
    )
    return inTheWay === undefined ? [] : renameTo(inTheWay, asideName(inTheWay))
  })
}

export function isMoved({ current, target }: Pair): boolean {
  return (
    current.schema !== target.schema ||
    (ownName(current) !== ownName(target) && !followsAnother(current))
  )
}

/** The index of a constraint is named by it, and clones are named by the server. */
function followsAnother({ kind, values }: Fact): boolean {
  if (kind === 'index') return values['constraint'] !== undefined
  if (kind === 'column' || kind === 'trigger')
    return values['of'] === 'view' || values['inherited'] === true
  return kind === 'cast' || kind === 'default-privileges' || kind === 'security-label'
}

const relations = new Set<FactKind>(['table', 'view', 'materialized-view', 'sequence', 'index'])
const types = new Set<FactKind>(['enum', 'domain', 'composite', 'range', 'base-type'])

/** Where no two objects can stand under one name. */
function placeName(fact: Fact): string {
  const space = relations.has(fact.kind) ? 'relation' : types.has(fact.kind) ? 'type' : fact.kind
  return `${space} ${fact.schema ?? ''} ${fact.parent ?? ''} ${fact.name}`
}

function asideName({ name, address }: Fact): string {
  return `${name.slice(0, 20)}_aside_${address.oid}`
}

function moveSql(current: Fact, target: Fact): string[] {
  const renamed =
    ownName(current) === ownName(target) ? [] : renameTo(current, plainOwnName(target))
  if (
    current.schema === target.schema ||
    target.schema === undefined ||
    current.parent !== undefined
  )
    return renamed
  const fresh = { ...current, name: target.name }
  // Indexes and owned sequences follow their table.
  if (current.kind === 'index' || current.values['ownedBy'] !== undefined) return renamed
  const head = `alter ${wordOf(current)} ${nameOf(fresh)}`
  return [...renamed, `${head} set schema ${quoteName(target.schema)}`]
}

function plainOwnName(fact: Fact): string {
  const own = ownName(fact)
  return fact.kind === 'function' && own.startsWith('"')
    ? own.slice(1, -1).replaceAll('""', '"')
    : own
}

function renameTo(fact: Fact, name: string): string[] {
  const [from, to] = [quoteName(fact.name), quoteName(name)]
  switch (fact.kind) {
    case 'column':
    case 'constraint':
      return [`alter table ${parentOf(fact)} rename ${fact.kind} ${from} to ${to}`]
    case 'domain-constraint':
      return [`alter domain ${parentOf(fact)} rename constraint ${from} to ${to}`]
    case 'trigger':
    case 'rule':
    case 'policy':
      return [`alter ${fact.kind} ${from} on ${parentOf(fact)} rename to ${to}`]
    case 'operator-class':
    case 'operator-family':
      return [
        `alter ${wordOf(fact)} ${nameOf(fact)} rename to ${textOf(name).replace(/ using .*$/, '')}`,
      ]
    default:
      return [`alter ${wordOf(fact)} ${nameOf(fact)} rename to ${to}`]
  }
}
