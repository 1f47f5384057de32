import type { Query } from '../catalog/query.ts'
import { jsonCell } from './json-cell.ts'

/** A column when the capturing began. */
export type CapturedColumn = {
  /** Its number in the catalog, which a rename does not change. */
  readonly attnum: number
  readonly name: string
  /** As SQL writes it, qualified. */
  readonly type: string
  readonly isGenerated: boolean
}

/** A table whose rows are watched. */
export type CapturedTable = {
  readonly oid: string
  /** Qualified and quoted. */
  readonly name: string
  readonly columns: readonly CapturedColumn[]
  /** Numbers of the columns of the primary key; empty where there is none. */
  readonly key: readonly number[]
}

/** What a captured table is called when the capturing ends; without a name it is gone. */
export type TableAfter = {
  readonly name: string | undefined
  /** Names by number. */
  readonly columns: Readonly<Record<string, string>>
}

/** Row images are being taken. */
export type Capture = {
  readonly tables: readonly CapturedTable[]
  /** Rows written so far by this transaction, of tables by OID. */
  readonly written: ReadonlyMap<string, string>
}

/** Sorts before the triggers of foreign keys and of people, so that images come in order. */
const trigger = '"!studioops_capture"'
const images = 'pg_temp.studioops_row_images'

/** Rows of the images in the order in which they came; every column is text. */
export const imagesSql = `select seq, relation::text as relation, op::text as op, old, new, layout from ${images}`

export const imageColumns = [
  { name: 'seq', type: 'bigint' },
  { name: 'relation', type: 'text' },
  { name: 'op', type: 'text' },
  { name: 'old', type: 'text' },
  { name: 'new', type: 'text' },
  { name: 'layout', type: 'text' },
] as const

/**
 * Begins to take an image of every row of these tables that is inserted, changed or removed, and of
 * tables that foreign keys take along. The tables are locked, and nothing is left when it ends.
 *
 * @param careful the columns of the tables change between two statements that write rows
 */
export async function beginCapture(
  query: Query,
  { names, careful }: { readonly names: readonly string[]; readonly careful: boolean },
): Promise<Capture> {
  const tables = await reachedTables(query, names)
  if (tables.length === 0) return { tables, written: new Map() }
  await query(lockText(tables.map(({ name }) => name)))
  await query(
    `create temporary table studioops_row_images (seq bigint generated always as identity,
       relation oid not null, op "char" not null, old text, new text, layout text) on commit drop`,
  )
  await query(functionText)
  for (const { name } of tables) for (const text of triggerTexts(name, careful)) await query(text)
  return { tables, written: await rowsWritten(query) }
}

/** Locks tables and nobody's children. The same order everywhere keeps two runners from a deadlock. */
export function lockText(names: readonly string[]): string {
  const sorted = [...new Set(names)].toSorted()
  return `lock table ${sorted.map((name) => `only ${name}`).join(', ')} in access exclusive mode`
}

const reachedSql = `
  with recursive reached (oid) as (
    select pg_catalog.to_regclass(n.name)::oid from unnest($1::text[]) as n (name)
    union
    select next.oid from reached r cross join lateral (
      select i.inhrelid as oid from pg_catalog.pg_inherits i where i.inhparent = r.oid
      union all
      select k.conrelid from pg_catalog.pg_constraint k where k.contype = 'f' and k.confrelid = r.oid
        and (k.confdeltype in ('c', 'n', 'd') or k.confupdtype in ('c', 'n', 'd'))) next)
  select c.oid::text as oid, pg_catalog.quote_ident(n.nspname) || '.' ||
      pg_catalog.quote_ident(c.relname) as name,
    (select pg_catalog.json_agg(pg_catalog.json_build_object('attnum', a.attnum, 'name', a.attname,
        'type', pg_catalog.format_type(a.atttypid, a.atttypmod),
        'isGenerated', a.attgenerated <> '') order by a.attnum)
       from pg_catalog.pg_attribute a
      where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped)::text as columns,
    (select pg_catalog.json_agg(k.attnum order by k.place) from pg_catalog.pg_index i
       cross join unnest(i.indkey[0:i.indnkeyatts - 1]) with ordinality as k (attnum, place)
      where i.indrelid = c.oid and i.indisprimary)::text as key
  from reached r join pg_catalog.pg_class c on c.oid = r.oid
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  where c.relkind = 'r' and c.relpersistence <> 't'
  order by c.oid`

async function reachedTables(query: Query, names: readonly string[]): Promise<CapturedTable[]> {
  const { rows } = await query(reachedSql, [names])
  return rows.map((row) => ({
    oid: String(row['oid']),
    name: String(row['name']),
    columns: jsonCell<readonly CapturedColumn[]>(row['columns'], []),
    key: jsonCell<readonly number[]>(row['key'], []),
  }))
}

