import { inPortions, recordsSql, valueSql } from '../backup/insert-lines.ts'
import type { BackupColumn } from '../backup/manifest.ts'
import { entryOf, readEntryLines, readRows } from '../backup/read-rows.ts'
import { quoteName } from '../catalog/identifier.ts'
import type { Query } from '../catalog/query.ts'
import type { CapturedTable } from './capture.ts'
import type { KeptData, KeptPlace } from './kept-data.ts'
import type { Kept } from './kept.ts'
import { readRecord } from './record-text.ts'
import { readRelation } from './relation.ts'
import type { RowConflict } from './restore-images.ts'

type TableKept = Extract<Kept, { kind: 'table' }>
type ColumnsKept = Extract<Kept, { kind: 'columns' }>
type RowsKept = Extract<Kept, { kind: 'rows' }>
type Numbers = Readonly<Record<string, number>>

/** A column may be called like something that every object has. */
const numberOf = (numbers: Numbers, name: string) =>
  Object.hasOwn(numbers, name) ? numbers[name] : undefined

/** What one transaction kept of a table, by the numbers of its columns. */
type Past = {
  readonly place: KeptPlace
  readonly columns: readonly ColumnsKept[]
  readonly rows: readonly { readonly kept: RowsKept; readonly table: CapturedTable }[]
}

/** A table of which nothing but the whole can be given back. */
export type Reversal = {
  /** Undefined where the table stands: then its rows are those that it has now. */
  readonly whole: { readonly place: KeptPlace; readonly kept: TableKept } | undefined
  readonly oid: string
  /** Qualified and quoted, as it was called before the migration. */
  readonly table: string
  /** The latest first. */
  readonly pasts: readonly Past[]
  /** Of the columns that it had before all of that, by their names then. */
  readonly numbers: Numbers
}

/**
 * Finds tables whose rows have to go back through several transactions. Keys, columns and names may
 * have changed between them; the numbers of columns do not.
 *
 * @param standing whether the rows of tables may be taken out that are still there
 */
export function reversalsOf(
  data: KeptData,
  { standing }: { readonly standing: boolean },
): Reversal[] {
  const gone = data.flatMap((place, index) =>
    place.group.kept.flatMap((kept) =>
      kept.kind === 'table' && kept.numbers !== undefined
        ? reversalOf(data.slice(0, index), { oid: kept.oid, whole: { place, kept } })
        : [],
    ),
  )
  if (!standing) return gone
  const dropped = new Set(data.flatMap(({ group }) => group.kept.flatMap(oidOfTable)))
  const keyless = new Set(data.flatMap(keylessIn))
  const left = [...keyless].filter((oid) => !dropped.has(oid))
  return [...gone, ...left.flatMap((oid) => reversalOf(data, { oid, whole: undefined }))]
}

function reversalOf(data: KeptData, { oid, whole }: Pick<Reversal, 'oid' | 'whole'>): Reversal[] {
  const pasts = data.toReversed().map((one) => pastOf(one, oid))
  const touched = pasts.filter(({ columns, rows }) => columns.length + rows.length > 0)
  const numbers = numbersOf(touched.at(-1))
  const table = whole?.kept.plan.table ?? nameBefore(touched.at(-1))
  return numbers === undefined || table === undefined
    ? []
    : [{ whole, oid, table, pasts: touched, numbers }]
}

function nameBefore(past: Past | undefined): string | undefined {
  return past?.columns[0]?.plan.table ?? past?.rows[0]?.table.name
}

const oidOfTable = (kept: Kept) => (kept.kind === 'table' ? [kept.oid] : [])

/** Tables that lost what told their rows apart, or had it converted: only the rest of a row does. */
function keylessIn({ manifest, group }: KeptPlace): string[] {
  return group.kept.flatMap((kept) => {
    if (kept.kind !== 'columns' || kept.oid === undefined || kept.numbers === undefined) return []
    const key = entryOf(manifest, kept.entry)?.key ?? []
    const isChanged = key.some((name) => kept.plan.columns.includes(name))
    return isChanged || kept.key !== undefined ? [kept.oid] : []
  })
}

