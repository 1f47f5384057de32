import type { ProjectRole } from '@studioops/contracts/projects'
import { sql } from 'kysely'
import { type Db, transactionUser } from '../../platform/db/database.ts'

/** Nobody else changes the members until the transaction ends. */
export async function lockProject(db: Db, projectId: string): Promise<void> {
  await db.selectFrom('projects').select('id').where('id', '=', projectId).forUpdate().execute()
}

export type CandidateRow = {
  readonly user_id: string
  readonly display_name: string
  readonly employee_id: string
}

/** At most twenty, by name. */
export async function findCandidates(
  db: Db,
  projectId: string,
  search: string,
): Promise<CandidateRow[]> {
  const pattern = `%${search.replaceAll(/[\\%_]/g, (sign) => `\\${sign}`)}%`
  const { rows } = await sql<CandidateRow>`
    select user_id, display_name, employee_id
    from project_candidates(${projectId}::uuid, ${pattern})`.execute(db)
  return rows
}

/** @returns the role that the member has had; undefined for somebody who takes no part */
export async function findMember(
  db: Db,
  projectId: string,
  memberId: string,
): Promise<ProjectRole | undefined> {
  const row = await db
    .selectFrom('project_members')
    .select('role')
    .$narrowType<{ role: ProjectRole }>()
    .where('project_id', '=', projectId)
    .where('project_members.user_id', '=', memberId)
    .executeTakeFirst()
  return row?.role
}

export async function countOwners(db: Db, projectId: string): Promise<number> {
  const rows = await db
    .selectFrom('project_members')
    .select('role')
    .where('project_id', '=', projectId)
    .where('role', '=', 'owner')
    .execute()
  return rows.length
}

type Part = { readonly projectId: string; readonly memberId: string; readonly role: ProjectRole }

/** @returns false where there is nobody of that id in the workspace */
export async function insertMember(db: Db, { projectId, memberId, role }: Part): Promise<boolean> {
  const { rows } = await sql<{ user_id: string }>`
    insert into project_members (project_id, user_id, role, added_by)
    select ${projectId}::uuid, found.id, ${role}, ${transactionUser}
    from active_person(${memberId}::uuid) found (id)
    on conflict (user_id, project_id) do update set role = excluded.role
    returning user_id`.execute(db)
  return rows.length > 0
}

export async function updateMember(db: Db, { projectId, memberId, role }: Part): Promise<void> {
  await db
    .updateTable('project_members')
    .set({ role })
    .where('project_id', '=', projectId)
    .where('project_members.user_id', '=', memberId)
    .execute()
}

export async function deleteMember(db: Db, projectId: string, memberId: string): Promise<void> {
  await db
    .deleteFrom('project_members')
    .where('project_id', '=', projectId)
    .where('project_members.user_id', '=', memberId)
    .execute()
}
