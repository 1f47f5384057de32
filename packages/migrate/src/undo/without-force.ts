import type { Query } from '../catalog/query.ts'

/**
 * Works on tables of ours whose owner is held to the policies of rows as well: for that long the owner
 * sees every row. Others see no difference, because the tables are locked.
 */
export async function withoutForce<Result>(
  query: Query,
  tables: readonly string[],
  work: () => Promise<Result>,
): Promise<Result> {
  const forced = await forcedOf(query, tables)
  for (const name of forced) await alter(query, name, 'no force')
  const result = await work()
  for (const name of forced) await alter(query, name, 'force')
  return result
}

function alter(query: Query, table: string, how: 'force' | 'no force') {
  return query(`alter table ${table} ${how} row level security`)
}

/** Whoever may pass by all policies needs nothing, and whoever does not own the table can do nothing. */
async function forcedOf(query: Query, tables: readonly string[]): Promise<string[]> {
  if (tables.length === 0) return []
  const { rows } = await query(
    `select n.name from unnest($1::text[]) as n (name)
       join pg_catalog.pg_class c on c.oid = pg_catalog.to_regclass(n.name)::oid
       join pg_catalog.pg_roles r on r.rolname = current_user
      where c.relrowsecurity and c.relforcerowsecurity and not r.rolsuper and not r.rolbypassrls
        and pg_catalog.pg_has_role(c.relowner, 'USAGE')`,
    [tables],
  )
  return rows.map(({ name }) => String(name))
}