function pastOf(place: KeptPlace, oid: string): Past {
  const { kept } = place.group
  return {
    place,
    columns: kept.flatMap((one) => (one.kind === 'columns' && one.oid === oid ? [one] : [])),
    rows: kept.flatMap((one) => {
      const table = one.kind === 'rows' ? one.tables.find((found) => found.oid === oid) : undefined
      return one.kind === 'rows' && table !== undefined ? [{ kept: one, table }] : []
    }),
  }
}

function numbersOf(past: Past | undefined): Numbers | undefined {
  const [columns] = past?.columns ?? []
  const [rows] = past?.rows ?? []
  if (columns?.numbers !== undefined) return columns.numbers
  return rows === undefined
    ? undefined
    : Object.fromEntries(rows.table.columns.map(({ name, attnum }) => [name, attnum]))
}

/** The same without what the reversals take care of. */
export function withoutReversed(data: KeptData, reversals: readonly Reversal[]): KeptData {
  const oids = new Set(reversals.map(({ oid }) => oid))
  const isLeft = (one: Kept) =>
    one.kind !== 'columns' || one.oid === undefined || !oids.has(one.oid)
  const without = (one: Kept): Kept =>
    one.kind === 'rows' ? { ...one, tables: one.tables.filter(({ oid }) => !oids.has(oid)) } : one
  return data.map((place) => ({
    ...place,
    group: { ...place.group, kept: place.group.kept.filter(isLeft).map(without) },
  }))
}

const state = 'pg_temp.studioops_state'
const earlier = 'pg_temp.studioops_earlier'

/**
 * Takes the rows of a table back through one transaction after the other, the latest first, in a
 * temporary table.
 *
 * @returns rows that somebody else has changed between two of the transactions, or since
 */
export async function reverseRows(query: Query, reversal: Reversal): Promise<RowConflict[]> {
  const { whole, pasts, oid, table } = reversal
  await query(`create temporary table studioops_state (content jsonb not null)`)
  if (whole === undefined) await loadLive(query, oid)
  else {
    const { place, kept } = whole
    await loadContents(query, {
      place,
      entry: kept.entry,
      numbers: kept.numbers ?? {},
      into: state,
    })
  }
  let changed = 0
  for (const past of pasts) {
    for (const { kept: images, table: imaged } of past.rows)
      changed += await unapply(query, past, { images, table: imaged })
    changed += await overlayAll(query, past)
  }
  await query(`alter table ${state} rename to ${sourceOf(reversal)}`)
  return changed === 0 ? [] : [{ table, count: changed, keys: [] }]
}

const sourceOf = ({ oid }: Reversal) => `studioops_state_${oid}`

/** Puts the reversed rows into the table that has been made again, or emptied. */
export async function bringReversed(query: Query, reversal: Reversal): Promise<void> {
  const source = `pg_temp.${sourceOf(reversal)}`
  await bring(query, reversal, source)
  await query(`drop table ${source}`)
}

async function loadLive(query: Query, oid: string): Promise<void> {
  const relation = await readRelation(query, oid)
  if (relation === undefined) throw new Error(`there is no table ${oid}`)
  const stored = relation.columns.filter(({ isGenerated }) => !isGenerated)
  const keys = stored.map(({ attnum }) => `'${attnum}'`).join(', ')
  const texts = stored.map(({ name }) => textSql(`t.${quoteName(name)}`)).join(', ')
  await query(`insert into ${state} select pg_catalog.jsonb_object(array[${keys}]::text[],
    array[${texts}]::text[]) from only ${relation.name} t`)
}

type Loading = {
  readonly place: KeptPlace
  readonly entry: string
  readonly numbers: Numbers
  readonly into: string
}

