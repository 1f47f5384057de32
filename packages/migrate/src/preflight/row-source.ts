import type { Fact } from '../catalog/fact.ts'
import { nameOf } from '../catalog/fact.ts'
import { quoteName } from '../catalog/identifier.ts'
import { parentOf, textOf } from '../inverse/object-words.ts'
import { bareName, readGroup, splitList } from './definition-text.ts'
import type { FactsByKey, Flow, TableOrigin } from './plan-flow.ts'

/** The rows of a live table under the names that the plan gives to its columns by then. */
export type RowSource = {
  /** For FROM, without an alias. */
  readonly text: string
  /** Live table, qualified and quoted. */
  readonly table: string
  /** Expressions over the source that name a row: its primary key, else its place. */
  readonly key: readonly KeyPart[]
}

/** One part of what names a row. */
export type KeyPart = { readonly name: string; readonly expression: string }

type Sight = {
  readonly flow: Pick<Flow, 'tableOf' | 'columnOf'>
  /** Objects of the plan at that moment, by key. */
  readonly facts: FactsByKey
  readonly liveFacts: ReadonlyMap<string, Fact>
}

/**
 * @param table key of the plan, such as `table public.t`
 * @returns a word about why nothing can be asked where there are no such rows
 */
export function rowsOf(table: string, sight: Sight): RowSource | { readonly because: string } {
  const origin = sight.flow.tableOf(table)
  if (origin === undefined) return { because: 'unknown' }
  if (origin.isWritten) return { because: 'written' }
  if (origin.kind === 'made') return { because: 'made' }
  return sourceOf(table, origin, sight)
}

function sourceOf(
  table: string,
  origin: TableOrigin & { kind: 'live' },
  { flow, facts, liveFacts }: Sight,
): RowSource {
  const columns = [...facts.values()].filter(
    (fact) => fact.kind === 'column' && `table ${parentOf(fact)}` === table,
  )
  const seen = columns.flatMap((column) => {
    const from = flow.columnOf(column.key)
    return from?.kind === 'expression' ? [{ name: quoteName(column.name), ...from }] : []
  })
  const from = origin.isPartitioned ? origin.name : `only ${origin.name}`
  const key = keyOfTable(origin.name, liveFacts)
  const isPlain =
    seen.length === columns.length &&
    seen.every(({ isItself, text, name }) => isItself && text === name)
  if (isPlain)
    return { text: from, table: origin.name, key: key.map((name) => ({ name, expression: name })) }
  // Under names that no column of anybody has, because the plan may have renamed the key.
  const parts = key.map((name, index) => ({ name, expression: `studioops_key_${index + 1}` }))
  const list = [
    ...seen.map(({ text, name }) => (text === name ? name : `${text} as ${name}`)),
    ...(key[0] === 'ctid' ? [] : ['ctid as studioops_place', 'tableoid as studioops_table']),
    ...parts.map(({ name, expression }) => `${name} as ${expression}`),
  ]
  return { text: `(select ${list.join(', ')} from ${from})`, table: origin.name, key: parts }
}

/** The columns of the primary key, quoted; without one, the place of the row. */
export function keyOfTable(table: string, facts: ReadonlyMap<string, Fact>): readonly string[] {
  for (const fact of facts.values()) {
    if (fact.kind !== 'constraint' || fact.values['type'] !== 'primary key') continue
    if (parentOf(fact) !== table) continue
    const definition = textOf(fact.values['definition'])
    const columns = splitList(readGroup(definition, definition.indexOf('('))?.inner ?? '')
    if (columns.some((column) => column.includes(' '))) continue
    if (columns.length > 0) return columns.map((column) => quoteName(bareName(column)))
  }
  return ['ctid']
}

/** Every live table of which a column has the type, with the column's name quoted. */
export function columnsOfType(
  type: string,
  facts: Iterable<Fact>,
): { readonly table: string; readonly column: Fact }[] {
  return [...facts].flatMap((fact) =>
    fact.kind === 'column' && fact.values['of'] === undefined && fact.values['type'] === type
      ? [{ table: `table ${parentOf(fact)}`, column: fact }]
      : [],
  )
}

export function tableKeyOf(fact: Fact): string {
  return fact.kind === 'table' ? `table ${nameOf(fact)}` : `table ${parentOf(fact)}`
}
