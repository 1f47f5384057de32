import type { Fact } from '../catalog/fact.ts'
import { nameOf } from '../catalog/fact.ts'
import { quoteName } from '../catalog/identifier.ts'
import {
  isPlainTable,
  parentOf,
  type Rewritable,
  type Rewriter,
  type Step,
  textOf,
} from './rewritable.ts'

/** CREATE INDEX CONCURRENTLY from what the catalog says about an index. */
export function concurrently(definition: string): string {
  return definition.replace(/^CREATE (UNIQUE )?INDEX /, 'CREATE $1INDEX CONCURRENTLY ')
}

/** CREATE INDEX on a table that others use, and on a partitioned one partition by partition. */
export const createIndex: Rewriter = (rewritable) => {
  const { scene, observation } = rewritable
  const { node, table } = scene
  if (!('IndexStmt' in node) || node.IndexStmt.concurrent === true) return undefined
  if (node.IndexStmt.relation?.inh === false || !scene.existedTable(table)) return undefined
  const indexes = observation.changes.added.filter(({ kind }) => kind === 'index')
  const top = indexes.find((index) => parentOf(index) === table)
  return top === undefined ? undefined : buildOne(top, { indexes, rewritable })
}

type Building = { readonly indexes: readonly Fact[]; readonly rewritable: Rewritable }

function buildOne(index: Fact, building: Building): readonly Step[] {
  const { facts } = building.rewritable
  const definition = textOf(index.values['definition'])
  const isPartitioned = facts.get(`table ${parentOf(index)}`)?.values['form'] === 'partitioned'
  if (!isPartitioned) return [{ text: concurrently(definition), txClass: 'alone' }]
  const own = nameOf(index)
  const parts = building.indexes.filter(({ values }) => values['partOf'] === own)
  return [
    // On the parent alone, where there is nothing to build; it becomes valid with its last part.
    { text: definition, txClass: 'tx', boundary: true },
    ...parts.flatMap((part): readonly Step[] => [
      ...buildOne(part, building),
      {
        text: `alter index ${own} attach partition ${nameOf(part)}`,
        txClass: 'tx',
        boundary: true,
      },
    ]),
  ]
}

/** DROP INDEX of a plain index. */
export const dropIndex: Rewriter = (rewritable) => {
  const { scene, observation } = rewritable
  if (!dropsOneIndex(scene)) return undefined
  const [removed, ...others] = observation.changes.removed
  if (removed?.kind !== 'index' || others.length > 0) return undefined
  if (!isPlainTable(rewritable, parentOf(removed)) || !scene.existedTable(parentOf(removed)))
    return undefined
  const name = [removed.schema ?? '', removed.name].map(quoteName).join('.')
  return [{ text: `drop index concurrently ${name}`, txClass: 'alone' }]
}

function dropsOneIndex({ node }: Rewritable['scene']): boolean {
  if (!('DropStmt' in node) || node.DropStmt.removeType !== 'OBJECT_INDEX') return false
  const { concurrent, behavior, objects = [] } = node.DropStmt
  return concurrent !== true && behavior !== 'DROP_CASCADE' && objects.length === 1
}
