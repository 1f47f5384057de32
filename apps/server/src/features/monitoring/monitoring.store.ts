import type { EventFilter, MonitoringEvent } from '@studioops/contracts/monitoring'
import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'
import { toJsonb } from '../../platform/db/jsonb.ts'

/** All in one statement. */
export async function insertEvents(db: Db, events: readonly MonitoringEvent[]): Promise<void> {
  const rows = events.map((event) => ({ ...event, at: new Date(event.at).toISOString() }))
  await sql`
    insert into monitoring_events (at, node, type, name, operation, outcome, duration_ms, weight,
      is_important, code, request_id, trace_id, facts)
    select at, node, type, name, operation, outcome, "durationMs", weight, "isImportant", code,
      "requestId", "traceId", facts
    from jsonb_to_recordset(${toJsonb(rows)}::jsonb) as event (at timestamptz, node text, type text,
      name text, operation text, outcome text, "durationMs" real, weight integer,
      "isImportant" boolean, code text, "requestId" text, "traceId" text, facts jsonb)`.execute(db)
}

/** Whatever a clock can say, and no more than PostgreSQL takes. */
const earliestMs = 0
const latestMs = 253_402_300_799_000

export type EventRow = {
  readonly id: number
  readonly at: Date
  readonly node: string
  readonly type: string
  readonly name: string
  readonly operation: string
  readonly outcome: string
  readonly duration_ms: number
  readonly weight: number
  readonly is_important: boolean
  readonly code: string | null
  readonly request_id: string | null
  readonly trace_id: string | null
  readonly facts: unknown
}

/** The newest first. */
export async function listEvents(
  db: Db,
  { limit, ...filter }: EventFilter & { readonly limit: number },
): Promise<EventRow[]> {
  const { type = '', outcome = '', requestId = '', important = false } = filter
  const { text = '', from = earliestMs, to = latestMs } = filter
  const like = `%${text.replaceAll(/[\\%_]/g, (sign) => `\\${sign}`)}%`
  const { rows } = await sql<EventRow>`
    select id, at, node, type, name, operation, outcome, duration_ms, weight, is_important, code,
      request_id, trace_id, facts
    from monitoring_events
    where (${type}::text = '' or type = ${type})
      and (${outcome}::text = '' or outcome = ${outcome})
      and (${requestId}::text = '' or request_id = ${requestId})
      and (not ${important}::boolean or is_important)
      and at between to_timestamp(${from}::float8 / 1000) and to_timestamp(${to}::float8 / 1000)
      and (${text}::text = '' or name ilike ${like} or operation ilike ${like}
        or code ilike ${like} or request_id ilike ${like} or trace_id ilike ${like})
    order by at desc, id desc limit ${limit}`.execute(db)
  return rows
}

/** What is important stays three times as long. @returns how many went */
export async function deleteOldEvents(db: Db, now: Date, days: number): Promise<number> {
  const dayMs = 86_400_000
  const { rows } = await sql`
    delete from monitoring_events where id in (
      select id from monitoring_events
      where at < ${new Date(now.getTime() - days * dayMs)}
        and (not is_important or at < ${new Date(now.getTime() - 3 * days * dayMs)})
      order by at limit 20000)
    returning id`.execute(db)
  return rows.length
}

export type Backlog = {
  readonly queued: number
  /** Since when the oldest job that is due waits, seconds. */
  readonly oldest_seconds: number
  readonly unknown_operations: number
  /** Of models, in all. */
  readonly cost: number
  /** Of the newest backup that was made, seconds since 1970; 0 without any. */
  readonly backup_at: number
}

export async function findBacklog(db: Db): Promise<Backlog | undefined> {
  const { rows } = await sql<Backlog>`
    select
      (select count(*)::int from background_jobs where state = 'queued') as queued,
      (select coalesce(greatest(0, extract(epoch from now() - min(run_at))), 0)::float8
        from background_jobs where state = 'queued') as oldest_seconds,
      (select count(*)::int from outside_operations where state in ('unknown', 'needs-user'))
        as unknown_operations,
      (select coalesce(sum(cost), 0)::float8 from model_usage
        where at > now() - interval '1 day') as cost,
      (select coalesce(extract(epoch from max(at)), 0)::float8 from audit_events
        where action = 'backup.create' and outcome = 'done') as backup_at`.execute(db)
  return rows[0]
}
