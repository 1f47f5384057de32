import type { ProjectRole } from '@studioops/contracts/projects'
import type { Db } from '../../platform/db/database.ts'
import { AppError } from '../../platform/errors/app-error.ts'
import { findPart } from './projects.access.store.ts'

/** A project in which the person who asks takes part. */
export type ProjectPart = {
  readonly id: string
  readonly name: string
  readonly role: ProjectRole
  readonly isArchived: boolean
}

/**
 * How other features ask whether a person may do something in a project. Row policies say the same
 * beneath: `using (project_id = any ((select projects_as('viewer'))::uuid[]))`.
 */
export type ProjectAccess = {
  /**
   * @param db a transaction, or a reading, of the person who asks
   * @param least `viewer` to read, `editor` to change what is in the project, `owner` for its members
   * @throws AppError `project.not-found` for a stranger, for a project in the trash and for one that
   *   never was, in the same words; `project.not-allowed` where the part is too small;
   *   `project.archived` where more than reading is asked of one in the archive
   */
  require(db: Db, projectId: string, least: ProjectRole): Promise<ProjectPart>
}

const ranks: Readonly<Record<ProjectRole, number>> = { viewer: 1, editor: 2, owner: 3 }

export const projectAccess: ProjectAccess = {
  async require(db, projectId, least) {
    const part = await requirePart(db, projectId, least)
    if (part.isArchived && least !== 'viewer') throw new AppError('project.archived')
    return part
  },
}

/** The same, where an archived project may be changed. */
export async function requirePart(
  db: Db,
  projectId: string,
  least: ProjectRole,
): Promise<ProjectPart> {
  const found = await findPart(db, projectId)
  if (found === undefined) throw new AppError('project.not-found')
  if (ranks[found.role] < ranks[least]) throw new AppError('project.not-allowed')
  const { id, name, role, archived_at } = found
  return { id, name, role, isArchived: archived_at !== null }
}
