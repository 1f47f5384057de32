import type { ConnectionTarget } from '../database.ts'
import { openOwner } from './schema-rows.ts'

/** When backups are made by themselves. */
export type BackupSchedule = {
  /** Undefined: never. */
  readonly everyHours?: number
  readonly keepCount: number
}

/** 0 hours: never; what is absent stays as it is. */
export type ScheduleChange = { readonly everyHours?: number; readonly keepCount?: number }

type Row = { readonly everyHours: number | null; readonly keepCount: number }

function present(
  { everyHours, keepCount }: Row = { everyHours: null, keepCount: 7 },
): BackupSchedule {
  return everyHours === null ? { keepCount } : { everyHours, keepCount }
}

export async function readSchedule(target: ConnectionTarget): Promise<BackupSchedule> {
  await using session = await openOwner(target)
  const { rows } = await session.client.query<Row>(
    'select every_hours as "everyHours", keep_count as "keepCount" from backup_schedule',
  )
  return present(rows[0])
}

export async function writeSchedule(
  target: ConnectionTarget,
  { everyHours, keepCount }: ScheduleChange,
): Promise<BackupSchedule> {
  await using session = await openOwner(target)
  const { rows } = await session.client.query<Row>(
    `update backup_schedule set changed_at = now(),
       every_hours = case when $1::int is null then every_hours else nullif($1::int, 0) end,
       keep_count = coalesce($2::int, keep_count)
     returning every_hours as "everyHours", keep_count as "keepCount"`,
    [everyHours ?? null, keepCount ?? null],
  )
  return present(rows[0])
}
