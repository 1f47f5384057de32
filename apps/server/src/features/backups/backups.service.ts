import { createReadStream } from 'node:fs'
import type { BackupSchedule, KeptBackup } from '@studioops/contracts/backups'
import type { Audit } from '../../platform/audit/audit.ts'
import {
  findBackup,
  type KeptBackup as Kept,
  listBackups,
} from '../../platform/backup/backup-folder.ts'
import type { Database } from '../../platform/db/database.ts'
import { AppError } from '../../platform/errors/app-error.ts'
import type { Jobs } from '../../platform/jobs/job-worker.ts'
import { askedKind } from './backups.jobs.ts'
import * as store from './backups.store.ts'

type Dependencies = {
  readonly database: Database
  readonly jobs: Jobs
  readonly audit: Audit
  readonly directory: string
  readonly isSealing: boolean
  /** False where nobody owns the tables, as with the evaluation database. */
  readonly canMake: boolean
}

export type BackupService = ReturnType<typeof createBackupService>

/** Backups as those who run the workspace see them. */
export function createBackupService(dependencies: Dependencies) {
  const { database, jobs, audit, directory, isSealing, canMake } = dependencies

  return {
    async list(userId: string) {
      const [schedule, isMaking] = await database.asUser(userId, async (db) => [
        await store.readSchedule(db),
        await store.isMaking(db, askedKind),
      ])
      const backups = (await listBackups(directory)).map(present)
      return { backups, schedule, isMaking, canMake, isSealing }
    },

    /** At most one at a time. @throws AppError `backup.evaluation` */
    async make(userId: string): Promise<void> {
      if (!canMake) throw new AppError('backup.evaluation')
      const job = { kind: askedKind, userId, cause: 'button', singleton: askedKind, isUrgent: true }
      await database.asUser(userId, async (db) => void (await jobs.enqueue(db, job)))
    },

    async changeSchedule(userId: string, schedule: BackupSchedule): Promise<void> {
      await database.asUser(userId, async (db) => {
        await store.writeSchedule(db, schedule)
        const facts = { everyHours: schedule.everyHours ?? 0, keep: schedule.keepCount }
        const entry = { actorId: userId, action: 'backup.schedule', outcome: 'done' } as const
        await audit.record({ ...entry, facts }, db)
      })
    },

    /** @throws AppError `backup.not-found` */
    require: (file: string) => findBackup(directory, file),

    /** @throws AppError `backup.not-found` */
    async open(userId: string, file: string) {
      const path = await findBackup(directory, file)
      const entry = { actorId: userId, action: 'backup.download', outcome: 'done' } as const
      await audit.record({ ...entry, facts: { file } })
      return createReadStream(path)
    },
  }
}

function present({ file, bytes, facts }: Kept): KeptBackup {
  if (facts === undefined) return { file, bytes }
  const { createdAt, product, cause, isSealed, tables, rows, files } = facts
  return { file, bytes, facts: { createdAt, product, cause, isSealed, tables, rows, files } }
}
