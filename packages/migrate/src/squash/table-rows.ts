import { nameOf, type Fact, type Facts } from '../catalog/fact.ts'
import { quoteName, quoteText } from '../catalog/identifier.ts'
import type { Query } from '../catalog/query.ts'

/** The rows of one table as a file can hold them. */
export type TableRows = {
  /** Qualified and quoted. */
  readonly table: string
  /** Quoted names of the columns that hold something of their own. */
  readonly columns: readonly string[]
  /** Values as text, in the order of the columns; undefined is null. Sorted. */
  readonly rows: readonly (readonly (string | undefined)[])[]
}

/** Where a counter stands. */
export type SequenceState = {
  readonly sequence: string
  readonly value: string
  readonly isCalled: boolean
}

export type Contents = {
  readonly tables: readonly TableRows[]
  readonly sequences: readonly SequenceState[]
}

/** Reads what the migrations have put into a shadow that was empty. */
export async function readContents(query: Query, facts: Facts): Promise<Contents> {
  const tables: TableRows[] = []
  for (const table of facts.rows.filter(holdsRows)) {
    const found = await readRows(query, table, facts)
    if (found.rows.length > 0) tables.push(found)
  }
  const sequences: SequenceState[] = []
  for (const sequence of facts.rows.filter(({ kind }) => kind === 'sequence'))
    sequences.push(...(await readSequence(query, sequence)))
  return { tables: sortByReferences(tables, facts), sequences }
}

/** The rows of a partitioned table lie in its partitions, which are attached when they are filled. */
function holdsRows({ kind, values }: Fact): boolean {
  return kind === 'table' && values['form'] === 'table'
}

async function readRows(query: Query, table: Fact, facts: Facts): Promise<TableRows> {
  const name = nameOf(table)
  const columns = facts.rows
    .filter(
      ({ kind, schema, parent, values }) =>
        kind === 'column' &&
        schema === table.schema &&
        parent === table.name &&
        values['generated'] === undefined,
    )
    .toSorted((a, b) => Number(a.details['position']) - Number(b.details['position']))
    .map((column) => quoteName(column.name))
  const list = columns.map((column) => `${column}::text`).join(', ')
  const { rows } = await query(
    `select to_json(array[${list}]::text[]) as values from only ${name} order by 1::text`,
  )
  const values = rows.map((row) => (Array.isArray(row['values']) ? row['values'] : []))
  return {
    table: name,
    columns,
    rows: values
      .map((row) => row.map((value: unknown) => (typeof value === 'string' ? value : undefined)))
      .toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)),
  }
}

async function readSequence(query: Query, sequence: Fact): Promise<SequenceState[]> {
  const name = nameOf(sequence)
  const { rows } = await query(`select last_value::text as value, is_called from ${name}`)
  const [row] = rows
  // A counter that nobody has asked stands at its start anyway.
  if (row?.['is_called'] !== true) return []
  return [{ sequence: name, value: String(row['value']), isCalled: true }]
}

/** Parents before children; in a ring of references some have to wait for the constraint. */
function sortByReferences(tables: readonly TableRows[], facts: Facts): TableRows[] {
  const parents = new Map<string, Set<string>>()
  for (const { kind, schema = '', parent = '', details } of facts.rows) {
    const { references } = details
    if (kind !== 'constraint' || typeof references !== 'string') continue
    const child = `${quoteName(schema)}.${quoteName(parent)}`
    parents.set(child, (parents.get(child) ?? new Set()).add(references))
  }
  const sorted: TableRows[] = []
  const waiting = [...tables]
  while (waiting.length > 0) {
    const names = new Set(waiting.map(({ table }) => table))
    const free = waiting.findIndex(
      ({ table }) =>
        ![...(parents.get(table) ?? [])].some((parent) => parent !== table && names.has(parent)),
    )
    sorted.push(...waiting.splice(Math.max(free, 0), 1))
  }
  return sorted
}

const rowsPerStatement = 200

/** The statements that put the contents into empty tables. */
export function contentsSql({ tables, sequences }: Contents): string[] {
  return [
    ...tables.flatMap(insertsOf),
    ...sequences.map(
      ({ sequence, value }) => `select pg_catalog.setval(${quoteText(sequence)}, ${value}, true)`,
    ),
  ]
}

function insertsOf({ table, columns, rows }: TableRows): string[] {
  const statements: string[] = []
  for (let from = 0; from < rows.length; from += rowsPerStatement) {
    const lines = rows
      .slice(from, from + rowsPerStatement)
      .map((row) => `  (${row.map(valueSql).join(', ')})`)
    statements.push(
      `insert into ${table} (${columns.join(', ')}) overriding system value values\n${lines.join(',\n')}`,
    )
  }
  return statements
}

const valueSql = (value: string | undefined) => (value === undefined ? 'null' : quoteText(value))

/** The first table or counter that is not the same in both; undefined when all are. */
export function firstDifference(left: Contents, right: Contents): string | undefined {
  const all = ({ tables, sequences }: Contents) =>
    new Map([
      ...tables.map(({ table, ...rest }) => [table, JSON.stringify(rest)] as const),
      ...sequences.map(({ sequence, ...rest }) => [sequence, JSON.stringify(rest)] as const),
    ])
  const [one, other] = [all(left), all(right)]
  return [...new Set([...one.keys(), ...other.keys()])].find(
    (name) => one.get(name) !== other.get(name),
  )
}
