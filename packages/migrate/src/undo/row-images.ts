import { readRows } from '../backup/read-rows.ts'
import type { Query } from '../catalog/query.ts'
import type { CapturedColumn, CapturedTable, TableAfter } from './capture.ts'
import type { KeptData, KeptPlace } from './kept-data.ts'
import type { Kept } from './kept.ts'
import { readRecord } from './record-text.ts'

/** A table whose rows a migration has written, as it was called before and after. */
export type ImagedTable = {
  readonly oid: string
  /** Qualified and quoted. */
  readonly nameBefore: string
  /** Undefined where the migration dropped it. */
  readonly nameAfter: string | undefined
  /** By number. */
  readonly columns: ReadonlyMap<number, CapturedColumn>
  readonly namesAfter: Readonly<Record<string, string>>
  /** Numbers of the primary key; empty: rows are told apart by all that they hold. */
  readonly key: readonly number[]
}

type RowsKept = Extract<Kept, { kind: 'rows' }>

/** All tables of all transactions, by OID. */
export function imagedTables(data: KeptData): ImagedTable[] {
  const tables = new Map<string, ImagedTable>()
  for (const { kept, index } of rowsOf(data)) {
    // A later transaction may have dropped what still stood at the end of this one.
    const dropped = new Set(data.slice(index + 1).flatMap(tablesKept))
    for (const table of kept.tables) {
      const after = dropped.has(table.oid) ? undefined : kept.after[table.oid]
      tables.set(table.oid, merge(tables.get(table.oid), table, after))
    }
  }
  return [...tables.values()]
}

/** Tables that were written while nobody watched. */
export function unseenOf(data: KeptData): string[] {
  return [...new Set(rowsOf(data).flatMap(({ kept }) => kept.unseen))]
}

export function rowsOf(
  data: KeptData,
): { readonly place: KeptPlace; readonly kept: RowsKept; readonly index: number }[] {
  return data.flatMap((place, index) =>
    place.group.kept.flatMap((kept) => (kept.kind === 'rows' ? [{ place, kept, index }] : [])),
  )
}

function merge(
  known: ImagedTable | undefined,
  table: CapturedTable,
  after: TableAfter | undefined,
): ImagedTable {
  const columns = new Map(known?.columns)
  for (const column of table.columns)
    if (!columns.has(column.attnum)) columns.set(column.attnum, column)
  const ends = { nameAfter: after?.name, namesAfter: after?.columns ?? {} }
  if (known !== undefined) return { ...known, columns, ...ends }
  return { oid: table.oid, nameBefore: table.name, columns, key: table.key, ...ends }
}

/**
 * Loads the images into temporary tables of the open transaction. `studioops_slots` has what each
 * key held before the migration and after it; `studioops_contents` how many rows with the same
 * content came, of tables without a key.
 */
export async function loadImages(query: Query, data: KeptData): Promise<void> {
  await query(
    `create temporary table studioops_events (tbl oid, seq numeric, phase integer, key jsonb,
       content jsonb) on commit drop`,
  )
  const keys = new Map(imagedTables(data).map(({ oid, key }) => [oid, key]))
  for (const { place, kept, index } of rowsOf(data)) {
    // What happened to a table after all of it was kept comes back with the whole.
    const whole = new Set(data.slice(0, index + 1).flatMap(tablesKept))
    const tables = kept.tables
      .filter(({ oid }) => !whole.has(oid))
      .map((table) => withKey(table, keys.get(table.oid)))
    if (tables.length === 0) continue
    const hidden = hiddenIn(tables, data.slice(0, index + 1))
    await loadGroup(query, { place, kept: { ...kept, tables }, index, hidden })
  }
  await query(slotsSql)
  if (rowsOf(data).length > 1) await query(brokenSql)
  await query('create index on pg_temp.studioops_slots (tbl)')
  await query(contentsSql)
}

/** Rows are told apart by the key that they had first, for as long as its columns are there. */
function withKey(table: CapturedTable, first: readonly number[] = table.key): CapturedTable {
  const isThere = first.every((no) => table.columns.some(({ attnum }) => attnum === no))
  return isThere ? { ...table, key: first } : table
}

/**
 * Columns of which an image may hold what the migration has made of them; what was kept of all rows
 * when its transaction began says what they were. By OID, their numbers.
 */
function hiddenIn(tables: readonly CapturedTable[], data: KeptData) {
  const kept = data.flatMap(({ group }) =>
    group.kept.flatMap((one) => (one.kind === 'columns' ? [one] : [])),
  )
  return new Map(
    tables.map((table) => {
      const { oid, columns, key } = table
      const numbers = new Set(kept.flatMap((one) => numbersKept(one, table)))
      const hidden = columns.filter(({ attnum }) => numbers.has(attnum) && !key.includes(attnum))
      return [oid, new Set(hidden.map(({ attnum }) => attnum))] as const
    }),
  )
}

