import { sql } from 'kysely'
import type { OperationState, OperationSystem } from '@studioops/contracts/operations'
import { type Db, transactionUser } from '../../platform/db/database.ts'
import { toJsonb } from '../../platform/db/jsonb.ts'
import { wantedBy } from '../../platform/log/log.ts'

export type NewOperation = {
  readonly id: string
  readonly userId: string
  /** What made it, once: `story:<id>`, `page:<id>`; of steps, only their parent has one. */
  readonly cause?: string
  /** Goes with this story when it is deleted, and leads back to it. */
  readonly storyId?: string
  readonly kind: string
  readonly title: string
  readonly target: unknown
  readonly payload: unknown
  readonly payloadHash: string
  readonly marker: string
}

type Placed = NewOperation & {
  /** Absent for a group. */
  readonly system: OperationSystem | undefined
  readonly parentId?: string
  readonly step?: number
  /** Waits for earlier steps. */
  readonly waits?: boolean
}

/**
 * Puts a write into the outbox, unless its cause has one already.
 *
 * @returns false when there was one: a second approval changes nothing
 */
export async function insertOperation(db: Db, operation: Placed): Promise<boolean> {
  const isQueued = operation.system !== undefined && operation.waits !== true
  const inserted = await db
    .insertInto('outside_operations')
    .values({
      id: operation.id,
      user_id: operation.userId,
      system: operation.system ?? null,
      parent_id: operation.parentId ?? null,
      step: operation.step ?? 0,
      cause: operation.cause ?? null,
      story_id: operation.storyId ?? null,
      kind: operation.kind,
      title: operation.title,
      target: toJsonb(operation.target),
      payload: toJsonb(operation.payload),
      payload_hash: operation.payloadHash,
      marker: operation.marker,
      state: 'planned',
      next_attempt_at: isQueued ? sql`now()` : null,
      ...wantedBy(),
    })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst()
  return (inserted.numInsertedOrUpdatedRows ?? 0n) > 0n
}