/** Runs as its maker, whatever role the file puts on, and writes every value in one spelling. */
const functionText = `
create function pg_temp.studioops_capture() returns trigger language plpgsql security definer
  set search_path = pg_catalog, pg_temp set timezone = 'UTC' set datestyle = 'ISO, YMD'
  set intervalstyle = 'postgres' set extra_float_digits = '1' set bytea_output = 'hex'
  set lc_monetary = 'C' set xmloption = 'content' as $capture$
declare layout text;
begin
  if tg_nargs > 0 then
    select pg_catalog.json_agg(a.attnum order by a.attnum)::text into layout
      from pg_catalog.pg_attribute a
     where a.attrelid = tg_relid and a.attnum > 0 and not a.attisdropped;
  end if;
  if tg_op = 'INSERT' then
    insert into ${images} (relation, op, new, layout) values (tg_relid, 'I', new::text, layout);
  elsif tg_op = 'UPDATE' then
    insert into ${images} (relation, op, old, new, layout)
    values (tg_relid, 'U', old::text, new::text, layout);
  elsif tg_op = 'DELETE' then
    insert into ${images} (relation, op, old, layout) values (tg_relid, 'D', old::text, layout);
  else
    execute pg_catalog.format('insert into ${images} (relation, op, old, layout)
      select %s, ''D'', t::text, %L from only %I.%I t', tg_relid, layout, tg_table_schema,
      tg_table_name);
  end if;
  return null;
end $capture$`

/** ALWAYS: a file may have put itself into the role of a replica. */
function triggerTexts(table: string, careful: boolean): string[] {
  const call = `execute function pg_temp.studioops_capture(${careful ? `'layouts'` : ''})`
  const truncating = `"!studioops_capture_truncate"`
  return [
    `create trigger ${trigger} after insert or update or delete on ${table} for each row ${call}`,
    `create trigger ${truncating} before truncate on ${table} for each statement ${call}`,
    `alter table only ${table} enable always trigger ${trigger}`,
    `alter table only ${table} enable always trigger ${truncating}`,
  ]
}

async function rowsWritten(query: Query): Promise<Map<string, string>> {
  const { rows } = await query(
    `select s.relid::text as oid, (s.n_tup_ins + s.n_tup_upd + s.n_tup_del)::text as count
       from pg_catalog.pg_stat_xact_user_tables s
       join pg_catalog.pg_class c on c.oid = s.relid and c.relpersistence <> 't'`,
  )
  return new Map(rows.map(({ oid, count }) => [String(oid), String(count)]))
}

/** The state of the captured tables now, by OID. */
export async function tablesAfter(
  query: Query,
  { tables }: Capture,
): Promise<ReadonlyMap<string, TableAfter>> {
  const { rows } = await query(
    `select c.oid::text as oid, pg_catalog.quote_ident(n.nspname) || '.' ||
        pg_catalog.quote_ident(c.relname) as name,
      (select pg_catalog.json_object_agg(a.attnum, a.attname) from pg_catalog.pg_attribute a
        where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped)::text as columns
     from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where c.oid = any ($1::oid[])`,
    [tables.map(({ oid }) => oid)],
  )
  return new Map(
    rows.map(({ oid, name, columns }) => [
      String(oid),
      { name: String(name), columns: jsonCell<TableAfter['columns']>(columns, {}) },
    ]),
  )
}

/**
 * Tables that the transaction wrote and nobody watched, such as those that somebody's trigger fills;
 * new ones are not among them.
 */
export async function unseenTables(
  query: Query,
  { tables, written }: Capture,
  { existedBefore }: { readonly existedBefore: ReadonlySet<string> },
): Promise<string[]> {
  const now = await rowsWritten(query)
  const watched = new Set(tables.map(({ oid }) => oid))
  const unseen = [...now].flatMap(([oid, count]) =>
    watched.has(oid) || !existedBefore.has(oid) || written.get(oid) === count ? [] : [oid],
  )
  if (unseen.length === 0) return []
  const { rows } = await query(
    `select pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname) as name
       from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      where c.oid = any ($1::oid[]) order by 1`,
    [unseen],
  )
  return rows.map(({ name }) => String(name))
}

/** OIDs of all tables that can hold rows of people. */
export async function allTableOids(query: Query): Promise<Set<string>> {
  const { rows } = await query(
    `select c.oid::text as oid from pg_catalog.pg_class c
      where c.relkind = 'r' and c.oid >= 16384 and c.relpersistence <> 't'`,
  )
  return new Set(rows.map(({ oid }) => String(oid)))
}

/** Leaves nothing of the capturing behind. The images have to be exported before. */
export async function endCapture(
  query: Query,
  { tables }: Capture,
  after: ReadonlyMap<string, TableAfter>,
): Promise<void> {
  if (tables.length === 0) return
  for (const { oid } of tables) {
    const name = after.get(oid)?.name
    if (name === undefined) continue
    const texts = [trigger, '"!studioops_capture_truncate"'].map(
      (one) => `drop trigger if exists ${one} on ${name}`,
    )
    for (const text of texts) await query(text)
  }
  await query('drop function pg_temp.studioops_capture()')
  await query(`drop table ${images}`)
}
