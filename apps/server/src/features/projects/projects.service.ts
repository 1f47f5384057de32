import { randomUUID } from 'node:crypto'
import type { Project, ProjectSummary } from '@studioops/contracts/projects'
import type { Database, Db } from '../../platform/db/database.ts'
import { AppError } from '../../platform/errors/app-error.ts'
import { projectAccess, requirePart } from './projects.access.ts'
import * as store from './projects.store.ts'

type Dependencies = { readonly database: Database }

/** A person and the project that the person asks about. */
type Asked = { readonly userId: string; readonly projectId: string }

export type ProjectService = ReturnType<typeof createProjectService>

export function createProjectService({ database }: Dependencies) {
  async function present(db: Db, { userId, projectId }: Asked): Promise<Project> {
    const row = await store.findProject(db, projectId)
    if (row === undefined) throw new AppError('project.not-found')
    const members = await store.listMembers(db, projectId)
    const links = await store.listLinks(db, projectId)
    const budgets = await store.listBudgets(db, projectId)
    return {
      ...headOf(row),
      createdAt: row.created_at.toISOString(),
      members: members.map((member) => ({
        userId: member.user_id,
        displayName: member.display_name,
        role: member.role,
        addedAt: member.added_at.toISOString(),
        isYou: member.user_id === userId,
      })),
      links: links.map(({ id, kind, key, name, url, checked_at }) => ({
        id,
        kind,
        key,
        name,
        ...(url === null ? {} : { url }),
        isChecked: checked_at !== null,
      })),
      budgets,
    }
  }

  return {
    async list(userId: string, filter: store.ListFilter): Promise<ProjectSummary[]> {
      const rows = await database.readAsUser(userId, (db) => store.listProjects(db, filter))
      return rows.map((row) => ({ ...headOf(row), members: row.members, links: row.links }))
    },

    async create(
      userId: string,
      settings: store.ProjectSettings & { readonly name: string },
    ): Promise<Project> {
      const projectId = randomUUID()
      return database.asUser(userId, async (db) => {
        await store.insertProject(db, { id: projectId, userId, ...settings })
        const { name: subject } = settings
        await store.addActivity(db, { projectId, userId, action: 'project.create', subject })
        return present(db, { userId, projectId })
      })
    },

    /** @throws AppError `project.not-found` */
    show: (asked: Asked): Promise<Project> =>
      database.readAsUser(asked.userId, (db) => present(db, asked)),

    /** @throws AppError `project.not-found`, `project.not-allowed`, `project.archived` */
    change: (asked: Asked, settings: store.ProjectSettings): Promise<Project> =>
      database.asUser(asked.userId, async (db) => {
        const before = await projectAccess.require(db, asked.projectId, 'editor')
        await store.updateProject(db, asked.projectId, settings)
        const facts = {
          fields: Object.keys(settings).join(' '),
          ...(settings.status === undefined ? {} : { status: settings.status }),
        }
        const subject = settings.name ?? before.name
        await store.addActivity(db, { ...asked, action: 'project.change', subject, facts })
        return present(db, asked)
      }),

    /** @throws AppError `project.not-found`, `project.not-allowed` */
    archive: (asked: Asked, isArchived: boolean): Promise<Project> =>
      database.asUser(asked.userId, async (db) => {
        const part = await requirePart(db, asked.projectId, 'owner')
        if (part.isArchived !== isArchived) {
          await store.setArchived(db, asked.projectId, isArchived)
          const action = isArchived ? 'project.archive' : 'project.unarchive'
          await store.addActivity(db, { ...asked, action, subject: part.name })
        }
        return present(db, asked)
      }),
  }
}

function headOf(row: store.ProjectRow) {
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    status: row.status,
    color: row.color,
    role: row.role,
    updatedAt: row.updated_at.toISOString(),
    activeAt: row.active_at.toISOString(),
    ...(row.archived_at === null ? {} : { archivedAt: row.archived_at.toISOString() }),
  }
}
