import type { AuditAction, AuditOutcome } from '@studioops/contracts/audit'
import { sql } from 'kysely'
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

/** With the text that was hashed, made from the fields as they are now. */
export async function readChain(
  db: Db,
  { after, limit }: { after: number; limit: number },
): Promise<ChainRow[]> {
  const { rows } = await sql<ChainRow>`
    select sequence, previous, hash, action, facts,
      jsonb_build_array(sequence, extract(epoch from at), actor_id, action, target, outcome,
        request_id, address, facts)::text as body
    from audit_events where sequence > ${after} order by sequence limit ${limit}`.execute(db)
  return rows
}
export type ChainRow = {
  readonly sequence: number
  readonly previous: Buffer
  readonly hash: Buffer
  readonly action: string
  readonly facts: object
  readonly body: string
}

export async function readSegments(db: Db) {
  return db.selectFrom('audit_segments').selectAll().orderBy('last_sequence').execute()
}
export type SegmentRow = Awaited<ReturnType<typeof readSegments>>[number]

/** The newest place of the chain. */
export async function readHead(db: Db) {
  return db
    .selectFrom('audit_events')
    .select(['sequence', 'hash'])
    .orderBy('sequence', 'desc')
    .limit(1)
    .executeTakeFirst()
}

export async function readEvents(db: Db, { after, upTo, limit }: Range) {
  return db
    .selectFrom('audit_events')
    .selectAll()
    .where('sequence', '>', after)
    .where('sequence', '<=', upTo)
    .orderBy('sequence')
    .limit(limit)
    .execute()
}
type Range = { readonly after: number; readonly upTo: number; readonly limit: number }

/** The newest event from before this time; undefined where there is none. */
export async function lastSequenceBefore(db: Db, before: Date): Promise<number | undefined> {
  const row = await db
    .selectFrom('audit_events')
    .select('sequence')
    .where('at', '<', before)
    .orderBy('sequence', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row?.sequence
}

/** @returns false where another server is closing a part at this moment */
export async function lockClosing(db: Db): Promise<boolean> {
  const { rows } = await sql<{ locked: boolean }>`
    select pg_try_advisory_xact_lock(72011) as locked`.execute(db)
  return rows[0]?.locked === true
}

/** Takes the events up to this one out of the chain. @returns how many */
export async function closeSegment(db: Db, upTo: number): Promise<number> {
  const { rows } = await sql<{ closed: number }>`
    select audit_close_segment(${upTo}, null) as closed`.execute(db)
  return rows[0]?.closed ?? 0
}
