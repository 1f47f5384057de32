import type { BackupSchedule } from '@studioops/contracts/backups'
import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'

export async function readSchedule(db: Db): Promise<BackupSchedule> {
  const row = await db
    .selectFrom('backup_schedule')
    .select(['every_hours as everyHours', 'keep_count as keepCount'])
    .executeTakeFirst()
  return row ?? { everyHours: null, keepCount: 7 }
}

export async function writeSchedule(db: Db, schedule: BackupSchedule): Promise<void> {
  await db
    .updateTable('backup_schedule')
    .set({
      every_hours: schedule.everyHours,
      keep_count: schedule.keepCount,
      changed_at: sql<Date>`now()`,
    })
    .execute()
}

export type BackupJob = {
  readonly kind: string
  readonly file: string | null
  readonly done: number | null
  readonly total: number | null
}

/** Work on backups that has not ended, whoever of those who run the workspace asked for it. */
export async function listRunning(db: Db): Promise<BackupJob[]> {
  const { rows } = await sql<BackupJob>`
    select kind, file, progress_done as done, progress_total as total from backup_jobs()`.execute(
    db,
  )
  return rows
}
