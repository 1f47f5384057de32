import { sql } from 'kysely'
import { type Db, transactionUser } from '../../platform/db/database.ts'

export async function findFactor(db: Db) {
  return db
    .selectFrom('second_factors')
    .select(['encrypted_secret', 'last_step', 'confirmed_at'])
    .where('user_id', '=', transactionUser)
    .executeTakeFirst()
}

/** The wrapped key under which the secrets of the person lie. */
export async function findWrappedKey(db: Db): Promise<string> {
  const { wrapped_key: wrappedKey } = await db
    .selectFrom('users')
    .select('wrapped_key')
    .where('id', '=', transactionUser)
    .executeTakeFirstOrThrow()
  return wrappedKey
}

/** Begins, or begins anew, as long as none is confirmed. @returns false where one is */
export async function keepSecret(db: Db, userId: string, encrypted: string): Promise<boolean> {
  const kept = await db
    .insertInto('second_factors')
    .values({ user_id: userId, encrypted_secret: encrypted })
    .onConflict((conflict) =>
      conflict
        .column('user_id')
        .doUpdateSet({ encrypted_secret: encrypted, last_step: 0, created_at: sql`now()` })
        .where('second_factors.confirmed_at', 'is', null),
    )
    .returning('user_id')
    .executeTakeFirst()
  return kept !== undefined
}

/** Each code counts once. @returns false for one of a time of which one was taken already */
export async function takeStep(db: Db, step: number): Promise<boolean> {
  const taken = await db
    .updateTable('second_factors')
    .set({ last_step: step })
    .where('user_id', '=', transactionUser)
    .where('last_step', '<', step)
    .executeTakeFirst()
  return taken.numUpdatedRows > 0n
}

export async function confirm(db: Db): Promise<void> {
  await db
    .updateTable('second_factors')
    .set({ confirmed_at: sql`now()` })
    .where('user_id', '=', transactionUser)
    .execute()
}

export async function removeFactor(db: Db): Promise<void> {
  await db.deleteFrom('recovery_codes').where('user_id', '=', transactionUser).execute()
  await db.deleteFrom('second_factors').where('user_id', '=', transactionUser).execute()
}

export async function replaceCodes(
  db: Db,
  userId: string,
  hashes: readonly string[],
): Promise<void> {
  await db.deleteFrom('recovery_codes').where('user_id', '=', transactionUser).execute()
  await db
    .insertInto('recovery_codes')
    .values(hashes.map((hash) => ({ user_id: userId, code_hash: hash })))
    .execute()
}

export async function takeCode(db: Db, hash: string): Promise<boolean> {
  const taken = await db
    .updateTable('recovery_codes')
    .set({ used_at: sql`now()` })
    .where('user_id', '=', transactionUser)
    .where('code_hash', '=', hash)
    .where('used_at', 'is', null)
    .executeTakeFirst()
  return taken.numUpdatedRows > 0n
}

export async function countCodes(db: Db): Promise<number> {
  const { left } = await db
    .selectFrom('recovery_codes')
    .select(({ fn }) => fn.countAll<number>().as('left'))
    .where('user_id', '=', transactionUser)
    .where('used_at', 'is', null)
    .executeTakeFirstOrThrow()
  return left
}

export async function isRequired(db: Db): Promise<boolean> {
  const { second_factor_required: required } = await db
    .selectFrom('workspace')
    .select('second_factor_required')
    .executeTakeFirstOrThrow()
  return required
}
