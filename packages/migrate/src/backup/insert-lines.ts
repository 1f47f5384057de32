import { quoteName } from '../catalog/identifier.ts'
import type { Query } from '../catalog/query.ts'
import type { BackupColumn } from './manifest.ts'

/** Rows that come out of a file, as a source for FROM: every column is text, or NULL. */
export function recordsSql(columns: readonly BackupColumn[]): string {
  const defined = columns.map(({ name }) => `${quoteName(name)} text`).join(', ')
  return `pg_catalog.json_to_recordset($1::text::json) as r (${defined})`
}

/** The value of a column of `recordsSql`, as what it was. */
export function valueSql({ name, type }: BackupColumn): string {
  return `r.${quoteName(name)}::${type}`
}

/** The columns as CREATE TABLE takes them. */
export function definitionOf(columns: readonly BackupColumn[]): string {
  return columns.map(({ name, type }) => `${quoteName(name)} ${type}`).join(', ')
}

/** Puts lines of a backup into a table whose columns are called as they were. */
export async function insertLines(
  query: Query,
  lines: readonly string[],
  { into, columns }: { readonly into: string; readonly columns: readonly BackupColumn[] },
): Promise<void> {
  if (columns.length === 0) {
    await query(`insert into ${into} select from pg_catalog.generate_series(1, ${lines.length})`)
    return
  }
  const names = columns.map(({ name }) => quoteName(name)).join(', ')
  const values = columns.map(valueSql).join(', ')
  await query(
    `insert into ${into} (${names}) overriding system value
      select ${values} from ${recordsSql(columns)}`,
    [`[${lines.join(',')}]`],
  )
}

const batchBytes = 1024 * 1024

/** Lines in portions that one statement takes well. */
export async function* inPortions(
  batches: AsyncIterable<readonly string[]>,
): AsyncGenerator<readonly string[]> {
  let portion: string[] = []
  let size = 0
  for await (const lines of batches)
    for (const line of lines) {
      portion.push(line)
      size += line.length
      if (size < batchBytes) continue
      yield portion
      portion = []
      size = 0
    }
  if (portion.length > 0) yield portion
}
