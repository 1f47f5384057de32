import type { ProjectRole } from '@studioops/contracts/projects'
import type { Database, Db } from '../../platform/db/database.ts'
import { AppError } from '../../platform/errors/app-error.ts'
import { projectAccess, requirePart } from './projects.access.ts'
import * as store from './projects.members.store.ts'
import { addActivity, listMembers } from './projects.store.ts'

type Asked = { readonly userId: string; readonly projectId: string }
type OfMember = Asked & { readonly memberId: string }

export type ProjectMembers = ReturnType<typeof createProjectMembers>

/** Who takes part, and as what; every change is an owner's, and one owner always stays. */
export function createProjectMembers({ database }: { readonly database: Database }) {
  async function requireMember(db: Db, { projectId, memberId }: OfMember): Promise<ProjectRole> {
    const role = await store.findMember(db, projectId, memberId)
    if (role === undefined) throw new AppError('project.member-not-found')
    return role
  }

  async function requireOtherOwner(db: Db, projectId: string): Promise<void> {
    if ((await store.countOwners(db, projectId)) < 2) throw new AppError('project.last-owner')
  }

  async function nameOf(db: Db, { projectId, memberId }: OfMember): Promise<string> {
    const members = await listMembers(db, projectId)
    return members.find(({ user_id }) => user_id === memberId)?.display_name ?? ''
  }

  return {
    /** @throws AppError `project.not-found`, `project.not-allowed`, `project.archived` */
    candidates: ({ userId, projectId }: Asked, search: string) =>
      database.asUser(userId, async (db) => {
        await projectAccess.require(db, projectId, 'owner')
        const rows = await store.findCandidates(db, projectId, search)
        return rows.map(({ user_id, display_name, employee_id }) => ({
          userId: user_id,
          displayName: display_name,
          employeeId: employee_id,
        }))
      }),

    /** @throws AppError `project.member-not-found` where there is no such person, and as above */
    add: (asked: OfMember, role: ProjectRole): Promise<void> =>
      database.asUser(asked.userId, async (db) => {
        await projectAccess.require(db, asked.projectId, 'owner')
        await store.lockProject(db, asked.projectId)
        const before = await store.findMember(db, asked.projectId, asked.memberId)
        if (before === 'owner' && role !== 'owner') await requireOtherOwner(db, asked.projectId)
        if (!(await store.insertMember(db, { ...asked, role })))
          throw new AppError('project.member-not-found')
        const subject = await nameOf(db, asked)
        await addActivity(db, { ...asked, action: 'member.add', subject, facts: { role } })
      }),

    /** @throws AppError `project.member-not-found`, `project.last-owner`, and as above */
    change: (asked: OfMember, role: ProjectRole): Promise<void> =>
      database.asUser(asked.userId, async (db) => {
        await projectAccess.require(db, asked.projectId, 'owner')
        await store.lockProject(db, asked.projectId)
        const before = await requireMember(db, asked)
        if (before === role) return
        if (before === 'owner') await requireOtherOwner(db, asked.projectId)
        const subject = await nameOf(db, asked)
        await addActivity(db, { ...asked, action: 'member.change', subject, facts: { role } })
        await store.updateMember(db, { ...asked, role })
      }),

    /** The own part may end whatever it is. @throws AppError as above */
    remove: (asked: OfMember): Promise<void> =>
      database.asUser(asked.userId, async (db) => {
        const isOwn = asked.memberId === asked.userId
        await requirePart(db, asked.projectId, isOwn ? 'viewer' : 'owner')
        const before = await requireMember(db, asked)
        if (before === 'owner') {
          await store.lockProject(db, asked.projectId)
          await requireOtherOwner(db, asked.projectId)
        }
        const subject = await nameOf(db, asked)
        await addActivity(db, { ...asked, action: 'member.remove', subject })
        await store.deleteMember(db, asked.projectId, asked.memberId)
      }),
  }
}