/** Rows of a backup as texts by the number of their column. */
async function loadContents(query: Query, loading: Loading): Promise<BackupColumn[]> {
  const { place, numbers, into } = loading
  const entry = entryOf(place.manifest, loading.entry)
  if (entry === undefined) throw new Error(`${place.location} has no ${loading.entry}`)
  // A type that the migration had made is gone by now, and so are the values of its columns.
  const columns: BackupColumn[] = []
  for (const column of entry.columns)
    if (numberOf(numbers, column.name) !== undefined && (await hasType(query, column)))
      columns.push(column)
  const keys = columns.map(({ name }) => `'${numberOf(numbers, name)}'`).join(', ')
  const texts = columns.map((column) => textSql(valueSql(column))).join(', ')
  const text = `insert into ${into} select pg_catalog.jsonb_object(array[${keys}]::text[],
    array[${texts}]::text[]) from ${recordsSql(columns)}`
  for await (const lines of inPortions(readEntryLines(place.location, entry)))
    await query(text, [`[${lines.join(',')}]`])
  return columns
}

/** A composite of empty fields is not empty itself. */
const textSql = (value: string) =>
  `case when pg_catalog.num_nulls(${value}) = 0 then pg_catalog.concat(${value}) end`

async function hasType(query: Query, { type }: BackupColumn): Promise<boolean> {
  const bare = type.replace(/\(\d+(?:,\s*-?\d+)?\)/, '')
  const { rows } = await query('select pg_catalog.to_regtype($1) is not null as is_there', [bare])
  return rows[0]?.['is_there'] === true
}

const batchSize = 500

type Imaged = { readonly images: RowsKept; readonly table: CapturedTable }

/** What a transaction did to the rows, backwards. @returns how many were not what it had left */
async function unapply(query: Query, past: Past, { images, table }: Imaged): Promise<number> {
  const entry = entryOf(past.place.manifest, images.entry)
  if (entry === undefined) throw new Error(`${past.place.location} has no ${images.entry}`)
  await query(`create temporary table studioops_reversal (seq bigint, old jsonb, new jsonb)`)
  const contentOf = contentsOf(past, table)
  let batch: object[] = []
  const flush = async () => {
    await query(
      `insert into pg_temp.studioops_reversal select * from pg_catalog.jsonb_to_recordset($1::jsonb)
         as e (seq bigint, old jsonb, new jsonb)`,
      [JSON.stringify(batch)],
    )
    batch = []
  }
  for await (const row of readRows(past.place.location, entry)) {
    if (String(row['relation']) !== table.oid) continue
    const of = (text: unknown) => contentOf(text, row['layout'])
    batch.push({ seq: row['seq'], old: of(row['old']), new: of(row['new']) })
    if (batch.length >= batchSize) await flush()
  }
  await flush()
  for (const text of reversingTexts(table.key)) await query(text)
  const { rows } = await query('select pg_temp.studioops_reverse()::text as missed')
  await query('drop function pg_temp.studioops_reverse()')
  await query('drop table pg_temp.studioops_reversal')
  await query('drop index if exists pg_temp.studioops_state_key')
  return Number(rows[0]?.['missed'] ?? 0)
}

/** Values that the same transaction has kept by themselves are not read from its images. */
function contentsOf({ columns }: Past, table: CapturedTable) {
  const kept = new Set(
    columns.flatMap(({ plan, numbers }) =>
      plan.columns.map((name) => numberOf(numbers ?? {}, name)),
    ),
  )
  const left = new Set(
    table.columns
      .filter(
        ({ attnum, isGenerated }) =>
          isGenerated || (kept.has(attnum) && !table.key.includes(attnum)),
      )
      .map(({ attnum }) => attnum),
  )
  return (text: unknown, layout: unknown): Readonly<Record<string, string | null>> | null => {
    if (typeof text !== 'string') return null
    const numbers =
      typeof layout === 'string'
        ? (JSON.parse(layout) as readonly number[])
        : table.columns.map(({ attnum }) => attnum)
    const values = numbers.length === 0 ? [] : readRecord(text)
    return Object.fromEntries(
      numbers.flatMap((attnum, at) => (left.has(attnum) ? [] : [[attnum, values[at] ?? null]])),
    )
  }
}

