import { inPortions, insertLines } from '../backup/insert-lines.ts'
import { readEntryLines } from '../backup/read-rows.ts'
import { setSequence } from '../backup/restore-sequences.ts'
import { readSequences } from '../backup/tables.ts'
import type { Query } from '../catalog/query.ts'
import type { KeptPlace } from './kept-data.ts'
import type { Kept } from './kept.ts'

/** Puts all rows of a table that has just been made again back into it. */
export async function restoreTable(
  query: Query,
  { place, kept }: { readonly place: KeptPlace; readonly kept: Extract<Kept, { kind: 'table' }> },
): Promise<void> {
  const { location, manifest } = place
  const entry = manifest.entries.find(({ name }) => name === kept.entry)
  if (entry === undefined) throw new Error(`${location} has no ${kept.entry}`)
  for await (const lines of inPortions(readEntryLines(location, entry)))
    await insertLines(query, lines, { into: kept.plan.table, columns: entry.columns })
}

/**
 * Sets the sequences of a table, which may be called otherwise now, to where they stood.
 *
 * @param columns only those that belong to these columns
 */
export async function restoreSequencesOf(
  query: Query,
  { manifest }: KeptPlace,
  { table, columns }: { readonly table: string; readonly columns?: readonly string[] },
): Promise<void> {
  if (!(await isThere(query, table))) return
  for (const now of await readSequences(query, { usedBy: [table] })) {
    if (columns !== undefined && !columns.includes(now.owner?.column ?? '')) continue
    const kept =
      manifest.sequences.find(({ name }) => name === now.name) ??
      manifest.sequences.find(
        ({ owner }) =>
          owner !== undefined &&
          owner.table === now.owner?.table &&
          owner.column === now.owner.column,
      )
    if (kept !== undefined) await setSequence(query, now.name, kept)
  }
}

/** Sets a sequence that has been made again. Does nothing where it is not there. */
export async function restoreSequence(
  query: Query,
  { manifest }: KeptPlace,
  name: string,
): Promise<void> {
  const kept = manifest.sequences.find((one) => one.name === name)
  if (kept !== undefined && (await isThere(query, name))) await setSequence(query, name, kept)
}

async function isThere(query: Query, name: string): Promise<boolean> {
  const { rows } = await query('select pg_catalog.to_regclass($1) is not null as is_there', [name])
  return rows[0]?.['is_there'] === true
}
