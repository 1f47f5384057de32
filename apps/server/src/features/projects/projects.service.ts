import { randomUUID } from 'node:crypto'
import {
  type ActivityEvent,
  type Project,
  type ProjectBudget,
  type ProjectSummary,
  projectStatus,
  type WorkspaceProject,
} from '@studioops/contracts/projects'
import type { Audit } from '../../platform/audit/audit.ts'
import type { Database, Db } from '../../platform/db/database.ts'
import { AppError } from '../../platform/errors/app-error.ts'
import { projectAccess, requirePart } from './projects.access.ts'
import * as links from './projects.links.store.ts'
import * as store from './projects.store.ts'

type Dependencies = { readonly database: Database; readonly audit: Audit }

const eventsPerPage = 50

/** A person and the project that the person asks about. */
type Asked = { readonly userId: string; readonly projectId: string }

export type ProjectService = ReturnType<typeof createProjectService>

export function createProjectService({ database, audit }: Dependencies) {
  async function present(db: Db, { userId, projectId }: Asked): Promise<Project> {
    const row = await store.findProject(db, projectId)
    if (row === undefined) throw new AppError('project.not-found')
    const members = await store.listMembers(db, projectId)
    const linked = await store.listLinks(db, projectId)
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
      links: linked.map(({ id, kind, key, name, url, checked_at }) => ({
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

    /** @throws AppError `project.not-found`, `project.not-allowed`, `project.archived` */
    setBudgets: (asked: Asked, budgets: readonly ProjectBudget[]): Promise<Project> =>
      database.asUser(asked.userId, async (db) => {
        await projectAccess.require(db, asked.projectId, 'editor')
        await links.replaceBudgets(db, asked.projectId, budgets)
        const facts = Object.fromEntries(budgets.map(({ currency, amount }) => [currency, amount]))
        await store.addActivity(db, { ...asked, action: 'budget.change', facts })
        return present(db, asked)
      }),

    /** @throws AppError `project.not-found` */
    async activity(
      { userId, projectId }: Asked,
      before: number | undefined,
    ): Promise<{ events: ActivityEvent[]; before?: number }> {
      return database.readAsUser(userId, async (db) => {
        await projectAccess.require(db, projectId, 'viewer')
        const rows = await links.listActivity(db, projectId, { before, limit: eventsPerPage })
        const actors = rows.flatMap(({ actor_id }) => actor_id ?? [])
        const names = await links.namesOf(db, projectId, [...new Set(actors)])
        const events = rows.map(({ id, at, action, subject, facts, actor_id }) => {
          const actorName = actor_id === null ? undefined : names.get(actor_id)
          const head = { id: Number(id), at: at.toISOString(), action, subject, facts }
          return { ...head, ...(actorName === undefined ? {} : { actorName }) }
        })
        const last = events.at(-1)
        return events.length < eventsPerPage || last === undefined
          ? { events }
          : { events, before: last.id }
      })
    },

    /** For those who run the workspace; everybody else sees none. */
    async ofWorkspace(userId: string): Promise<WorkspaceProject[]> {
      const rows = await database.readAsUser(userId, (db) => links.listWorkspace(db))
      return rows.map(({ created_at, updated_at, archived_at, deleted_at, ...row }) => ({
        ...row,
        status: projectStatus.parse(row.status),
        createdAt: created_at.toISOString(),
        updatedAt: updated_at.toISOString(),
        ...(archived_at === null ? {} : { archivedAt: archived_at.toISOString() }),
        ...(deleted_at === null ? {} : { deletedAt: deleted_at.toISOString() }),
      }))
    },

    /** @throws AppError `project.not-found` */
    takeOver: ({ userId, projectId }: Asked): Promise<void> =>
      database.asUser(userId, async (db) => {
        if (!(await links.takeOver(db, projectId))) throw new AppError('project.not-found')
        const entry = { actorId: userId, action: 'project.take-over', outcome: 'done' } as const
        await audit.record({ ...entry, target: `project:${projectId}` }, db)
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