/** By number where the backup says it: names may have changed places in between. */
function numbersKept(
  { plan, oid, numbers }: Extract<Kept, { kind: 'columns' }>,
  table: CapturedTable,
): (number | undefined)[] {
  if (oid !== undefined && numbers !== undefined)
    return oid === table.oid ? plan.columns.map((name) => numbers[name]) : []
  if (plan.table !== table.name) return []
  return table.columns.filter(({ name }) => plan.columns.includes(name)).map(({ attnum }) => attnum)
}

function tablesKept({ group }: KeptPlace): string[] {
  return group.kept.flatMap((kept) => (kept.kind === 'table' ? [kept.oid] : []))
}

const slotsSql = `
  create temporary table studioops_slots on commit drop as
  select s.*, false as conflict, false as broken from (
    select tbl, key,
      (pg_catalog.array_agg(case when phase = 0 then content end order by seq, phase))[1] as initial,
      (pg_catalog.array_agg(case when phase = 1 then content end
        order by seq desc, phase desc))[1] as final
    from pg_temp.studioops_events where key is not null group by tbl, key) s
  where s.initial is distinct from s.final`

/** Between two transactions somebody else has changed the row: its first image is not what was. */
const brokenSql = `
  update pg_temp.studioops_slots s set broken = true from (
    select e.tbl, e.key, e.phase, e.content, pg_catalog.lag(e.phase) over w as phase_before,
      pg_catalog.lag(e.content) over w as content_before
      from pg_temp.studioops_events e where e.key is not null
    window w as (partition by e.tbl, e.key order by e.seq, e.phase)) x
   where x.tbl = s.tbl and x.key = s.key and (x.phase = x.phase_before
     or x.phase = 0 and x.phase_before = 1 and x.content <> x.content_before
       and array(select k from pg_catalog.jsonb_object_keys(x.content) k order by k)
         = array(select k from pg_catalog.jsonb_object_keys(x.content_before) k order by k))`

const contentsSql = `
  create temporary table studioops_contents on commit drop as
  select tbl, content, sum(case phase when 1 then 1 else -1 end)::integer as added
    from pg_temp.studioops_events where key is null group by tbl, content
  having sum(case phase when 1 then 1 else -1 end) <> 0`

type Group = {
  readonly place: KeptPlace
  readonly kept: RowsKept
  readonly index: number
  readonly hidden: ReadonlyMap<string, ReadonlySet<number>>
}

const batchSize = 500
/** Images of a later transaction come after those of an earlier one. */
const groupSpan = 1_000_000_000_000_000

async function loadGroup(query: Query, { place, kept, index, hidden }: Group): Promise<void> {
  const tables = new Map(kept.tables.map((table) => [table.oid, table]))
  const entry = place.manifest.entries.find(({ name }) => name === kept.entry)
  if (entry === undefined) throw new Error(`${place.location} has no ${kept.entry}`)
  let batch: Event[] = []
  for await (const row of readRows(place.location, entry)) {
    const table = tables.get(String(row['relation']))
    if (table === undefined) continue
    const without = hidden.get(table.oid) ?? new Set()
    batch.push(...eventsOf(row as ImageRow, table, { index, without }))
    if (batch.length < batchSize) continue
    await insertEvents(query, batch)
    batch = []
  }
  await insertEvents(query, batch)
}

type ImageRow = {
  readonly seq: string
  readonly old: string | null
  readonly new: string | null
  readonly layout: string | null
}

type Event = {
  readonly tbl: string
  readonly seq: string
  /** 0: the row leaves; 1: the row comes. */
  readonly phase: 0 | 1
  readonly key: readonly (string | null)[] | null
  /** Texts by number of the column. */
  readonly content: Readonly<Record<string, string | null>>
}

type Within = { readonly index: number; readonly without: ReadonlySet<number> }

function eventsOf(row: ImageRow, table: CapturedTable, { index, without }: Within): Event[] {
  const layout =
    row.layout === null
      ? table.columns.map(({ attnum }) => attnum)
      : (JSON.parse(row.layout) as readonly number[])
  const left = new Set([
    ...without,
    ...table.columns.flatMap(({ attnum, isGenerated }) => (isGenerated ? [attnum] : [])),
  ])
  const seq = String(BigInt(index) * BigInt(groupSpan) + BigInt(row.seq))
  const event = (phase: Event['phase'], text: string | null): Event[] => {
    if (text === null) return []
    const values = layout.length === 0 ? [] : readRecord(text)
    const content = Object.fromEntries(
      layout.flatMap((attnum, at) =>
        left.has(attnum) ? [] : [[String(attnum), values[at] ?? null] as const],
      ),
    )
    const key = table.key.length === 0 ? null : table.key.map((no) => content[no] ?? null)
    return [{ tbl: table.oid, seq, phase, key, content }]
  }
  return [...event(0, row.old), ...event(1, row.new)]
}

async function insertEvents(query: Query, events: readonly Event[]): Promise<void> {
  if (events.length === 0) return
  await query(
    `insert into pg_temp.studioops_events
     select * from pg_catalog.jsonb_to_recordset($1::jsonb)
       as e (tbl oid, seq numeric, phase integer, key jsonb, content jsonb)`,
    [JSON.stringify(events)],
  )
}
