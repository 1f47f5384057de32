import pg from 'pg'
import type { ConnectionTarget } from '../database.ts'
import { openOwner } from './schema-rows.ts'

/**
 * Everything that still names a project, past row policies and whatever foreign keys say: rows with its
 * id, jobs of it that have not ended, and objects that wait for their removal.
 */
export async function rowsOfProject(
  target: ConnectionTarget,
  projectId: string,
): Promise<Record<string, number>> {
  await using session = await openOwner(target)
  const { client } = session
  const { rows: columns } = await client.query<{ name: string; key: string }>(
    `select table_name as name, column_name as key from information_schema.columns
     where table_schema = 'public' and data_type = 'uuid' and table_name <> 'deletion_receipts'
       and (column_name = 'project_id' or (table_name = 'projects' and column_name = 'id'))
     order by 1`,
  )
  const left: Record<string, number> = {}
  const note = async (name: string, text: string, values: unknown[]) => {
    const { rows } = await client.query<{ count: number }>(text, values)
    const count = rows[0]?.count ?? 0
    if (count > 0) left[name] = count
  }
  for (const { name, key } of columns)
    await note(
      name,
      `select count(*)::int from public.${pg.escapeIdentifier(name)}
       where ${pg.escapeIdentifier(key)} = $1`,
      [projectId],
    )
  await note(
    'background_jobs',
    `select count(*)::int from background_jobs
     where state in ('queued', 'running') and payload ->> 'projectId' = $1`,
    [projectId],
  )
  const { rows: removals } = await client.query(
    `select from pg_class where oid = to_regclass('public.object_removals')`,
  )
  if (removals.length > 0)
    await note(
      'object_removals',
      `select count(*)::int from object_removals where starts_with(key, $1 || '/')`,
      [projectId],
    )
  return left
}
