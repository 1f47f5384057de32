import { quoteName } from '../catalog/identifier.ts'
import type { Query, Row } from '../catalog/query.ts'
import type { BackupSequence } from './manifest.ts'

export type TableColumn = {
  readonly name: string
  /** As SQL writes it, qualified. */
  readonly type: string
  /** JSON has a value of its own for it: small integers and booleans. */
  readonly isPlain: boolean
  /** Computed by the table; it can be read but not written. */
  readonly isGenerated: boolean
}

/** A table as it stands in the database. */
export type Table = {
  readonly oid: number
  readonly schema: string
  /** Without the schema, unquoted. */
  readonly table: string
  /** Qualified and quoted. */
  readonly name: string
  readonly isPartitioned: boolean
  readonly columns: readonly TableColumn[]
  /** Of the primary key, unquoted. */
  readonly key: readonly string[]
  /** Its rows with what is stored beside them, without indexes. */
  readonly sizeBytes: number
  /** As the server estimates it; -1 where it was never counted. */
  readonly estimatedRows: number
}

/**
 * Tables of a database with rows of their own: no partitions (their parent has their rows), no
 * temporary, foreign or system tables, nothing that belongs to an extension. By schema and name.
 */
export async function readTables(
  query: Query,
  { names }: { readonly names?: readonly string[] } = {},
): Promise<Table[]> {
  const one = names === undefined ? '' : `and c.oid = any ($1::text[]::pg_catalog.regclass[])`
  const { rows } = await query(
    `select c.oid::text, n.nspname as schema, c.relname as name, c.relkind = 'p' as is_partitioned,
        c.reltuples::text as estimate,
        case when c.relkind = 'p' then (
          select coalesce(sum(pg_catalog.pg_table_size(p.relid)), 0)
            from pg_catalog.pg_partition_tree(c.oid) p where p.isleaf and p.relid <> c.oid)
          else pg_catalog.pg_table_size(c.oid) end::text as size,
        (select pg_catalog.json_agg(pg_catalog.json_build_array(a.attname,
              pg_catalog.format_type(a.atttypid, a.atttypmod),
              a.atttypid in (16, 21, 23), a.attgenerated <> '') order by a.attnum)
          from pg_catalog.pg_attribute a
          where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped)::text as columns,
        (select pg_catalog.json_agg(a.attname order by k.place)
          from pg_catalog.pg_index i
          cross join unnest(i.indkey[0:i.indnkeyatts - 1]) with ordinality as k (attnum, place)
          join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum = k.attnum
          where i.indrelid = c.oid and i.indisprimary)::text as key
      from pg_catalog.pg_class c
      join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      where c.relkind in ('r', 'p') and c.relpersistence <> 't' and not c.relispartition
        and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
        and not exists (select 1 from pg_catalog.pg_depend d where d.classid = 1259
          and d.objid = c.oid and d.objsubid = 0 and d.deptype = 'e') ${one}
      order by n.nspname collate "C", c.relname collate "C"`,
    names === undefined ? [] : [names],
  )
  return rows.map(toTable)
}

type ColumnRow = readonly [name: string, type: string, isPlain: boolean, isGenerated: boolean]

function toTable(row: Row): Table {
  const [schema, table] = [String(row['schema']), String(row['name'])]
  const columns = listOf(row['columns']) as readonly ColumnRow[]
  return {
    oid: Number(row['oid']),
    schema,
    table,
    name: `${quoteName(schema)}.${quoteName(table)}`,
    isPartitioned: row['is_partitioned'] === true,
    columns: columns.map(([name, type, isPlain, isGenerated]) => ({
      name,
      type,
      isPlain,
      isGenerated,
    })),
    key: listOf(row['key']) as readonly string[],
    sizeBytes: Number(row['size']),
    estimatedRows: Number(row['estimate']),
  }
}

function listOf(text: unknown): readonly unknown[] {
  return typeof text === 'string' ? (JSON.parse(text) as readonly unknown[]) : []
}

/** Names that are tables of the database, as they were given; what is missing is not among them. */
export async function existingNames(query: Query, names: readonly string[]): Promise<Set<string>> {
  const { rows } = await query(
    `select n.name from unnest($1::text[]) as n (name)
      where pg_catalog.to_regclass(n.name) is not null`,
    [names],
  )
  return new Set(rows.map(({ name }) => String(name)))
}

/**
 * Sequences of the database with where they stand; they know no transaction. `usedBy`: only those
 * that the tables own or that give the defaults of their columns.
 */
export async function readSequences(
  query: Query,
  { usedBy }: { readonly usedBy?: readonly string[] } = {},
): Promise<BackupSequence[]> {
  const tables = `$1::text[]::pg_catalog.regclass[]`
  const used = `and (t.oid = any (${tables}) or c.oid in (
    select u.refobjid from pg_catalog.pg_attrdef f
      join pg_catalog.pg_depend u on u.classid = 2604 and u.objid = f.oid and u.refclassid = 1259
      where f.adrelid = any (${tables})))`
  const { rows } = await query(
    `select n.nspname as schema, c.relname as name, tn.nspname as table_schema,
        t.relname as table_name, a.attname as column_name
      from pg_catalog.pg_class c
      join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      left join pg_catalog.pg_depend d on d.classid = 1259 and d.objid = c.oid
        and d.refclassid = 1259 and d.refobjsubid > 0 and d.deptype in ('a', 'i')
      left join pg_catalog.pg_class t on t.oid = d.refobjid
      left join pg_catalog.pg_namespace tn on tn.oid = t.relnamespace
      left join pg_catalog.pg_attribute a on a.attrelid = t.oid and a.attnum = d.refobjsubid
      where c.relkind = 'S' and c.relpersistence <> 't'
        and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
        and not exists (select 1 from pg_catalog.pg_depend e where e.classid = 1259
          and e.objid = c.oid and e.deptype = 'e') ${usedBy === undefined ? '' : used}
      order by n.nspname collate "C", c.relname collate "C"`,
    usedBy === undefined ? [] : [usedBy],
  )
  const sequences: BackupSequence[] = []
  for (const row of rows) {
    const name = `${quoteName(String(row['schema']))}.${quoteName(String(row['name']))}`
    const owner = typeof row['column_name'] === 'string' ? ownerOf(row) : undefined
    sequences.push({ name, ...(await readSequence(query, name)), ...(owner && { owner }) })
  }
  return sequences
}

function ownerOf(row: Row): NonNullable<BackupSequence['owner']> {
  const table = `${quoteName(String(row['table_schema']))}.${quoteName(String(row['table_name']))}`
  return { table, column: String(row['column_name']) }
}

/** @param name qualified and quoted */
export async function readSequence(
  query: Query,
  name: string,
): Promise<Pick<BackupSequence, 'lastValue' | 'isCalled'>> {
  const { rows } = await query(`select last_value::text as value, is_called from ${name}`)
  return { lastValue: String(rows[0]?.['value']), isCalled: rows[0]?.['is_called'] === true }
}
