import { sql } from 'kysely'
import type { Db } from '../db/database.ts'
import { toJsonb } from '../db/jsonb.ts'

export type IdempotencyKey = {
  readonly userId: string
  readonly route: string
  readonly key: string
}

/** Takes the key for this request. @returns false when somebody has it already */
export async function claimKey(db: Db, key: IdempotencyKey, requestHash: string): Promise<boolean> {
  // The answers in it are people's data: nothing is kept longer than it can be asked for.
  await db
    .deleteFrom('idempotency_keys')
    .where('user_id', '=', key.userId)
    .where('created_at', '<', sql<Date>`now() - interval '24 hours'`)
    .execute()
  const claimed = await db
    .insertInto('idempotency_keys')
    .values({ user_id: key.userId, route: key.route, key: key.key, request_hash: requestHash })
    .onConflict((conflict) =>
      conflict
        .columns(['user_id', 'route', 'key'])
        .doUpdateSet({
          request_hash: requestHash,
          created_at: sql`now()`,
          status: null,
          body: null,
        })
        // The process that had it died in the middle of its work.
        .where(
          sql<boolean>`idempotency_keys.status is null and idempotency_keys.created_at < now() - interval '1 minute'
            and idempotency_keys.request_hash = ${requestHash}`,
        ),
    )
    .returning('key')
    .executeTakeFirst()
  return claimed !== undefined
}

export async function findKey(db: Db, { userId, route, key }: IdempotencyKey) {
  return db
    .selectFrom('idempotency_keys')
    .select(['request_hash', 'status', 'body'])
    .where('user_id', '=', userId)
    .where('route', '=', route)
    .where('key', '=', key)
    .executeTakeFirst()
}

export async function keepReply(
  db: Db,
  { userId, route, key }: IdempotencyKey,
  { status, body }: { status: number; body: unknown },
): Promise<void> {
  await db
    .updateTable('idempotency_keys')
    .set({ status, body: toJsonb(body) })
    .where('user_id', '=', userId)
    .where('route', '=', route)
    .where('key', '=', key)
    .execute()
}

export async function releaseKey(db: Db, { userId, route, key }: IdempotencyKey): Promise<void> {
  await db
    .deleteFrom('idempotency_keys')
    .where('user_id', '=', userId)
    .where('route', '=', route)
    .where('key', '=', key)
    .execute()
}

/** A visitor's request: nobody is known, so the key is a keyed hash of route and key. */
export type VisitorKey = { readonly hashedKey: string; readonly requestHash: string }

export type KeptReply = {
  readonly request_hash: string
  readonly status: number | null
  readonly body: unknown
}

/** @returns undefined where the key is ours now */
export async function claimVisitorKey(
  db: Db,
  { hashedKey, requestHash }: VisitorKey,
): Promise<KeptReply | undefined> {
  const { rows } = await sql<KeptReply>`
    select request_hash, status, body from claim_visitor_key(${hashedKey}, ${requestHash})`.execute(
    db,
  )
  return rows[0]
}

export async function keepVisitorReply(
  db: Db,
  { hashedKey, requestHash }: VisitorKey,
  { status, body }: { status: number; body: string },
): Promise<void> {
  await sql`select keep_visitor_reply(${hashedKey}, ${requestHash}, ${status}, ${body})`.execute(db)
}

export async function releaseVisitorKey(
  db: Db,
  { hashedKey, requestHash }: VisitorKey,
): Promise<void> {
  await sql`select release_visitor_key(${hashedKey}, ${requestHash})`.execute(db)
}

/** Answers that nobody can ask for any more. @returns how many went */
export async function deleteOldKeys(db: Db, now: Date): Promise<number> {
  const before = new Date(now.getTime() - 24 * 3_600_000)
  const deleted = await db
    .deleteFrom('idempotency_keys')
    .where('created_at', '<', before)
    .executeTakeFirst()
  const ofVisitors = await db
    .deleteFrom('visitor_keys')
    .where('created_at', '<', before)
    .executeTakeFirst()
  return Number(deleted.numDeletedRows + ofVisitors.numDeletedRows)
}
