import type { Fact } from '../catalog/fact.ts'
import { nameOf } from '../catalog/fact.ts'
import { createSql, schemaOf } from '../inverse/create-sql.ts'
import { rankOf } from '../inverse/plan-round.ts'
import { type Rewritable, type Rewriter, type Step, textOf } from './rewritable.ts'

/**
 * CREATE TABLE … PARTITION OF, which would lock the parent against everybody: the table by itself
 * with all that its parent demands, and then ATTACH, which lets queries of the parent go on.
 */
export const newPartition: Rewriter = (rewritable) => {
  const { scene, observation, facts, major } = rewritable
  if (!('CreateStmt' in scene.node) || scene.node.CreateStmt.partbound === undefined)
    return undefined
  const { added } = observation.changes
  const table = added.find(({ kind }) => kind === 'table')
  const [parent] = Array.isArray(table?.values['parents']) ? table.values['parents'] : []
  if (table === undefined || typeof parent !== 'string' || !scene.existedTable(parent))
    return undefined
  if (!isSimple(added) || hasDefault(rewritable, parent)) return undefined
  const schema = schemaOf({ major, rows: [...facts.values(), ...added] })
  const parts = added
    .filter(({ kind }) => kind === 'constraint' || kind === 'index')
    .toSorted((a, b) => rankOf(a) - rankOf(b))
  const bound = textOf(table.values['partitionBound'])
  return [
    ...[table, ...parts]
      .flatMap((fact) => createSql(fact, schema))
      .map((text): Step => ({ text, txClass: 'tx' })),
    {
      text: `alter table ${parent} attach partition ${nameOf(table)} ${bound}`,
      txClass: 'tx',
      boundary: true,
    },
  ]
}

/** No partitions of its own, and no counter that would come from the parent. */
function isSimple(added: readonly Fact[]): boolean {
  return added.every(
    ({ kind, values }) =>
      kind !== 'sequence' &&
      values['partitionKey'] === undefined &&
      values['identity'] === undefined,
  )
}

/** A DEFAULT partition is locked and read either way. */
function hasDefault({ facts }: Rewritable, parent: string): boolean {
  return [...facts.values()].some(
    ({ values: { parents, partitionBound } }) =>
      partitionBound === 'DEFAULT' && Array.isArray(parents) && parents.includes(parent),
  )
}