/** Somebody asks for this system now: what waits for a better moment tries, but never before a `Retry-After`. */
export async function pullForward(db: Db, system: OperationSystem): Promise<void> {
  await db
    .updateTable('outside_operations')
    .set({ next_attempt_at: sql`now()` })
    .where('user_id', '=', transactionUser)
    .where('system', '=', system)
    .where('state', '=', 'planned')
    .where('next_attempt_at', '>', sql<Date>`now()`)
    .where('error_code', 'not like', '%.rate-limited')
    .execute()
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

/** The newest operation of a cause, refused and cancelled ones included. */
export async function findOperationOf(db: Db, cause: string) {
  return db
    .selectFrom('outside_operations')
    .selectAll()
    .where('cause', '=', cause)
    .where('user_id', '=', transactionUser)
    .orderBy('created_at', 'desc')
    .limit(1)
    .executeTakeFirst()
}

/** Without steps, which are shown with their parents; newest first. */
export async function listOperations(db: Db, limit: number) {
  return db
    .selectFrom('outside_operations')
    .selectAll()
    .where('user_id', '=', transactionUser)
    .where('parent_id', 'is', null)
    .orderBy('created_at', 'desc')
    .limit(limit)
    .execute()
}

/** The steps of these parents, in their order. */
export async function listSteps(db: Db, parentIds: readonly string[]): Promise<OperationRow[]> {
  if (parentIds.length === 0) return []
  return db
    .selectFrom('outside_operations')
    .selectAll()
    .where('parent_id', 'in', parentIds)
    .orderBy('step')
    .orderBy('id')
    .execute()
}

/** How many writes of the person wait before each that waits, by id. */
export async function countAhead(db: Db): Promise<ReadonlyMap<string, number>> {
  const rows = await db
    .selectFrom('outside_operations')
    .select([
      'id',
      sql<number>`(row_number() over (partition by system order by created_at, step, id) - 1)::int`.as(
        'ahead',
      ),
    ])
    .where('user_id', '=', transactionUser)
    .where('state', '=', 'planned')
    .where('next_attempt_at', 'is not', null)
    .execute()
  return new Map(rows.map(({ id, ahead }) => [id, ahead]))
}

const openStates: OperationState[] = ['planned', 'attempting', 'unknown', 'needs-user', 'partial']

export async function countOpen(db: Db): Promise<number> {
  const { count } = await db
    .selectFrom('outside_operations')
    .select(sql<number>`count(*)::int`.as('count'))
    .where('state', 'in', openStates)
    .where('parent_id', 'is', null)
    .where('user_id', '=', transactionUser)
    .executeTakeFirstOrThrow()
  return count
}

/** The operation that is due and the right to work on it, fenced by its epoch. */
export type Claim = { readonly row: OperationRow; readonly epoch: number }

type Claiming = {
  readonly system: OperationSystem
  readonly nodeId: string
  /** How long nobody else may touch it. */
  readonly leaseMs: number
  /** The person whose turn it was last; others come first. */
  readonly after: string | undefined
}

/**
 * Takes what a system is to be asked for next: of one person, nothing while something else of theirs
 * is under way there, and the head of their queue only. First what is looked for or was left behind,
 * then what is new.
 */
export async function claimDue(db: Db, claiming: Claiming): Promise<Claim | undefined> {
  const { system, nodeId, leaseMs, after } = claiming
  for (const due of [
    leftBehind(system),
    ...(after === undefined ? [] : [headAfter(system, after)]),
    headAfter(system, undefined),
  ]) {
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
    if (row !== undefined) return { row, epoch: row.epoch }
  }
  return undefined
}

function leftBehind(system: OperationSystem) {
  return sql<string>`(
    select id from outside_operations waiting
    where system = ${system} and (
      (state = 'unknown' and next_attempt_at <= now() and (lease_until is null or lease_until < now()))
      or (state = 'attempting' and lease_until < now()))
    order by next_attempt_at limit 1 for update skip locked)`
}

/**
 * Walks from person to person in the index instead of through everything that waits, so that a
 * long queue costs no more than a short one. The conditions are asked again of the locked row:
 * somebody else may have been quicker.
 */
function headAfter(system: OperationSystem, after: string | undefined) {
  const queue = sql`outside_operations where system = ${system} and state = 'planned' and next_attempt_at is not null`
  const first = after === undefined ? sql`` : sql`and user_id > ${after}`
  return sql<string>`(
    with recursive people as (
      (select user_id from ${queue} ${first} order by user_id limit 1)
      union all
      select (select user_id from ${queue} and user_id > people.user_id order by user_id limit 1)
      from people where people.user_id is not null
    )
    select head.id from people
    cross join lateral (
      select id from ${queue} and user_id = people.user_id order by created_at, step, id limit 1
    ) first
    join outside_operations head on head.id = first.id
    where head.state = 'planned' and head.next_attempt_at <= now()
      and not exists (select from outside_operations busy where busy.system = ${system}
        and busy.user_id = people.user_id and busy.lease_until > now())
    limit 1 for update of head skip locked)`
}

/** When something may be due next, in milliseconds from now; undefined when nothing waits for a time. */
export async function nextDueInMs(db: Db): Promise<number | undefined> {
  const { wait } = await db
    .selectNoFrom(
      sql<number | null>`extract(epoch from least(
        (select min(next_attempt_at) from outside_operations
          where state in ('planned', 'unknown') and next_attempt_at > now()),
        (select min(lease_until) from outside_operations
          where lease_until is not null and lease_until > now())) - now())::float8 * 1000`.as(
        'wait',
      ),
    )
    .executeTakeFirstOrThrow()
  return wait === null ? undefined : Math.max(0, wait)
}

/** What an earlier process of this node held is free at once: it is dead. */
export async function releaseLeasesOf(db: Db, nodeId: string): Promise<void> {
  await db
    .updateTable('outside_operations')
    .set({ lease_until: sql`now() - interval '1 second'` })
    .where('node_id', '=', nodeId)
    .where('lease_until', 'is not', null)
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
  readonly payloadHash?: string
  /** It waits for earlier steps. */
  readonly noTime?: true
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
    next_attempt_at: change.noTime === true ? null : inMs(change.nextInMs),
    // A new state ends the work on it; noting that it is about to be sent does not.
    lease_until: change.state === undefined ? undefined : null,
    error_code: change.errorCode,
    error_facts: json(change.errorFacts),
    external_key: change.key,
    external_url: change.url,
    marker: change.marker,
    payload: json(change.payload),
    payload_hash: change.payloadHash,
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
