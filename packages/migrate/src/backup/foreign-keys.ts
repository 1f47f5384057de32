import { quoteName } from '../catalog/identifier.ts'
import type { Query } from '../catalog/query.ts'

/** A foreign key, by its tables as SQL writes them. */
export type ForeignKey = {
  readonly name: string
  readonly child: string
  /** Unquoted, in the order of `parentColumns`. */
  readonly columns: readonly string[]
  readonly parent: string
  readonly parentColumns: readonly string[]
  /** As `pg_get_constraintdef` writes it. */
  readonly definition: string
}

/** Foreign keys that lead to one of the tables or away from it; those of partitions are their parent's. */
export async function readForeignKeys(
  query: Query,
  tables: readonly string[],
): Promise<ForeignKey[]> {
  const { rows } = await query(
    `with keys as (
        select k.*, coalesce(pg_catalog.pg_partition_root(k.conrelid), k.conrelid) as child,
            coalesce(pg_catalog.pg_partition_root(k.confrelid), k.confrelid) as parent
          from pg_catalog.pg_constraint k where k.contype = 'f' and k.conparentid = 0),
      names as (
        select k.oid, list.is_parent, pg_catalog.json_agg(a.attname order by list.place) as columns
          from keys k cross join lateral (
            select false as is_parent, attnum, place from unnest(k.conkey) with ordinality u (attnum, place)
            union all
            select true, attnum, place from unnest(k.confkey) with ordinality u (attnum, place)) list
          join pg_catalog.pg_attribute a on a.attnum = list.attnum
            and a.attrelid = case when list.is_parent then k.confrelid else k.conrelid end
          group by k.oid, list.is_parent)
      select k.conname as name, cn.nspname as child_schema, c.relname as child_table,
          pn.nspname as parent_schema, p.relname as parent_table,
          pg_catalog.pg_get_constraintdef(k.oid) as definition,
          (select n.columns from names n where n.oid = k.oid and not n.is_parent)::text as columns,
          (select n.columns from names n where n.oid = k.oid and n.is_parent)::text as parent_columns
        from keys k
        join pg_catalog.pg_class c on c.oid = k.child
        join pg_catalog.pg_namespace cn on cn.oid = c.relnamespace
        join pg_catalog.pg_class p on p.oid = k.parent
        join pg_catalog.pg_namespace pn on pn.oid = p.relnamespace
        where k.child = any ($1::text[]::pg_catalog.regclass[])
          or k.parent = any ($1::text[]::pg_catalog.regclass[])
        order by cn.nspname collate "C", c.relname collate "C", k.conname collate "C"`,
    [tables],
  )
  return rows.map((row) => ({
    name: String(row['name']),
    child: `${quoteName(String(row['child_schema']))}.${quoteName(String(row['child_table']))}`,
    columns: JSON.parse(String(row['columns'])) as readonly string[],
    parent: `${quoteName(String(row['parent_schema']))}.${quoteName(String(row['parent_table']))}`,
    parentColumns: JSON.parse(String(row['parent_columns'])) as readonly string[],
    definition: String(row['definition']),
  }))
}

/**
 * Tables in the order in which rows can be put into them. Those that refer to each other, or to
 * themselves, come together: their rows have to come in one statement.
 */
export function inOrderOfKeys(
  tables: readonly string[],
  keys: readonly Pick<ForeignKey, 'child' | 'parent'>[],
): string[][] {
  const waiting = new Set(tables)
  const groups: string[][] = []
  while (waiting.size > 0) {
    const isFree = (table: string) =>
      keys.every(({ child, parent }) => child !== table || parent === table || !waiting.has(parent))
    const free = [...waiting].filter(isFree)
    // Nothing is free: what is left hangs on a cycle.
    groups.push(...(free.length > 0 ? free.map((table) => [table]) : [[...waiting]]))
    for (const table of free.length > 0 ? free : [...waiting]) waiting.delete(table)
  }
  return groups
}
