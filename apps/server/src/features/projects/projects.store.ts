import type {
  ProjectColor,
  ProjectLinkKind,
  ProjectRole,
  ProjectStatus,
} from '@studioops/contracts/projects'
import { sql } from 'kysely'
import { type Db, transactionUser } from '../../platform/db/database.ts'
import { toJsonb } from '../../platform/db/jsonb.ts'

export type ListFilter = {
  readonly shown: 'open' | 'archived' | 'all'
  readonly search: string
  readonly sort: 'active' | 'name'
}

type Narrow = { role: ProjectRole; status: ProjectStatus; color: ProjectColor }

function ownProjects(db: Db) {
  return db
    .selectFrom('projects')
    .innerJoin('project_members', 'project_members.project_id', 'projects.id')
    .where('project_members.user_id', '=', transactionUser)
    .where('projects.deleted_at', 'is', null)
    .select([
      'projects.id',
      'projects.name',
      'projects.description',
      'projects.status',
      'projects.color',
      'projects.created_at',
      'projects.updated_at',
      'projects.archived_at',
      'project_members.role',
    ])
    .select(
      sql<Date>`greatest(projects.updated_at, (select max(at) from project_activity
        where project_activity.project_id = projects.id))`.as('active_at'),
    )
    .$narrowType<Narrow>()
}

const patternOf = (text: string) => `%${text.replaceAll(/[\\%_]/g, (sign) => `\\${sign}`)}%`

export async function listProjects(db: Db, { shown, search, sort }: ListFilter) {
  return ownProjects(db)
    .select([
      sql<number>`(select count(*) from project_members all_members
        where all_members.project_id = projects.id)`.as('members'),
      sql<number>`(select count(*) from project_links
        where project_links.project_id = projects.id)`.as('links'),
    ])
    .$if(shown === 'open', (query) => query.where('projects.archived_at', 'is', null))
    .$if(shown === 'archived', (query) => query.where('projects.archived_at', 'is not', null))
    .$if(search !== '', (query) => query.where('projects.name', 'ilike', patternOf(search)))
    .$if(sort === 'active', (query) => query.orderBy('active_at', 'desc'))
    .$if(sort === 'name', (query) => query.orderBy(sql`lower(projects.name)`))
    .orderBy('projects.id')
    .limit(500)
    .execute()
}
export type ListedRow = Awaited<ReturnType<typeof listProjects>>[number]

export async function findProject(db: Db, projectId: string) {
  return ownProjects(db).where('projects.id', '=', projectId).executeTakeFirst()
}
export type ProjectRow = NonNullable<Awaited<ReturnType<typeof findProject>>>

export type MemberRow = {
  readonly user_id: string
  readonly display_name: string
  readonly role: ProjectRole
  readonly added_at: Date
}

/** Owners first, then by name. */
export async function listMembers(db: Db, projectId: string): Promise<MemberRow[]> {
  const { rows } = await sql<MemberRow>`
    select user_id, display_name, role, added_at from project_people(${projectId}::uuid)
    order by project_rank(role) desc, lower(display_name), user_id`.execute(db)
  return rows
}

export async function listLinks(db: Db, projectId: string) {
  return db
    .selectFrom('project_links')
    .select(['id', 'kind', 'key', 'name', 'url', 'checked_at'])
    .$narrowType<{ kind: ProjectLinkKind }>()
    .where('project_id', '=', projectId)
    .orderBy('kind')
    .orderBy(sql`lower(name)`)
    .execute()
}
export type LinkRow = Awaited<ReturnType<typeof listLinks>>[number]

export async function listBudgets(db: Db, projectId: string) {
  return db
    .selectFrom('project_budgets')
    .select(['currency', sql<string>`trim_scale(amount)::text`.as('amount')])
    .where('project_id', '=', projectId)
    .orderBy('currency')
    .execute()
}

/** What is undefined stays as it is, or as a project begins. */
export type ProjectSettings = {
  readonly name?: string | undefined
  readonly description?: string | undefined
  readonly status?: ProjectStatus | undefined
  readonly color?: ProjectColor | undefined
}

export async function insertProject(
  db: Db,
  { id, userId, ...settings }: ProjectSettings & { id: string; name: string; userId: string },
): Promise<void> {
  await db
    .insertInto('projects')
    .values({ id, created_by: userId, ...settings })
    .execute()
}

export async function updateProject(
  db: Db,
  projectId: string,
  settings: ProjectSettings,
): Promise<void> {
  await db
    .updateTable('projects')
    .set({ ...settings, updated_at: sql`now()` })
    .where('id', '=', projectId)
    .execute()
}

export async function setArchived(db: Db, projectId: string, isArchived: boolean): Promise<void> {
  await db
    .updateTable('projects')
    .set({ archived_at: isArchived ? sql`now()` : null, updated_at: sql`now()` })
    .where('id', '=', projectId)
    .execute()
}

export type Activity = {
  readonly projectId: string
  readonly userId: string
  readonly action: string
  readonly subject?: string
  readonly facts?: Readonly<Record<string, string | number | boolean>>
}

export async function addActivity(
  db: Db,
  { projectId, userId, action, subject = '', facts = {} }: Activity,
): Promise<void> {
  await db
    .insertInto('project_activity')
    .values({ project_id: projectId, actor_id: userId, action, subject, facts: toJsonb(facts) })
    .execute()
}
