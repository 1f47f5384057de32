import { createHash, randomUUID } from 'node:crypto'
import type {
  DeletionPreview,
  DeletionReceipt,
  PurchasesChoice,
  TrashedProject,
} from '@studioops/contracts/deletions'
import type { Audit } from '../../platform/audit/audit.ts'
import type { Database, Db } from '../../platform/db/database.ts'
import { AppError } from '../../platform/errors/app-error.ts'
import { currentContext, type Log } from '../../platform/log/log.ts'
import * as store from './projects.deletion.store.ts'
import { addActivity } from './projects.store.ts'

type Dependencies = {
  readonly database: Database
  readonly audit: Audit
  readonly log: Log
  readonly clock?: () => Date
}

type Asked = { readonly userId: string; readonly projectId: string }

const trashDays = 30
const dayMs = 86_400_000

/** As people type a name: composed letters, and no blanks around it. */
const sameName = (typed: string, name: string) =>
  typed.normalize('NFC').trim() === name.normalize('NFC').trim()

/** What is kept of a receipt in the audit log, so that it cannot be changed without being noticed. */
export function receiptHash(receipt: DeletionReceipt): string {
  const sorted = (value: unknown): unknown =>
    typeof value === 'object' && value !== null
      ? Object.entries(value)
          .toSorted(([a], [b]) => (a < b ? -1 : 1))
          .map(([name, part]) => [name, sorted(part)])
      : value
  return createHash('sha256')
    .update(JSON.stringify(sorted(receipt)))
    .digest('hex')
}

/**
 * The only way in which a project goes (PRJ-3): into the trash, back from it, or for good in one
 * transaction of the database, which finds what goes by its foreign keys. What lies outside of the
 * database goes after it, by `object_removals`.
 */
export function createProjectDeletion({ database, audit, log, ...rest }: Dependencies) {
  const clock = rest.clock ?? (() => new Date())

  /** @throws AppError `project.not-found`, `project.not-allowed` */
  async function requireOwned(db: Db, projectId: string, isInTrash: boolean) {
    const found = await store.findOwned(db, projectId)
    if (found === undefined || (found.deleted_at !== null) !== isInTrash)
      throw new AppError('project.not-found')
    if (found.role !== 'owner') throw new AppError('project.not-allowed')
    return found
  }

  function requireName(typed: string, name: string): void {
    if (!sameName(typed, name)) throw new AppError('project.name-differs')
  }

  async function finish(
    projectId: string,
    { cause, actorId }: { cause: DeletionReceipt['cause']; actorId?: string },
  ): Promise<DeletionReceipt | undefined> {
    const receipt = await database.asMaintenance(async (db) => {
      const id = await store.purge(db, projectId, { cause, at: clock() })
      const row = id === undefined ? undefined : await store.findReceipt(db, id)
      if (row === undefined) return undefined
      const made = store.presentReceipt(row)
      await audit.record(
        {
          action: 'project.purge',
          target: `project:${projectId}`,
          outcome: 'done',
          facts: {
            receipt: made.id,
            sha256: receiptHash(made),
            cause,
            ...(actorId === undefined ? {} : { by: actorId }),
          },
        },
        db,
      )
      return made
    })
    if (receipt !== undefined) {
      const { removed, detached, objects } = receipt
      log.info({ project_id: projectId, removed, detached, objects }, 'project deleted')
    }
    return receipt
  }

  return {
    /** @throws AppError `project.not-found`, `project.not-allowed` */
    preview: ({ userId, projectId }: Asked): Promise<DeletionPreview> =>
      database.readAsUser(userId, async (db) => {
        const { name } = await requireOwned(db, projectId, false)
        const preview = await store.previewDeletion(db, projectId)
        if (preview === undefined) throw new AppError('project.not-found')
        const links = await store.listLinkNames(db, projectId)
        return { projectId, name, ...preview, links, trashDays }
      }),

    /** @throws AppError `project.not-found`, `project.not-allowed`, `project.name-differs` */
    async trash(
      { userId, projectId }: Asked,
      { name: typed, purchases }: { name: string; purchases: PurchasesChoice },
    ): Promise<TrashedProject> {
      return database.asUser(userId, async (db) => {
        const { name } = await requireOwned(db, projectId, false)
        requireName(typed, name)
        const requestId = currentContext()?.correlationId
        await store.beginReceipt(db, { id: randomUUID(), projectId, name, purchases, requestId })
        await addActivity(db, { projectId, userId, action: 'project.trash', subject: name })
        if (!(await store.markDeleted(db, projectId))) throw new AppError('project.not-found')
        await store.pauseJobs(db, projectId)
        const row = (await store.listTrash(db)).find((one) => one.project_id === projectId)
        if (row === undefined) throw new AppError('project.not-found')
        await audit.record(entryOf('project.trash', { userId, projectId }), db)
        return presentTrashed(row)
      })
    },

    trashed: (userId: string): Promise<TrashedProject[]> =>
      database.readAsUser(userId, async (db) => (await store.listTrash(db)).map(presentTrashed)),

    /** @throws AppError `project.not-found`, `project.not-allowed` */
    restore: ({ userId, projectId }: Asked): Promise<void> =>
      database.asUser(userId, async (db) => {
        const { name } = await requireOwned(db, projectId, true)
        await store.resumeJobs(db, projectId)
        await store.takeBack(db, projectId)
        await addActivity(db, { projectId, userId, action: 'project.restore', subject: name })
        await audit.record(entryOf('project.restore', { userId, projectId }), db)
      }),

    /** @throws AppError `project.not-found`, `project.not-allowed`, `project.name-differs` */
    async purge({ userId, projectId }: Asked, typed: string): Promise<DeletionReceipt> {
      const { name } = await database.readAsUser(userId, (db) => requireOwned(db, projectId, true))
      requireName(typed, name)
      const receipt = await finish(projectId, { cause: 'person', actorId: userId })
      if (receipt === undefined) throw new AppError('project.not-found')
      return receipt
    },

    receipts: (userId: string): Promise<DeletionReceipt[]> =>
      database.readAsUser(userId, async (db) =>
        (await store.listReceipts(db)).map(store.presentReceipt),
      ),

    /** Projects whose days in the trash are over go for good. @returns how many */
    async purgeOverdue(now: Date): Promise<number> {
      const before = new Date(now.getTime() - trashDays * dayMs)
      const overdue = await database.asMaintenance((db) => store.listOverdue(db, before))
      let purged = 0
      for (const projectId of overdue)
        if ((await finish(projectId, { cause: 'retention' })) !== undefined) purged += 1
      return purged
    },
  }
}

export type ProjectDeletion = ReturnType<typeof createProjectDeletion>

function entryOf(action: 'project.trash' | 'project.restore', { userId, projectId }: Asked) {
  return { actorId: userId, action, target: `project:${projectId}`, outcome: 'done' } as const
}

function presentTrashed(row: store.TrashRow): TrashedProject {
  return {
    projectId: row.project_id,
    name: row.name,
    deletedByName: row.deleted_by_name,
    deletedAt: row.deleted_at.toISOString(),
    purgedFrom: new Date(row.deleted_at.getTime() + trashDays * dayMs).toISOString(),
    purchases: row.purchases,
    isOwn: row.role === 'owner',
  }
}
