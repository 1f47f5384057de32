import type { SearchKind } from '@studioops/contracts/search'
import { sql } from 'kysely'
import { type Db, transactionUser } from '../../platform/db/database.ts'

export type HitRow = {
  readonly kind: SearchKind
  readonly id: string
  readonly title: string
  readonly project_id: string | null
  readonly project_name: string | null
}

export type ProjectRow = { readonly id: string; readonly name: string }

const mine = sql`select project_members.project_id as id, projects.name from project_members
  join projects on projects.id = project_members.project_id and projects.deleted_at is null
  where project_members.user_id = ${transactionUser}`

/** Those in which the person takes part. */
export async function listOwnProjects(db: Db): Promise<ProjectRow[]> {
  const { rows } = await sql<ProjectRow>`${mine}`.execute(db)
  return rows
}

/**
 * At most five of each kind whose words hold every pattern, the newest first. Rights stand in each
 * part, above the row policies.
 *
 * @param patterns of `ilike`, one for each word
 */
export async function findHits(db: Db, patterns: readonly string[]): Promise<HitRow[]> {
  const like = (words: ReturnType<typeof sql>) =>
    sql`translate(${words}, '׳״', '''"') ilike all (${patterns}::text[])`
  const { rows } = await sql<HitRow>`
    with mine as materialized (${mine})
    (select 'project' as kind, mine.id::text as id, mine.name as title,
      mine.id as project_id, mine.name as project_name
      from mine join projects on projects.id = mine.id where ${like(sql`mine.name`)}
      order by projects.updated_at desc limit 5)
    union all
    (select 'document', documents.id::text, documents.name, mine.id, mine.name
      from documents join mine on mine.id = documents.project_id
      where documents.deleted_at is null and ${like(sql`documents.name`)}
      order by documents.updated_at desc limit 5)
    union all
    (select 'chat', chats.id::text, chats.title, mine.id, mine.name
      from chats left join mine on mine.id = chats.project_id
      where chats.deleted_at is null and chats.title <> ''
        and (chats.user_id = ${transactionUser} or (chats.shared_at is not null and mine.id is not null))
        and ${like(sql`chats.title`)}
      order by chats.updated_at desc limit 5)
    union all
    (select 'purchase', purchases.id::text,
      purchases.vendor || case when purchases.description = '' then '' else ' · ' end
        || purchases.description, mine.id, mine.name
      from purchases join mine on mine.id = purchases.project_id
      where purchases.deleted_at is null
        and ${like(sql`purchases.vendor || ' ' || purchases.description || ' ' || purchases.category`)}
      order by purchases.updated_at desc limit 5)
    union all
    (select 'story', stories.id::text, left(stories.requirement, 120), null, null
      from stories where stories.user_id = ${transactionUser} and ${like(sql`stories.requirement`)}
      order by stories.updated_at desc limit 5)
    union all
    (select 'board', board ->> 'id', board ->> 'name', null, null
      from board_copies, jsonb_array_elements(board_copies.value) board
      where board_copies.user_id = ${transactionUser} and board_copies.kind = 'boards'
        and jsonb_typeof(board_copies.value) = 'array' and ${like(sql`(board ->> 'name')`)}
      limit 5)`.execute(db)
  return rows
}
