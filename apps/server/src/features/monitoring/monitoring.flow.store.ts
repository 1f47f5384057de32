import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'

/** One thing that happened in a flow. */
export type FlowStep = {
  readonly at: Date
  /** Where it is written: an event, a job, a write to the outside, an entry of the audit log. */
  readonly source: 'event' | 'job' | 'outside' | 'audit'
  /** What it was with. */
  readonly type: string
  readonly name: string
  readonly operation: string
  readonly outcome: string
  readonly duration_ms: number | null
  readonly code: string | null
  readonly request_id: string | null
  readonly trace_id: string | null
}

/** Everything that one id is written on, the oldest first; a request id or the id of a trace. */
export async function listFlow(db: Db, id: string): Promise<FlowStep[]> {
  const { rows } = await sql<FlowStep>`
    select at, 'event' as source, type, name, operation, outcome, duration_ms::float8, code,
      request_id, trace_id
    from monitoring_events where request_id = ${id} or trace_id = ${id}
    union all
    select created_at, 'job', 'queue', kind, 'attempt ' || attempts, state,
      extract(epoch from ended_at - started_at)::float8 * 1000, error_code, request_id, trace_id
    from background_jobs where request_id = ${id} or trace_id = ${id}
    union all
    select created_at, 'outside', coalesce(system, 'group'), kind, 'attempt ' || attempts, state,
      extract(epoch from updated_at - created_at)::float8 * 1000, error_code, request_id, trace_id
    from outside_operations where request_id = ${id} or trace_id = ${id}
    union all
    select at, 'audit', 'audit', coalesce(target, ''), action, outcome, null, null, request_id, null
    from audit_events where request_id = ${id}
    order by 1
    limit 2000`.execute(db)
  return rows
}
