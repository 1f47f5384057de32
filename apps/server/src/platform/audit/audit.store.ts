import type { AuditAction, AuditOutcome } from '@studioops/contracts/audit'
import type { Db } from '../db/database.ts'
import { toJsonb } from '../db/jsonb.ts'

export type NewEvent = {
  readonly actorId?: string
  readonly action: AuditAction
  readonly target?: string
  readonly outcome: AuditOutcome
  readonly correlationId: string | undefined
  readonly address: string | undefined
  readonly facts: unknown
}

/** Number, time and hashes are given by the trigger. */
export async function appendEvent(db: Db, event: NewEvent): Promise<void> {
  await db
    .insertInto('audit_events')
    .values({
      actor_id: event.actorId ?? null,
      action: event.action,
      target: event.target ?? null,
      outcome: event.outcome,
      request_id: event.correlationId ?? null,
      address: event.address ?? null,
      facts: toJsonb(event.facts),
    })
    .execute()
}
