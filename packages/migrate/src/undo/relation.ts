import type { Query } from '../catalog/query.ts'
import { jsonCell } from './json-cell.ts'

export type RelationColumn = {
  /** Its number in the catalog, which a rename does not change. */
  readonly attnum: number
  readonly name: string
  /** As SQL writes it, qualified. */
  readonly type: string
  readonly isGenerated: boolean
  /** GENERATED ALWAYS AS IDENTITY: only OVERRIDING SYSTEM VALUE writes it. */
  readonly isAlwaysIdentity: boolean
}

/** A table with rows of its own, as it stands now; partitions are tables like others. */
export type Relation = {
  readonly oid: string
  /** Qualified and quoted. */
  readonly name: string
  readonly isPartition: boolean
  /** It has no rows of its own: its partitions have them. */
  readonly isPartitioned: boolean
  readonly columns: readonly RelationColumn[]
  /** Of the primary key, unquoted. */
  readonly key: readonly string[]
}

const relationSql = `
  select c.oid::text as oid, c.relispartition as is_partition,
    c.relkind = 'p' as is_partitioned,
    pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname) as name,
    (select pg_catalog.json_agg(pg_catalog.json_build_object('attnum', a.attnum, 'name', a.attname,
        'type', pg_catalog.format_type(a.atttypid, a.atttypmod),
        'isGenerated', a.attgenerated <> '', 'isAlwaysIdentity', a.attidentity = 'a')
        order by a.attnum)
       from pg_catalog.pg_attribute a
      where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped)::text as columns,
    (select pg_catalog.json_agg(a.attname order by k.place) from pg_catalog.pg_index i
       cross join unnest(i.indkey[0:i.indnkeyatts - 1]) with ordinality as k (attnum, place)
       join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum = k.attnum
      where i.indrelid = c.oid and i.indisprimary)::text as key
   from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  where c.oid = case when $1 ~ '^[0-9]+$' then $1::oid else pg_catalog.to_regclass($1)::oid end
    and c.relkind in ('r', 'p')`

/**
 * Reads it under the settings of a backup: types are written qualified only where no path finds them.
 *
 * @param name qualified and quoted, or the number of the table
 * @returns undefined where there is no such table
 */
export async function readRelation(query: Query, name: string): Promise<Relation | undefined> {
  const { rows } = await query(relationSql, [name])
  const [row] = rows
  if (row === undefined) return undefined
  return {
    oid: String(row['oid']),
    name: String(row['name']),
    isPartition: row['is_partition'] === true,
    isPartitioned: row['is_partitioned'] === true,
    columns: jsonCell<readonly RelationColumn[]>(row['columns'], []),
    key: jsonCell<readonly string[]>(row['key'], []),
  }
}
