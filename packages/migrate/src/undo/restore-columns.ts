import {
  definitionOf,
  inPortions,
  insertLines,
  recordsSql,
  valueSql,
} from '../backup/insert-lines.ts'
import type { BackupColumn, BackupEntry } from '../backup/manifest.ts'
import { readEntryLines } from '../backup/read-rows.ts'
import { quoteName } from '../catalog/identifier.ts'
import type { Query } from '../catalog/query.ts'
import { jsonCell } from './json-cell.ts'
import type { KeptPlace } from './kept-data.ts'
import type { Kept } from './kept.ts'
import type { KeptValues } from './kept-values.ts'
import { readRelation } from './relation.ts'
import { type RowConflict, withWritableIdentity } from './restore-images.ts'

/** Values of columns that were kept, and the number of their place among those of a migration. */
export type ColumnsKept = {
  readonly place: KeptPlace
  readonly kept: Extract<Kept, { kind: 'columns' }>
  readonly no: number
}

function entryOf({ place }: ColumnsKept, name: string): BackupEntry {
  const entry = place.manifest.entries.find((one) => one.name === name)
  if (entry === undefined) throw new Error(`${place.location} has no ${name}`)
  return entry
}

const keysShown = 5

/** Where the keys of rows stand whose converted values somebody has changed since. */
const staleOf = ({ no }: ColumnsKept) => `pg_temp.studioops_stale_${no}`
const keyOf = (key: readonly string[]) =>
  `pg_catalog.jsonb_build_array(${key.map((name) => `r.${quoteName(name)}`).join(', ')})`

type After = NonNullable<ColumnsKept['kept']['after']>

/** A later transaction of the migration may have renamed the table or its columns. */
async function afterNow(query: Query, { kept }: ColumnsKept): Promise<After | undefined> {
  const { after } = kept
  if (after === undefined) return undefined
  const named = await readRelation(query, after.table)
  const relation = named ?? (after.oid === undefined ? named : await readRelation(query, after.oid))
  if (relation === undefined) return undefined
  const found = Object.entries(after.names).map(([before, then]) => {
    const number = relation.oid === after.oid ? after.numbers?.[before] : undefined
    const column = relation.columns.find(({ attnum, name }) =>
      number === undefined ? name === then : attnum === number,
    )
    return [before, column?.name] as const
  })
  if (found.some(([, now]) => now === undefined)) return undefined
  const names = Object.fromEntries(found.map(([before, now]) => [before, now ?? before]))
  return { ...after, table: relation.name, names }
}

/** Compares converted columns with what the migration left in them, before anything is undone. */
export async function markStale(query: Query, columns: ColumnsKept): Promise<RowConflict[]> {
  const { plan } = columns.kept
  await query(
    `create temporary table studioops_stale_${columns.no} (key jsonb not null) on commit drop`,
  )
  const after = await afterNow(query, columns)
  // What became of the table since shows when its columns are to be put back.
  if (after === undefined) return []
  const entry = entryOf(columns, after.entry)
  if (plan.key.length === 0) return contentStale(query, columns, { entry, after })
  const now = (name: string) => `t.${quoteName(after.names[name] ?? name)}`
  const differs = plan.columns.map(
    (name) =>
      `(case when pg_catalog.num_nulls(${now(name)}) = 0 then pg_catalog.concat(${now(name)}) end)
         is distinct from r.${quoteName(name)}`,
  )
  const types = new Map(entry.columns.map(({ name, type }) => [name, type]))
  const same = plan.key.map((name) => `${now(name)} = r.${quoteName(name)}::${types.get(name)}`)
  const text = `insert into ${staleOf(columns)} select ${keyOf(plan.key)}
    from ${recordsSql(entry.columns)} join only ${after.table} t on ${same.join(' and ')}
    where ${differs.join(' or ')}`
  for await (const lines of inPortions(readEntryLines(columns.place.location, entry)))
    await query(text, [`[${lines.join(',')}]`])
  const { rows } = await query(
    `select count(*)::text as count, (select pg_catalog.json_agg(k.key)
       from (select key from ${staleOf(columns)} limit ${keysShown}) k)::text as keys
       from ${staleOf(columns)}`,
  )
  return conflictOf(after.table, rows[0])
}

function conflictOf(table: string, row: Readonly<Record<string, unknown>> | undefined) {
  const count = Number(row?.['count'] ?? 0)
  const keys = jsonCell<readonly unknown[]>(row?.['keys'], [])
  return count === 0 ? [] : [{ table, count, keys: keys.map((key) => JSON.stringify(key)) }]
}

/** Without a key: rows that the migration left and that are not there any more. */
async function contentStale(
  query: Query,
  columns: ColumnsKept,
  { entry, after }: { readonly entry: BackupEntry; readonly after: After },
): Promise<RowConflict[]> {
  const list = (prefix: string, names: readonly string[]) =>
    `row(${names.map((name) => `${prefix}.${quoteName(name)}`).join(', ')})::text`
  const left = `pg_temp.studioops_left_${columns.no}`
  await loadEntry(query, columns, { entry, table: left })
  const names = entry.columns.map(({ name }) => name)
  const { rows } = await query(
    `select count(*)::text as count, '[]' as keys from (
       select ${list('l', names)} from ${left} l
       except all
       select ${list(
         't',
         names.map((name) => after.names[name] ?? name),
       )} from only ${after.table} t) gone`,
  )
  await query(`drop table ${left}`)
  return conflictOf(after.table, rows[0])
}

