import type { AuditAction, AuditOutcome } from '@studioops/contracts/audit'
import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'

export type AuditFilter = {
  readonly actorId?: string | undefined
  readonly action?: AuditAction | undefined
  readonly outcome?: AuditOutcome | undefined
  readonly from?: string | undefined
  readonly to?: string | undefined
}

function filtered(db: Db, { actorId, action, outcome, from, to }: AuditFilter) {
  return db
    .selectFrom('audit_events')
    .selectAll()
    .$if(actorId !== undefined, (query) => query.where('actor_id', '=', actorId ?? ''))
    .$if(action !== undefined, (query) => query.where('action', '=', action ?? ''))
    .$if(outcome !== undefined, (query) => query.where('outcome', '=', outcome ?? ''))
    .$if(from !== undefined, (query) => query.where('at', '>=', sql<Date>`${from}::timestamptz`))
    .$if(to !== undefined, (query) => query.where('at', '<', sql<Date>`${to}::timestamptz`))
}

export async function newestEvents(
  db: Db,
  filter: AuditFilter,
  { before, limit }: { before: number; limit: number },
) {
  return filtered(db, filter)
    .where('sequence', '<', before)
    .orderBy('sequence', 'desc')
    .limit(limit)
    .execute()
}
export type EventRow = Awaited<ReturnType<typeof newestEvents>>[number]

export async function eventsAfter(
  db: Db,
  filter: AuditFilter,
  { after, limit }: { after: number; limit: number },
): Promise<EventRow[]> {
  return filtered(db, filter)
    .where('sequence', '>', after)
    .orderBy('sequence')
    .limit(limit)
    .execute()
}

export async function findPeople(db: Db): Promise<{ id: string; display_name: string }[]> {
  const { rows } = await sql<{ id: string; display_name: string }>`
    select id, display_name from audit_people() order by lower(display_name), id`.execute(db)
  return rows
}
