import type { ProjectLinkKind } from '@studioops/contracts/projects'
import { sql } from 'kysely'
import { type Db, transactionUser } from '../../platform/db/database.ts'

export async function countLinks(db: Db, projectId: string): Promise<number> {
  const row = await db
    .selectFrom('project_links')
    .select(sql<number>`count(*)`.as('count'))
    .where('project_id', '=', projectId)
    .executeTakeFirst()
  return row?.count ?? 0
}

export type NewLink = {
  readonly id: string
  readonly projectId: string
  readonly kind: ProjectLinkKind
  readonly key: string
  readonly name: string
  readonly url: string | undefined
  readonly isChecked: boolean
}

/** @returns false where the project has it already */
export async function insertLink(db: Db, link: NewLink): Promise<boolean> {
  const { rows } = await sql<{ id: string }>`
    insert into project_links (id, project_id, kind, key, name, url, checked_at, added_by)
    values (${link.id}, ${link.projectId}, ${link.kind}, ${link.key}, ${link.name},
      ${link.url ?? null}, case when ${link.isChecked}::boolean then now() end, ${transactionUser})
    on conflict (project_id, kind, key) do nothing returning id`.execute(db)
  return rows.length > 0
}

export async function findLink(db: Db, projectId: string, linkId: string) {
  return db
    .selectFrom('project_links')
    .select(['id', 'kind', 'key', 'name'])
    .$narrowType<{ kind: ProjectLinkKind }>()
    .where('project_id', '=', projectId)
    .where('id', '=', linkId)
    .executeTakeFirst()
}

export async function noteSeen(
  db: Db,
  { id, name, url }: { id: string; name: string; url: string | undefined },
): Promise<void> {
  await db
    .updateTable('project_links')
    .set({ name, url: url ?? null, checked_at: sql`now()` })
    .where('id', '=', id)
    .execute()
}

export async function deleteLink(db: Db, linkId: string): Promise<void> {
  await db.deleteFrom('project_links').where('id', '=', linkId).execute()
}

export async function replaceBudgets(
  db: Db,
  projectId: string,
  budgets: readonly { readonly currency: string; readonly amount: string }[],
): Promise<void> {
  await db.deleteFrom('project_budgets').where('project_id', '=', projectId).execute()
  if (budgets.length === 0) return
  await db
    .insertInto('project_budgets')
    .values(budgets.map((budget) => ({ project_id: projectId, ...budget })))
    .execute()
}

export async function listActivity(
  db: Db,
  projectId: string,
  { before, limit }: { before: number | undefined; limit: number },
) {
  return db
    .selectFrom('project_activity')
    .select(['id', 'at', 'action', 'subject', 'facts', 'actor_id'])
    .$narrowType<{ facts: Record<string, string | number | boolean> }>()
    .where('project_id', '=', projectId)
    .$if(before !== undefined, (query) => query.where('id', '<', String(before ?? 0)))
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()
}

/** Names of those who did something in the project, whether they still take part or not. */
export async function namesOf(
  db: Db,
  projectId: string,
  actorIds: readonly string[],
): Promise<Map<string, string>> {
  const { rows } = await sql<{ user_id: string; display_name: string }>`
    select user_id, display_name from project_actors(${actorIds}::uuid[], ${projectId}::uuid)`.execute(
    db,
  )
  return new Map(rows.map(({ user_id, display_name }) => [user_id, display_name]))
}

export type WorkspaceRow = {
  readonly id: string
  readonly name: string
  readonly status: string
  readonly owners: string[]
  readonly members: number
  readonly created_at: Date
  readonly updated_at: Date
  readonly archived_at: Date | null
  readonly deleted_at: Date | null
}

export async function listWorkspace(db: Db): Promise<WorkspaceRow[]> {
  const { rows } = await sql<WorkspaceRow>`
    select id, name, status, owners, members, created_at, updated_at, archived_at, deleted_at
    from workspace_projects()`.execute(db)
  return rows
}

/** @returns false where there is none, or the caller does not run the workspace */
export async function takeOver(db: Db, projectId: string): Promise<boolean> {
  const { rows } = await sql<{ done: boolean }>`
    select take_project_over(${projectId}::uuid) as done`.execute(db)
  return rows[0]?.done === true
}
