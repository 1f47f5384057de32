import { readForeignKeys } from '../backup/foreign-keys.ts'
import { quoteName } from '../catalog/identifier.ts'
import type { Query } from '../catalog/query.ts'

/** Rows of a child whose parent is not there. */
export type Orphans = {
  readonly child: string
  /** As the catalog writes the foreign key. */
  readonly definition: string
  readonly count: number
  readonly keys: readonly string[]
}

const keysShown = 5

/** Looks for rows that nothing has checked while foreign keys slept. */
export async function findOrphans(query: Query, tables: readonly string[]): Promise<Orphans[]> {
  const orphans: Orphans[] = []
  for (const key of await readForeignKeys(query, tables)) {
    if (/ NOT VALID$| NOT ENFORCED$/.test(key.definition)) continue
    const columns = key.columns.map((name) => `c.${quoteName(name)}`)
    const same = columns.map(
      (column, at) => `p.${quoteName(key.parentColumns[at] ?? '')} = ${column}`,
    )
    const text = `with lost as (select pg_catalog.jsonb_build_array(${columns.join(', ')}) as key
        from ${key.child} c where ${columns.map((column) => `${column} is not null`).join(' and ')}
          and not exists (select from ${key.parent} p where ${same.join(' and ')}))
      select count(*)::text as count, (select pg_catalog.json_agg(l.key)
        from (select key from lost limit ${keysShown}) l)::text as keys from lost`
    const { rows } = await query(text)
    const count = Number(rows[0]?.['count'] ?? 0)
    if (count === 0) continue
    const keys = (JSON.parse(String(rows[0]?.['keys'])) as readonly unknown[]).map((one) =>
      JSON.stringify(one),
    )
    orphans.push({ child: key.child, definition: key.definition, count, keys })
  }
  return orphans
}
