import { definitionOf, inPortions, insertLines } from '../backup/insert-lines.ts'
import type { BackupColumn } from '../backup/manifest.ts'
import { readEntryLines } from '../backup/read-rows.ts'
import { setSequence } from '../backup/restore-sequences.ts'
import { readSequences } from '../backup/tables.ts'
import { quoteName } from '../catalog/identifier.ts'
import type { Query } from '../catalog/query.ts'
import type { KeptPlace } from './kept-data.ts'
import type { Kept } from './kept.ts'
import { byContentOf, byKeyOf, type KeptValues } from './kept-values.ts'
import { readRelation } from './relation.ts'

/**
 * Puts all rows of a table that has just been made again back into it.
 *
 * @param columns values of columns that had gone when the rows were kept
 */
export async function restoreTable(
  query: Query,
  { place, kept }: { readonly place: KeptPlace; readonly kept: Extract<Kept, { kind: 'table' }> },
  columns: readonly KeptValues[] = [],
): Promise<void> {
  const { location, manifest } = place
  const { table } = kept.plan
  const entry = manifest.entries.find(({ name }) => name === kept.entry)
  const relation = await readRelation(query, table)
  if (entry === undefined || relation === undefined)
    throw new Error(`${location} has no ${kept.entry}, or there is no ${table}`)
  // What an earlier part of the migration had added does not come back.
  const known = entry.columns.filter((one) =>
    relation.columns.some(({ name }) => name === one.name),
  )
  const whole = 'pg_temp.studioops_whole'
  const isDirect = columns.length === 0
  if (!isDirect) await query(`create temporary table studioops_whole (${definitionOf(known)})`)
  const into = isDirect ? table : whole
  for await (const lines of inPortions(readEntryLines(location, entry)))
    await insertLines(query, lines, { into, columns: known })
  if (isDirect) return
  await query(bringSql(known, { table, whole, columns }))
  await query(`drop table ${whole}`)
}

type Bringing = {
  readonly table: string
  readonly whole: string
  readonly columns: readonly KeptValues[]
}

function bringSql(entry: readonly BackupColumn[], { table, whole, columns }: Bringing): string {
  const names = entry.map(({ name }) => name)
  const read = (alias: string) =>
    new Map(names.map((name) => [name, `${alias}.${quoteName(name)}`] as const))
  const key = columns[0]?.key ?? []
  const { values, joins, shown } =
    key.length > 0
      ? byKeyOf(columns, new Map([...read('s')].filter(([name]) => key.includes(name))))
      : byContentOf(columns, read('w'))
  const gone = [...values].filter(([name]) => !names.includes(name))
  const targets = [...names, ...gone.map(([name]) => name)].map(quoteName).join(', ')
  const written = [...read('s').values(), ...gone.map(([, value]) => value)].join(', ')
  return `insert into ${table} (${targets}) overriding system value select ${written} from (
    select w.*, ${shown ?? 'null'} as shown, pg_catalog.row_number()
      over (partition by ${shown ?? 'null'}) as no from ${whole} w) s ${joins}`
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