async function loadEntry(
  query: Query,
  { place }: ColumnsKept,
  { entry, table }: { readonly entry: BackupEntry; readonly table: string },
): Promise<void> {
  const name = table.replace('pg_temp.', '')
  await query(`create temporary table ${name} (${definitionOf(entry.columns)}) on commit drop`)
  for await (const lines of inPortions(readEntryLines(place.location, entry)))
    await insertLines(query, lines, { into: table, columns: entry.columns })
}

/** Puts what was kept of columns into a temporary table of the open transaction. */
export async function loadColumns(query: Query, columns: ColumnsKept): Promise<KeptValues> {
  const { plan, entry: name } = columns.kept
  const entry = entryOf(columns, name)
  const source = `pg_temp.studioops_values_${columns.no}`
  await loadEntry(query, columns, { entry, table: source })
  return { source, entry: entry.columns, columns: plan.columns, key: plan.key }
}

/** Other columns of the same table, in the order in which they were kept. */
export type Around = {
  readonly all: readonly ColumnsKept[]
  /** Whether all of them are what they were by now. */
  readonly isLast: boolean
}

/**
 * Puts the kept values back into columns that are what they were before. Rows that were removed
 * since need none; rows that were changed since keep what they have.
 *
 * @returns rows whose place nobody can tell any more
 */
export async function restoreColumns(
  query: Query,
  columns: ColumnsKept,
  around: Around,
): Promise<RowConflict[]> {
  const { plan } = columns.kept
  const entry = entryOf(columns, columns.kept.entry)
  const relation = await readRelation(query, plan.table)
  if (relation === undefined) return [{ table: plan.table, count: entry.rows, keys: [] }]
  let conflicts: RowConflict[] = []
  await withWritableIdentity(query, { relation, names: plan.columns }, async () => {
    conflicts =
      plan.key.length === 0
        ? await byContent(query, columns, around)
        : await byKey(query, columns, entry)
  })
  return conflicts
}

async function byKey(
  query: Query,
  columns: ColumnsKept,
  entry: BackupEntry,
): Promise<RowConflict[]> {
  const { plan } = columns.kept
  const pick = (names: readonly string[]): BackupColumn[] =>
    entry.columns.filter(({ name }) => names.includes(name))
  const sets = pick(plan.columns).map((one) => `${quoteName(one.name)} = ${valueSql(one)}`)
  const same = pick(plan.key).map((one) => `t.${quoteName(one.name)} = ${valueSql(one)}`)
  const text = `update only ${plan.table} t set ${sets.join(', ')} from ${recordsSql(entry.columns)}
    where ${same.join(' and ')}
      and not exists (select from ${staleOf(columns)} s where s.key = ${keyOf(plan.key)})`
  for await (const lines of inPortions(readEntryLines(columns.place.location, entry)))
    await query(text, [`[${lines.join(',')}]`])
  return []
}

/**
 * Rows that are alike in everything else may exchange their values: nobody can tell them apart. The
 * last columns of a table take the others along, so that what stood together stands together again.
 */
async function byContent(
  query: Query,
  columns: ColumnsKept,
  { all, isLast }: Around,
): Promise<RowConflict[]> {
  const { plan } = columns.kept
  const source = isLast ? (all[0] ?? columns) : columns
  const entry = entryOf(source, source.kept.entry)
  const kept = `pg_temp.studioops_kept_${columns.no}`
  await loadEntry(query, source, { entry, table: kept })
  const changed = new Set(all.flatMap((one) => one.kept.plan.columns))
  const others = entry.columns.filter(({ name }) => !changed.has(name))
  const written = entry.columns.flatMap(({ name }) =>
    (isLast ? changed.has(name) : plan.columns.includes(name)) ? [name] : [],
  )
  const content = (alias: string) =>
    `row(${others.map(({ name }) => `${alias}.${quoteName(name)}`).join(', ')})::text`
  const sets = written.map((name) => `${quoteName(name)} = k.${quoteName(name)}`)
  const numbered = (alias: string, from: string, rest: string) =>
    `select ${content(alias)} as content, pg_catalog.row_number() over
       (partition by ${content(alias)}) as no, ${rest} from ${from} ${alias}`
  const { rows } = await query(
    `with l as (${numbered('t', `only ${plan.table}`, 't.ctid as place')}),
       k as (${numbered('r', kept, 'r.*')}),
       put as (update only ${plan.table} t set ${sets.join(', ')} from l join k using (content, no)
         where t.ctid = l.place returning 1)
     select ((select count(*) from ${kept}) - (select count(*) from put))::text as count,
       '[]' as keys`,
  )
  await query(`drop table ${kept}`)
  return conflictOf(plan.table, rows[0])
}
