import { quoteName } from '../catalog/identifier.ts'
import type { Query } from '../catalog/query.ts'

/**
 * Runs work of the open transaction while the triggers of people do not fire: what is restored is
 * what was, and nobody is told about it. Foreign keys stay watched. Where the role does not own a
 * table its triggers stay on; the caller compares what came out.
 */
export async function withoutTriggers<Result>(
  query: Query,
  tables: readonly string[],
  work: () => Promise<Result>,
): Promise<Result> {
  const triggers = await readTriggers(query, tables)
  const off: Trigger[] = []
  for (const trigger of triggers)
    if (await attempt(query, `alter table ${trigger.table} disable trigger ${trigger.name}`))
      off.push(trigger)
  const result = await work()
  // A table with checks that wait for the end of the transaction cannot be altered.
  if (off.length > 0) await query('set constraints all immediate')
  for (const { table, name, enabling } of off)
    await query(`alter table ${table} ${enabling} trigger ${name}`)
  return result
}

type Trigger = {
  readonly table: string
  readonly name: string
  /** What puts it back into the state that it was in. */
  readonly enabling: string
}

async function readTriggers(query: Query, tables: readonly string[]): Promise<Trigger[]> {
  const { rows } = await query(
    `select n.nspname as schema, c.relname as table, t.tgname as name, t.tgenabled as state
      from unnest($1::text[]::pg_catalog.regclass[]) as root (oid)
      cross join lateral (
        select root.oid as relid union select p.relid from pg_catalog.pg_partition_tree(root.oid) p) tree
      join pg_catalog.pg_trigger t on t.tgrelid = tree.relid
      join pg_catalog.pg_class c on c.oid = t.tgrelid
      join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      where not t.tgisinternal and t.tgenabled in ('O', 'A') order by 1, 2, 3`,
    [tables],
  )
  return rows.map((row) => ({
    table: `only ${quoteName(String(row['schema']))}.${quoteName(String(row['table']))}`,
    name: quoteName(String(row['name'])),
    enabling: row['state'] === 'A' ? 'enable always' : 'enable',
  }))
}

async function attempt(query: Query, text: string): Promise<boolean> {
  await query('savepoint studioops_trigger')
  try {
    await query(text)
    await query('release savepoint studioops_trigger')
    return true
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === '42501')) throw error
    await query('rollback to savepoint studioops_trigger')
    await query('release savepoint studioops_trigger')
    return false
  }
}
