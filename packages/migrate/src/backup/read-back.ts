import type { Query } from '../catalog/query.ts'
import { inPortions, insertLines } from './insert-lines.ts'
import { createDigester, readFileLines, type Digest } from './line-files.ts'
import { lineSql, readLines } from './lines.ts'
import type { BackupColumn } from './manifest.ts'

export type ReadBack = {
  readonly path: string
  /** A query that gives columns of the same definition; none of its rows is read. */
  readonly like: string
  readonly columns: readonly BackupColumn[]
  readonly plain: readonly string[]
  readonly key: readonly string[]
}

let tables = 0

/**
 * Puts a file into a temporary table of the same definition and exports that again. The settings of
 * a backup are in force. Leaves nothing behind.
 */
export async function proveReadBack(query: Query, readBack: ReadBack): Promise<Digest> {
  const { path, like, columns, plain, key } = readBack
  tables += 1
  const table = `pg_temp.studioops_read_back_${tables}`
  await query(`create temporary table studioops_read_back_${tables} as ${like} with no data`)
  for await (const lines of inPortions(readFileLines(path)))
    await insertLines(query, lines, { into: table, columns })
  const digester = createDigester()
  const named = columns.map(({ name }) => ({ name, isPlain: plain.includes(name) }))
  for await (const lines of readLines(query, lineSql({ columns: named, key, from: table })))
    digester.add(lines)
  await query(`drop table ${table}`)
  return digester.digest()
}
