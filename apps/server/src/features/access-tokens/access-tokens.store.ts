import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'

export type NewToken = {
  readonly id: string
  readonly userId: string
  readonly name: string
  readonly hash: string
  readonly hint: string
  readonly scopes: readonly string[]
  readonly now: Date
  readonly expiresAt: Date
}

export async function insertToken(db: Db, token: NewToken): Promise<void> {
  await db
    .insertInto('access_tokens')
    .values({
      id: token.id,
      user_id: token.userId,
      name: token.name,
      token_hash: token.hash,
      token_hint: token.hint,
      scopes: [...token.scopes],
      created_at: token.now,
      expires_at: token.expiresAt,
    })
    .execute()
}

export async function listTokens(db: Db, limit: number) {
  return db
    .selectFrom('access_tokens')
    .select([
      'id',
      'name',
      'token_hint',
      'scopes',
      'created_at',
      'expires_at',
      'last_used_at',
      'revoked_at',
    ])
    .orderBy('created_at', 'desc')
    .limit(limit)
    .execute()
}
export type TokenRow = Awaited<ReturnType<typeof listTokens>>[number]

/** @returns false where there is none of this person's that still lives */
export async function revokeToken(db: Db, id: string, now: Date): Promise<boolean> {
  const changed = await db
    .updateTable('access_tokens')
    .set({ revoked_at: now })
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .executeTakeFirst()
  return changed.numUpdatedRows > 0n
}

export type UsedToken = {
  readonly user_id: string
  readonly token_id: string
  readonly scopes: readonly string[]
  readonly expires_at: Date
}

export async function useToken(db: Db, hash: string, now: Date): Promise<UsedToken | undefined> {
  const { rows } = await sql<UsedToken>`
    select user_id, token_id, scopes, expires_at from use_access_token(${hash}, ${now})`.execute(db)
  return rows[0]
}

/** Those that nobody can use any more stay to be seen for a while. */
export async function deleteOldTokens(db: Db, before: Date): Promise<number> {
  const gone = await db
    .deleteFrom('access_tokens')
    .where((eb) => eb.or([eb('expires_at', '<', before), eb('revoked_at', '<', before)]))
    .executeTakeFirst()
  return Number(gone.numDeletedRows)
}
