import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'

export type FailedTries = { readonly until: Date | null; readonly known: number }

/** Until when the longest of these has to wait, and how many of them are known. */
export async function findFailedTries(
  db: Db,
  keys: readonly string[],
  now: Date,
): Promise<FailedTries> {
  const { rows } = await sql<FailedTries>`
    select wait_until as until, known from find_failed_tries(${keys}::text[], ${now})`.execute(db)
  return rows[0] ?? { until: null, known: 0 }
}

/** Each in the same order, so that two that fail at once wait for each other and do not lock. */
export async function noteFailedTries(
  db: Db,
  tries: readonly { readonly key: string; readonly free: number }[],
  now: Date,
): Promise<void> {
  for (const { key, free } of tries.toSorted((one, other) => (one.key < other.key ? -1 : 1)))
    await sql`select note_failed_try(${key}, ${free}::integer, ${now})`.execute(db)
}

export async function forgetFailedTries(db: Db, keys: readonly string[]): Promise<void> {
  await sql`select forget_failed_tries(${keys}::text[])`.execute(db)
}

/** Those of which the next one would be the first again. @returns how many went */
export async function deleteOldTries(db: Db, now: Date): Promise<number> {
  const deleted = await db
    .deleteFrom('failed_tries')
    .where('failed_at', '<', new Date(now.getTime() - 3_600_000))
    .executeTakeFirst()
  return Number(deleted.numDeletedRows)
}
