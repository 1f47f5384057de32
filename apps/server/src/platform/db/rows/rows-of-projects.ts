import pg from 'pg'
import type { ConnectionTarget } from '../database.ts'
import { openOwner, type OwnerClient } from './schema-rows.ts'

/** By table. */
type Counts = Readonly<Record<string, number>>

export type RowsOfProjects = {
  /**
   * Everything that still names projects, past row policies and whatever foreign keys say: rows with
   * their id, jobs of them that have not ended, and objects that wait for their removal.
   *
   * @returns by project; those of which nothing is left are absent
   */
  count(projectIds: readonly string[]): Promise<ReadonlyMap<string, Counts>>
  /** Of keys of the object store, those to which no row leads, nor one that has them removed. */
  unnamed(keys: readonly string[]): Promise<readonly string[]>
  [Symbol.asyncDispose](): Promise<void>
}

/** A session of the owner of the tables. */
export async function openRowsOfProjects(target: ConnectionTarget): Promise<RowsOfProjects> {
  const session = await openOwner(target)
  const { client } = session
  const texts = await textsOf(client)
  return {
    async count(projectIds) {
      const counts = new Map<string, Record<string, number>>()
      for (const { name, text } of texts) {
        const { rows } = await client.query<{ id: string; count: number }>(text, [projectIds])
        for (const { id, count } of rows) counts.set(id, { ...counts.get(id), [name]: count })
      }
      return counts
    },

    async unnamed(keys) {
      const { rows } = await client.query<{ key: string }>(
        `select key from unnest($1::text[]) as key
         where not exists (select from files
             where project_id = split_part(key, '/', 1)::uuid and file_hash = split_part(key, '/', 2))
           and not exists (select from object_removals where object_removals.key = key.key)`,
        [keys],
      )
      return rows.map(({ key }) => key)
    },

    [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
  }
}

/** One question for each table, whose parameter are ids of projects. */
async function textsOf(client: OwnerClient) {
  const { rows } = await client.query<{ name: string; key: string }>(
    `select table_name as name, column_name as key from information_schema.columns
     where table_schema = 'public' and data_type = 'uuid' and table_name <> 'deletion_receipts'
       and (column_name = 'project_id' or (table_name = 'projects' and column_name = 'id'))
     order by 1`,
  )
  return [
    ...rows.map(({ name, key }) => ({ name, text: countText(name, key) })),
    {
      name: 'background_jobs',
      text: `select payload ->> 'projectId' as id, count(*)::int as count from background_jobs
        where state in ('queued', 'running') and payload ->> 'projectId' = any ($1) group by 1`,
    },
    {
      name: 'object_removals',
      text: `select split_part(key, '/', 1) as id, count(*)::int as count from object_removals
        where split_part(key, '/', 1) = any ($1) group by 1`,
    },
  ]
}

function countText(name: string, key: string): string {
  const column = pg.escapeIdentifier(key)
  return `select ${column} as id, count(*)::int as count from public.${pg.escapeIdentifier(name)}
    where ${column} = any ($1::uuid[]) group by 1`
}
