import { nameOf, type Fact, type Facts } from '../catalog/fact.ts'
import { quoteName, quoteText } from '../catalog/identifier.ts'
import type { Pair } from './match-facts.ts'
import { listOf, parentOf, textOf } from './object-words.ts'

/**
 * Exchanges an enum for one with other labels: PostgreSQL cannot remove a label. Whatever mentions
 * the type beside plain columns must be gone already; it is made again from the target afterwards.
 * A row that holds a label which is no more makes the conversion fail.
 */
export function swapTypeSql({ target }: Pair, { current }: { readonly current: Facts }): string[] {
  const name = nameOf(target)
  const aside = `${target.name.slice(0, 40)}_before_swap`
  const labels = listOf(target.values['labels']).map(quoteText).join(', ')
  const columns = current.rows.filter((fact) => isColumnOf(fact, name))
  return [
    `alter type ${name} rename to ${quoteName(aside)}`,
    `create type ${name} as enum (${labels})`,
    ...columns.flatMap((column) => convert(column)),
    `drop type ${nameOf({ ...target, name: aside })}`,
  ]
}

function isColumnOf({ kind, values }: Fact, type: string): boolean {
  if (kind !== 'column' || values['of'] !== undefined || values['generated'] !== undefined)
    return false
  return textOf(values['type']).replace(/(\[\])+$/, '') === type && values['inherited'] !== true
}

/** The default is text of the old type; the one that the target has is set afterwards again. */
function convert(column: Fact): string[] {
  const head = `alter table ${parentOf(column)} alter column ${quoteName(column.name)}`
  const to = textOf(column.values['type'])
  const through = to.endsWith('[]') ? 'text[]' : 'text'
  const filled = textOf(column.values['default'])
  return [
    ...(filled === '' ? [] : [`${head} drop default`]),
    `${head} type ${to} using ${quoteName(column.name)}::${through}::${to}`,
    // One that names a label that is no more fails, and then the target's is set in the next round.
    ...(filled === '' ? [] : [`${head} set default ${filled}`]),
  ]
}
