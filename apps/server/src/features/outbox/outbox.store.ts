import { sql } from 'kysely'
import type { OperationState } from '@studioops/contracts/operations'
import { type Db, transactionUser } from '../../platform/db/database.ts'
import { toJsonb } from '../../platform/db/jsonb.ts'

export type NewOperation = {
  readonly id: string
  readonly userId: string
  readonly storyId: string
  readonly kind: string
  readonly title: string
  readonly target: unknown
  readonly payload: unknown
  readonly payloadHash: string
  readonly marker: string
}

/**
 * Puts a write into the outbox, unless the story has one already.
 *
 * @returns false when there was one: a second approval changes nothing
 */
export async function insertOperation(db: Db, operation: NewOperation): Promise<boolean> {
  const inserted = await db
    .insertInto('outside_operations')
    .values({
      id: operation.id,
      user_id: operation.userId,
      story_id: operation.storyId,
      kind: operation.kind,
      title: operation.title,
      target: toJsonb(operation.target),
      payload: toJsonb(operation.payload),
      payload_hash: operation.payloadHash,
      marker: operation.marker,
      state: 'planned',
      next_attempt_at: sql`now()`,
    })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst()
  return (inserted.numInsertedOrUpdatedRows ?? 0n) > 0n
}

export async function findOperation(db: Db, id: string) {
  return db
    .selectFrom('outside_operations')
    .selectAll()
    .where('id', '=', id)
    .where('user_id', '=', transactionUser)
    .executeTakeFirst()
}
export type OperationRow = NonNullable<Awaited<ReturnType<typeof findOperation>>>

/** The newest operation of a story, refused and cancelled ones included. */
export async function findOperationOfStory(db: Db, storyId: string) {
  return db
    .selectFrom('outside_operations')
    .selectAll()
    .where('story_id', '=', storyId)
    .where('user_id', '=', transactionUser)
    .orderBy('created_at', 'desc')
    .limit(1)
    .executeTakeFirst()
}

export async function listOperations(db: Db, limit: number) {
  return db
    .selectFrom('outside_operations')
    .selectAll()
    .where('user_id', '=', transactionUser)
    .orderBy('created_at', 'desc')
    .limit(limit)
    .execute()
}

const openStates: OperationState[] = ['planned', 'attempting', 'unknown', 'needs-user']

export async function countOpen(db: Db): Promise<number> {
  const { count } = await db
    .selectFrom('outside_operations')
    .select(sql<number>`count(*)::int`.as('count'))
    .where('state', 'in', openStates)
    .where('user_id', '=', transactionUser)
    .executeTakeFirstOrThrow()
  return count
}

/** The operation that is due and the right to work on it, fenced by its epoch. */
export type Claim = { readonly row: OperationRow; readonly epoch: number }

/**
 * Takes the next due operation, or one whose holder let its lease run out.
 *
 * @param leaseMs how long nobody else may touch it
 */
export async function claimDue(
  db: Db,
  { nodeId, leaseMs }: { nodeId: string; leaseMs: number },
): Promise<Claim | undefined> {
  const due = db
    .selectFrom('outside_operations')
    .select('id')
    .where((where) =>
      where.or([
        where.and([
          where('state', 'in', ['planned', 'unknown']),
          where('next_attempt_at', '<=', sql<Date>`now()`),
        ]),
        where.and([where('state', '=', 'attempting'), where('lease_until', '<', sql<Date>`now()`)]),
      ]),
    )
    .orderBy('next_attempt_at')
    .limit(1)
    .forUpdate()
    .skipLocked()
  const row = await db
    .updateTable('outside_operations')
    .set({
      epoch: sql`epoch + 1`,
      node_id: nodeId,
      lease_until: sql`now() + ${leaseMs} * interval '1 millisecond'`,
      // Whoever finds it "attempting" after us must know whether anything can have left.
      state: sql`case when state = 'planned' then 'attempting' when state = 'attempting' and sent_at is not null
        then 'unknown' else state end`,
      updated_at: sql`now()`,
    })
    .where('id', 'in', due)
    .returningAll()
    .executeTakeFirst()
  return row === undefined ? undefined : { row, epoch: row.epoch }
}

/** When the next operation is due, in milliseconds from now; undefined when none waits. */
export async function nextDueInMs(db: Db): Promise<number | undefined> {
  const { wait } = await db
    .selectFrom('outside_operations')
    .select(
      sql<number | null>`extract(epoch from min(case when state = 'attempting' then lease_until
        else next_attempt_at end) - now())::float8 * 1000`.as('wait'),
    )
    .where('state', 'in', ['planned', 'unknown', 'attempting'])
    .executeTakeFirstOrThrow()
  return wait === null ? undefined : Math.max(0, wait)
}

/** What an earlier process of this node held is free at once: it is dead. */
export async function releaseLeasesOf(db: Db, nodeId: string): Promise<void> {
  await db
    .updateTable('outside_operations')
    .set({ lease_until: sql`now() - interval '1 second'` })
    .where('node_id', '=', nodeId)
    .where('state', '=', 'attempting')
    .execute()
}

type Change = {
  readonly state?: OperationState
  readonly sentNow?: true
  readonly notSent?: true
  readonly highWater?: string
  readonly attempts?: number
  readonly lookups?: number
  readonly nextInMs?: number
  readonly errorCode?: string | null
  readonly errorFacts?: unknown
  readonly key?: string
  readonly url?: string
  readonly marker?: string
  readonly payload?: unknown
}

function columnsOf(change: Change) {
  const inMs = (ms: number | undefined) =>
    ms === undefined ? undefined : sql<Date>`now() + ${ms} * interval '1 millisecond'`
  const json = (value: unknown) => (value === undefined ? undefined : toJsonb(value))
  // Undefined members are left as they are: Kysely does not write them.
  return {
    updated_at: sql<Date>`now()`,
    state: change.state,
    sent_at: sentAt(change),
    high_water: change.highWater,
    attempts: change.attempts,
    lookups: change.lookups,
    next_attempt_at: inMs(change.nextInMs),
    error_code: change.errorCode,
    error_facts: json(change.errorFacts),
    external_key: change.key,
    external_url: change.url,
    marker: change.marker,
    payload: json(change.payload),
  }
}

function sentAt({ sentNow, notSent }: Change) {
  if (notSent === true) return null
  return sentNow === true ? sql<Date>`now()` : undefined
}

/** Changes what the claim holds. @returns false when somebody else holds it now: stop at once */
export async function changeClaimed(
  db: Db,
  { row, epoch }: Claim,
  change: Change & { readonly leaseLeftMs?: number },
): Promise<boolean> {
  let query = db
    .updateTable('outside_operations')
    .set(columnsOf(change))
    .where('id', '=', row.id)
    .where('epoch', '=', epoch)
  if (change.leaseLeftMs !== undefined)
    query = query.where(
      'lease_until',
      '>',
      sql<Date>`now() + ${change.leaseLeftMs} * interval '1 millisecond'`,
    )
  const changed = await query.executeTakeFirst()
  return changed.numUpdatedRows > 0n
}

/** Changes an operation by hand, if it is still in one of these states. Takes it from any worker. */
export async function changeByHand(
  db: Db,
  { id, from, change }: { id: string; from: readonly OperationState[]; change: Change },
): Promise<OperationRow | undefined> {
  return db
    .updateTable('outside_operations')
    .set({ ...columnsOf(change), epoch: sql`epoch + 1` })
    .where('id', '=', id)
    .where('user_id', '=', transactionUser)
    .where('state', 'in', from)
    .returningAll()
    .executeTakeFirst()
}
