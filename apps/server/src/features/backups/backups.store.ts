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

/** Whether one is being made that somebody asked for. */
export async function isMaking(db: Db, kind: string): Promise<boolean> {
  const { rows } = await sql`
    select from job_counts() where kind = ${kind} and state in ('queued', 'running')`.execute(db)
  return rows.length > 0
}
