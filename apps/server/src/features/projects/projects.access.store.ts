import type { ProjectRole } from '@studioops/contracts/projects'
import { type Db, transactionUser } from '../../platform/db/database.ts'

/** The person's part in a project that is not in the trash. */
export async function findPart(db: Db, projectId: string) {
  return db
    .selectFrom('project_members')
    .innerJoin('projects', 'projects.id', 'project_members.project_id')
    .select(['projects.id', 'projects.name', 'projects.archived_at', 'project_members.role'])
    .$narrowType<{ role: ProjectRole }>()
    .where('project_members.user_id', '=', transactionUser)
    .where('projects.id', '=', projectId)
    .where('projects.deleted_at', 'is', null)
    .executeTakeFirst()
}
