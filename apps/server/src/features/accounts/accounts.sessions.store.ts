import { limits } from '@studioops/contracts/limits'
import { sql } from 'kysely'
import { type Db, transactionUser } from '../../platform/db/database.ts'

export type NewSession = {
  readonly jti: string
  readonly userId: string
  readonly family: string
  readonly refreshHash: string
  readonly expiresAt: Date
  readonly absoluteEnd: Date
  readonly steppedUpAt: Date | undefined
  readonly userAgent: string | undefined
  readonly address: string
  readonly now: Date
}

export async function insertSession(db: Db, session: NewSession): Promise<void> {
  await db
    .insertInto('user_sessions')
    .values({
      jti: session.jti,
      user_id: session.userId,
      family: session.family,
      refresh_hash: session.refreshHash,
      rotated_at: session.now,
      created_at: session.now,
      last_seen_at: session.now,
      expires_at: session.expiresAt,
      absolute_end: session.absoluteEnd,
      stepped_up_at: session.steppedUpAt ?? null,
      user_agent: session.userAgent?.slice(0, 300) ?? null,
      address: session.address,
    })
    .execute()
}

/** A session that has neither ended nor been revoked, of a person who is not disabled. */
export async function findLiveSession(db: Db, jti: string, now: Date) {
  return db
    .selectFrom('user_sessions')
    .innerJoin('users', 'users.id', 'user_sessions.user_id')
    .innerJoin('workspace', (join) => join.onTrue())
    .leftJoin('second_factors', (join) =>
      join
        .onRef('second_factors.user_id', '=', 'users.id')
        .on('second_factors.confirmed_at', 'is not', null),
    )
    .select([
      'user_sessions.jti',
      'user_sessions.user_id',
      'user_sessions.family',
      'user_sessions.expires_at',
      'user_sessions.absolute_end',
      'user_sessions.stepped_up_at',
      'user_sessions.replaced_at',
      'users.role',
      'workspace.second_factor_required',
      'second_factors.confirmed_at as second_factor_since',
    ])
    .where('user_sessions.jti', '=', jti)
    .where('user_sessions.user_id', '=', transactionUser)
    .where('user_sessions.revoked_at', 'is', null)
    .where('user_sessions.expires_at', '>', now)
    .where('users.disabled_at', 'is', null)
    .executeTakeFirst()
}

export type LiveRow = NonNullable<Awaited<ReturnType<typeof findLiveSession>>>

/** When the last live session of a sign-in ends if nothing is done; undefined where none lives. */
export async function findFamilyEnd(db: Db, family: string, now: Date): Promise<Date | undefined> {
  const row = await db
    .selectFrom('user_sessions')
    .innerJoin('users', 'users.id', 'user_sessions.user_id')
    .select(({ fn }) => fn.max('user_sessions.expires_at').as('ends_at'))
    .where(sql`coalesce(family, jti)`, '=', family)
    .where('user_sessions.user_id', '=', transactionUser)
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', now)
    .where('users.disabled_at', 'is', null)
    .executeTakeFirst()
  // An aggregate of a timestamp is a timestamp; of no rows it is null.
  return (row?.ends_at as Date | null) ?? undefined
}

/** The refresh ids of a live session, locked until the end of the transaction. */
export async function lockRefresh(db: Db, jti: string) {
  return db
    .selectFrom('user_sessions')
    .select(['refresh_hash', 'previous_refresh_hash', 'rotated_at'])
    .where('jti', '=', jti)
    .where('user_id', '=', transactionUser)
    .where('revoked_at', 'is', null)
    .forUpdate()
    .executeTakeFirst()
}

type Rotation = { readonly from: string; readonly to: string }

/** @param rotation absent where another tab has rotated a moment ago */
export async function extendSession(
  db: Db,
  session: { jti: string; expiresAt: Date; now: Date; rotation: Rotation | undefined },
): Promise<void> {
  const { jti, expiresAt, now, rotation } = session
  await db
    .updateTable('user_sessions')
    .set({
      expires_at: expiresAt,
      last_seen_at: now,
      ...(rotation === undefined
        ? {}
        : {
            refresh_hash: rotation.to,
            previous_refresh_hash: rotation.from,
            rotated_at: now,
          }),
    })
    .where('jti', '=', jti)
    .where('user_id', '=', transactionUser)
    .execute()
}

export async function revokeFamily(db: Db, family: string, now: Date): Promise<void> {
  await db
    .updateTable('user_sessions')
    .set({ revoked_at: now })
    .where(sql`coalesce(family, jti)`, '=', family)
    .where('user_sessions.user_id', '=', transactionUser)
    .where('revoked_at', 'is', null)
    .execute()
}

/** Another id goes on from here; this one ends by itself after what was under way. */
export async function replaceSession(
  db: Db,
  { jti, now, until }: { jti: string; now: Date; until: Date },
): Promise<void> {
  await db
    .updateTable('user_sessions')
    .set({ replaced_at: now, expires_at: sql`least(expires_at, ${until}::timestamptz)` })
    .where('jti', '=', jti)
    .where('user_id', '=', transactionUser)
    .where('revoked_at', 'is', null)
    .execute()
}

/** @param keep the sign-in that goes on; absent: all end */
export async function revokeSessions(
  db: Db,
  { userId, keep, now }: { userId: string; keep: string | undefined; now: Date },
): Promise<number> {
  const ended = await db
    .updateTable('user_sessions')
    .set({ revoked_at: now })
    .where('user_id', '=', userId)
    .where('revoked_at', 'is', null)
    .$if(keep !== undefined, (query) =>
      query.where(sql<boolean>`coalesce(family, jti) is distinct from ${keep ?? ''}::uuid`),
    )
    .executeTakeFirst()
  return Number(ended.numUpdatedRows)
}

/** The live sessions of a person, the one last seen first. */
export async function listSessions(db: Db, { userId, now }: { userId: string; now: Date }) {
  return db
    .selectFrom('user_sessions')
    .select([
      sql<string>`coalesce(family, jti)`.as('family'),
      // The first row of a sign-in is older than those that took its place.
      sql<Date>`absolute_end - make_interval(hours => ${limits.sessionAbsoluteHours})`.as(
        'signed_in_at',
      ),
      'last_seen_at',
      'user_agent',
      'address',
    ])
    .where('user_id', '=', userId)
    .where('revoked_at', 'is', null)
    .where('replaced_at', 'is', null)
    .where('expires_at', '>', now)
    .orderBy('last_seen_at', 'desc')
    .execute()
}

const keptAfterEndMs = 24 * 3_600_000

/** Sessions that ended a day ago, and links that nobody can use any more. @returns how many went */
export async function deleteEndedSessions(db: Db, now: Date): Promise<number> {
  const before = new Date(now.getTime() - keptAfterEndMs)
  const sessions = await db
    .deleteFrom('user_sessions')
    .where(({ or, eb }) => or([eb('expires_at', '<', before), eb('revoked_at', '<', before)]))
    .executeTakeFirst()
  const resets = await db
    .deleteFrom('password_resets')
    .where('expires_at', '<', before)
    .executeTakeFirst()
  return Number(sessions.numDeletedRows + resets.numDeletedRows)
}
