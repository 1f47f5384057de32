import { quoteName } from '../catalog/identifier.ts'
import type { Query } from '../catalog/query.ts'
import type { Table, TableColumn } from './tables.ts'

/** The columns of a table that a backup holds; the others are computed by the table. */
export function keptColumns({ columns }: Table): TableColumn[] {
  return columns.filter(({ isGenerated }) => !isGenerated)
}

export type LineOptions = {
  readonly columns: readonly Pick<TableColumn, 'name' | 'isPlain'>[]
  /** Columns to sort by; without any the lines are sorted by themselves. */
  readonly key: readonly string[]
  /** What stands after FROM, such as `only public.users`. */
  readonly from: string
  readonly where?: string | undefined
}

/**
 * One line of JSON for each row, in an order that depends on the rows alone. `concat` calls the
 * output function of a type, which a cast to text does not: that cuts the blanks of `char(n)`.
 * `num_nulls` tells NULL from a record of nothing but NULLs.
 */
export function lineSql({ columns, key, from, where }: LineOptions): string {
  const values = columns.map(({ name, isPlain }) => {
    const column = `x.${quoteName(name)}`
    const value = isPlain
      ? column
      : `case when pg_catalog.num_nulls(${column}) = 0 then pg_catalog.concat(${column}) end`
    return `${value} as ${quoteName(name)}`
  })
  const condition = where === undefined ? '' : ` where ${where}`
  const order = key.map((name) => `x.${quoteName(name)}`).join(', ')
  const source = `select ${values.join(', ')} from ${from} x${condition}`
  const lines = (inner: string) =>
    `select pg_catalog.row_to_json(r.*)::text as line from (${inner}) r`
  return key.length > 0
    ? lines(`${source} order by ${order}`)
    : `select line from (${lines(source)}) l order by line collate "C"`
}

/** Rows of a table and not those of tables that inherit from it, which have files of their own. */
export function fromTable({ name, isPartitioned }: Pick<Table, 'name' | 'isPartitioned'>): string {
  return isPartitioned ? name : `only ${name}`
}

const batchBytes = 1024 * 1024
const batchMaxRows = 2000

let cursors = 0

/**
 * Reads lines through a cursor of the open transaction. How many are fetched at once follows from how
 * long they are, so that memory stays small with large tables and with large rows.
 */
export async function* readLines(query: Query, sql: string): AsyncGenerator<readonly string[]> {
  cursors += 1
  const cursor = `studioops_lines_${cursors}`
  await query(`declare ${cursor} no scroll cursor for ${sql}`)
  let count = 16
  for (;;) {
    const { rows } = await query(`fetch forward ${count} from ${cursor}`)
    if (rows.length === 0) break
    const lines = rows.map(({ line }) => String(line))
    yield lines
    const bytes = lines.reduce((sum, line) => sum + line.length, 0)
    const fitting = Math.floor((batchBytes * rows.length) / Math.max(bytes, 1))
    count = Math.max(1, Math.min(fitting, count * 4, batchMaxRows))
  }
  await query(`close ${cursor}`)
}
