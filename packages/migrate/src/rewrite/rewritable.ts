import type { AnalysedStatement } from '../analyse/analysis.ts'
import type { Fact } from '../catalog/fact.ts'
import { nameOf } from '../catalog/fact.ts'
import { quoteName } from '../catalog/identifier.ts'
import type { BatchPlan } from '../execute/batches.ts'
import type { Scene } from '../lint/scene.ts'
import type { Observation } from '../shadow/replay.ts'

/** A statement to send instead of what stands in the file. */
export type Step = {
  readonly text: string
  /** `alone` cannot run in a transaction; `tx` stands in one with its neighbours. */
  readonly txClass: 'tx' | 'alone'
  /** The transaction ends after it, so that its lock is given back before what takes long. */
  readonly boundary?: true
  /** Runs in pieces along the primary key. */
  readonly batch?: BatchPlan
}

/** A statement that the shadow has tried, with the catalog before it. */
export type Rewritable = {
  readonly scene: Scene
  readonly statement: AnalysedStatement
  readonly observation: Observation
  readonly facts: ReadonlyMap<string, Fact>
  /** Of the target, such as 18. */
  readonly major: number
}

export type Rewriter = (rewritable: Rewritable) => readonly Step[] | undefined

/** What the statement has made in a table, by kind; also in the place of something of that name. */
export function addedTo(
  { observation }: Pick<Rewritable, 'observation'>,
  kind: Fact['kind'],
  table: string,
): readonly Fact[] {
  const { added, changed } = observation.changes
  const replaced = changed.filter(({ before, after }) => before.address.oid !== after.address.oid)
  return [...added, ...replaced.map(({ after }) => after)].filter(
    (fact) => fact.kind === kind && parentOf(fact) === table,
  )
}

/** Qualified name of the table that a fact belongs to; `''` for all others. */
export function parentOf({ schema, parent }: Pick<Fact, 'schema' | 'parent'>): string {
  return schema === undefined || parent === undefined
    ? ''
    : `${quoteName(schema)}.${quoteName(parent)}`
}

/** Whether the table stands alone: no partition, no parent, no child, not foreign. */
export function isPlainTable({ facts }: Pick<Rewritable, 'facts'>, table: string): boolean {
  const fact = facts.get(`table ${table}`)
  if (fact?.values['form'] !== 'table' || fact.values['parents'] !== undefined) return false
  const bare = nameOf(fact)
  return ![...facts.values()].some(({ kind, values: { parents } }) => {
    return kind === 'table' && Array.isArray(parents) && parents.includes(bare)
  })
}

export const textOf = (value: unknown) => (typeof value === 'string' ? value : '')

/** Columns of the primary key in order with their types; undefined where there is none. */
export function primaryKeyOf(
  { facts }: Pick<Rewritable, 'facts'>,
  table: string,
): BatchPlan['key'] | undefined {
  const primary = [...facts.values()].find(
    (fact) =>
      fact.kind === 'constraint' &&
      fact.values['type'] === 'primary key' &&
      parentOf(fact) === table,
  )
  const list = /^PRIMARY KEY \((.*?)\)/.exec(textOf(primary?.values['definition']))?.[1]
  if (list === undefined) return undefined
  const columns = list.match(/"(?:[^"]|"")*"|[^,\s]+/g) ?? []
  const key = columns.map((column) => ({
    column,
    type: textOf(facts.get(`column ${table}.${column}`)?.values['type']),
  }))
  return key.every(({ type }) => type !== '') ? key : undefined
}

/**
 * Whether an UPDATE would do more, or be less free, than ALTER TABLE: it fires triggers and rules,
 * minds forced policies, and needs a replica identity where the table is published.
 */
export function isUpdateOtherwise({ facts }: Pick<Rewritable, 'facts'>, table: string): boolean {
  const { forceRowSecurity, replicaIdentity } = facts.get(`table ${table}`)?.values ?? {}
  if (forceRowSecurity === true || replicaIdentity === 'nothing') return true
  return [...facts.values()].some(
    (fact) => (fact.kind === 'trigger' || fact.kind === 'rule') && parentOf(fact) === table,
  )
}
