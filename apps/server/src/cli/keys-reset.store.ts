import { sql } from 'kysely'
import type { Db } from '../platform/db/database.ts'

export async function listEverybody(db: Db) {
  return db
    .selectFrom('users')
    .select(['id', 'employee_id', 'role', 'disabled_at'])
    .orderBy('created_at')
    .execute()
}

/** Nobody can sign in with what was hashed and no code fits any more; whoever was signed in is not. */
export async function forgetWhatIsLost(
  db: Db,
  keys: readonly { id: string; wrapped: string }[],
): Promise<void> {
  await sql`
    update users set wrapped_key = keys.wrapped, hashed_password = 'lost', updated_at = now()
    from unnest(${keys.map(({ id }) => id)}::uuid[], ${keys.map(({ wrapped }) => wrapped)}::text[])
      as keys (id, wrapped)
    where users.id = keys.id`.execute(db)
  await db
    .updateTable('user_sessions')
    .set({ revoked_at: sql`now()` })
    .where('revoked_at', 'is', null)
    .execute()
  await db.deleteFrom('second_factors').execute()
  await db.deleteFrom('recovery_codes').execute()
}

/** As the person: the tokens have to be entered again, and the features say so until then. */
export async function closeConnections(db: Db, userId: string): Promise<void> {
  await db
    .updateTable('connection_checks')
    .set({
      failing_since: sql`coalesce(failing_since, now())`,
      failure_code: 'secret.locked',
      failure_facts: '{}',
    })
    .where('user_id', '=', userId)
    .execute()
}

/** As somebody who runs the workspace. @returns whether it was allowed */
export async function offerReset(
  db: Db,
  { id, hash, until }: { id: string; hash: string; until: Date },
): Promise<boolean> {
  const { rows } = await sql<{ done: boolean }>`
    select offer_password_reset(${id}::uuid, ${hash}, ${until}) as done`.execute(db)
  return rows[0]?.done === true
}
