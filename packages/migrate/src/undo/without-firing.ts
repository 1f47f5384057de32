import { withoutTriggers } from '../backup/triggers.ts'
import type { Query } from '../catalog/query.ts'

/**
 * Changes rows of tables while no trigger of theirs fires. Where the role may put itself into that of
 * a replica, foreign keys do nothing either, neither refuse nor cascade; the caller looks at the end.
 *
 * @returns whether foreign keys slept
 */
export async function withoutFiring(
  query: Query,
  tables: readonly string[],
  work: (asReplica: boolean) => Promise<void>,
): Promise<boolean> {
  let asReplica = false
  await withoutTriggers(query, tables, async () => {
    asReplica = await becomeReplica(query, tables)
    await work(asReplica)
    if (asReplica) await query('set local session_replication_role = origin')
  })
  return asReplica
}

/** A trigger that fires only for a replica would fire now. */
async function becomeReplica(query: Query, tables: readonly string[]): Promise<boolean> {
  const { rows } = await query(
    `select 1 as found from pg_catalog.pg_trigger t
      where t.tgrelid = any ($1::text[]::pg_catalog.regclass[]) and t.tgenabled in ('R', 'A')
        and not t.tgisinternal limit 1`,
    [tables],
  )
  if (rows.length > 0) return false
  await query('savepoint studioops_replica')
  try {
    await query('set local session_replication_role = replica')
    await query('release savepoint studioops_replica')
    return true
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === '42501')) throw error
    await query('rollback to savepoint studioops_replica')
    await query('release savepoint studioops_replica')
    return false
  }
}