/** A row is found by its key where both sides have it, else by all that both sides have. */
function reversingTexts(key: readonly number[]): string[] {
  const same = `not exists (select from pg_catalog.jsonb_each(e.new) n
    where s.content ? n.key and s.content -> n.key is distinct from n.value)`
  const keyed = key.map((no) => `s.content ->> '${no}' = e.new ->> '${no}'`)
  const byKey = keyed.length === 0 ? 'false' : keyed.join(' and ')
  const index = key.map((no) => `(content ->> '${no}')`).join(', ')
  const indexText = `create index studioops_state_key on ${state} (${index})`
  return [
    ...(index === '' ? [] : [indexText]),
    `create function pg_temp.studioops_reverse() returns bigint language plpgsql as $reverse$
    declare e record; place tid; alike boolean; missed bigint := 0;
    begin
      for e in select * from pg_temp.studioops_reversal order by seq desc loop
        if e.new is null then
          insert into ${state} values (e.old);
          continue;
        end if;
        place := null;
        select s.ctid, ${same} into place, alike from ${state} s where ${byKey} limit 1;
        if place is null then
          select s.ctid, true into place, alike from ${state} s where ${same} limit 1;
        end if;
        if place is null or not alike then missed := missed + 1; end if;
        if e.old is null then
          delete from ${state} s where s.ctid = place;
        else
          update ${state} s set content = s.content || e.old where s.ctid = place;
        end if;
      end loop;
      return missed;
    end $reverse$`,
  ]
}

/** What columns held when a transaction began. @returns how many rows that says nothing about */
async function overlayAll(query: Query, { place, columns }: Past): Promise<number> {
  // Where rows are told apart by the rest of them, everything that stood in them was kept.
  const whole = columns.find(({ plan, key = plan.key }) => key.length === 0)
  if (whole !== undefined) return replaceAll(query, { place, whole, columns })
  for (const one of columns) await overlayByKey(query, place, one)
  return 0
}

type Whole = Pick<Past, 'place' | 'columns'> & { readonly whole: ColumnsKept }

/** Rows that came or went since, or hold something else, were somebody else's. */
async function replaceAll(query: Query, { place, whole, columns }: Whole): Promise<number> {
  await query('create temporary table studioops_earlier (content jsonb not null)')
  const { entry, numbers = {} } = whole
  const loaded = await loadContents(query, { place, entry, numbers, into: earlier })
  const changed = new Set(columns.flatMap(({ plan }) => plan.columns))
  const shared = loaded
    .filter(({ name }) => !changed.has(name))
    .map(({ name }) => `content ->> '${numberOf(numbers, name)}'`)
  const list = `pg_catalog.jsonb_build_array(${shared.join(', ')})`
  const { rows } = await query(
    `select count(*)::text as count from (
       select ${list} from ${state} except all select ${list} from ${earlier}) since`,
  )
  await query(`truncate ${state}`)
  await query(`insert into ${state} select content from ${earlier}`)
  await query(`drop table ${earlier}`)
  return Number(rows[0]?.['count'] ?? 0)
}

async function overlayByKey(query: Query, place: KeptPlace, kept: ColumnsKept): Promise<void> {
  const { plan, entry, numbers = {}, key = plan.key } = kept
  await query('create temporary table studioops_earlier (content jsonb not null)')
  await loadContents(query, { place, entry, numbers, into: earlier })
  const same = key
    .map((name) => numberOf(numbers, name) ?? 0)
    .map((no) => `s.content ->> '${no}' = e.content ->> '${no}'`)
  await query(
    `update ${state} s set content = s.content || e.content from ${earlier} e
      where ${same.join(' and ')}`,
  )
  await query(`drop table ${earlier}`)
}

async function bring(query: Query, { table, numbers }: Reversal, source: string): Promise<void> {
  const relation = await readRelation(query, table)
  if (relation === undefined) throw new Error(`there is no ${table}`)
  const columns = relation.columns.filter(
    ({ name, isGenerated }) => !isGenerated && numberOf(numbers, name) !== undefined,
  )
  const names = columns.map(({ name }) => quoteName(name)).join(', ')
  const values = columns.map(
    ({ name, type }) => `(content ->> '${numberOf(numbers, name)}')::${type}`,
  )
  await query(
    columns.length === 0
      ? `insert into ${table} select from ${source}`
      : `insert into ${table} (${names}) overriding system value select ${values.join(', ')} from ${source}`,
  )
}
