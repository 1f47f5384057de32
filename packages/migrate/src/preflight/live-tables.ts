import type { Query } from '../catalog/query.ts'
import { readServerError } from '../shadow/server-error.ts'

/** How big a live table is. */
export type TableFacts = {
  /** Qualified and quoted, as it is called now. */
  readonly table: string
  /** With indexes, TOAST and all partitions. */
  readonly bytes: number
  /** The server's estimate; undefined where it never looked. */
  readonly rows: number | undefined
}

/** @param oids of tables, views included for nothing */
export async function readTables(query: Query, oids: readonly number[]): Promise<TableFacts[]> {
  if (oids.length === 0) return []
  await query('savepoint studioops_sizes')
  try {
    const { rows } = await query(tablesSql, [oids])
    return rows.map((row) => ({
      table: String(row['name']),
      bytes: Number(row['bytes']),
      rows: Number(row['rows']) < 0 ? undefined : Number(row['rows']),
    }))
  } catch (thrown) {
    // Somebody holds one of them against readers; nobody waits for a size.
    if (readServerError(thrown)?.sqlstate !== '55P03') throw thrown
    return []
  } finally {
    await query('rollback to savepoint studioops_sizes')
    await query('release savepoint studioops_sizes')
  }
}

const tablesSql = `
  select format('%I.%I', n.nspname, c.relname) as name, sizes.bytes, sizes.rows
  from unnest($1::oid[]) as t (oid)
  join pg_catalog.pg_class c on c.oid = t.oid
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  cross join lateral (
    select sum(pg_catalog.pg_total_relation_size(l.relid))::text as bytes,
      case when bool_or(lc.reltuples >= 0) then sum(greatest(lc.reltuples, 0)) else -1 end::text as rows
    from (select relid from pg_catalog.pg_partition_tree(t.oid) where isleaf
          union all select t.oid::regclass where c.relkind <> 'p' and not c.relispartition) as l
    join pg_catalog.pg_class lc on lc.oid = l.relid) as sizes
  where c.relkind in ('r', 'p', 'm') and sizes.bytes is not null
  order by 1`

/** Whether a table has no row at all; undefined where it could not be read. */
export async function readIsEmpty(query: Query, table: string): Promise<boolean | undefined> {
  await query('savepoint studioops_empty')
  try {
    const { rows } = await query(`select exists (select from ${table}) as has_rows`)
    return rows[0]?.['has_rows'] === false
  } catch (thrown) {
    if (readServerError(thrown) === undefined) throw thrown
    return undefined
  } finally {
    await query('rollback to savepoint studioops_empty')
    await query('release savepoint studioops_empty')
  }
}
