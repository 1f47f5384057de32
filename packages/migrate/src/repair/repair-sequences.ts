import { type Fact, nameOf } from '../catalog/fact.ts'
import { quoteName } from '../catalog/identifier.ts'
import { parentOf, textOf } from '../inverse/object-words.ts'
import type { RepairTarget } from './repair-target.ts'

/**
 * Statements that let repaired sequences go on after the highest value that is there. Sequences that
 * are further already are not touched.
 */
export function catchUpSql({ facts, wanted }: Pick<RepairTarget, 'facts' | 'wanted'>): string[] {
  const all = [...facts.values()]
  const columns = all.filter(({ kind, values }) => kind === 'column' && values['of'] === undefined)
  const repaired = all.filter(
    (fact) =>
      fact.kind === 'sequence' &&
      (wanted.has(fact.key) || wanted.has(`column ${textOf(fact.values['ownedBy'])}`)),
  )
  return repaired.flatMap((sequence) => {
    if (textOf(sequence.values['increment']).startsWith('-')) return []
    return usersOf(sequence, columns).map((column) => catchUp(sequence, column))
  })
}

function usersOf(sequence: Fact, columns: readonly Fact[]): Fact[] {
  const name = nameOf(sequence)
  const call = `nextval('${name.replaceAll("'", "''")}'::regclass)`
  return columns.filter(
    (column) =>
      /^(?:smallint|integer|bigint|numeric)/.test(textOf(column.values['type'])) &&
      (nameOf(column) === sequence.values['ownedBy'] || column.values['default'] === call),
  )
}

function catchUp(sequence: Fact, column: Fact): string {
  const name = nameOf(sequence)
  const literal = `'${name.replaceAll("'", "''")}'`
  return `select pg_catalog.setval(${literal}, highest.value) from ${name} as sequence,
  (select max(${quoteName(column.name)})::bigint as value from ${parentOf(column)}) as highest
  where highest.value >= sequence.last_value and highest.value <= ${textOf(sequence.values['max'])}`
}
