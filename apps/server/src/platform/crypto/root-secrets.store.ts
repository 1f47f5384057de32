import { sql } from 'kysely'
import type { Db } from '../db/database.ts'

export type RootName = 'root' | 'pepper'
export type RootRow = { readonly name: RootName; readonly wrapped: string }
export type WrappedKey = { readonly id: string; readonly wrapped: string }
export type Rewrapped = WrappedKey & { readonly next: string }

export async function readRoots(db: Db) {
  const rows = await db.selectFrom('root_secrets').selectAll().orderBy('name').execute()
  // The check constraint lists exactly these names.
  return rows.map((row) => ({ ...row, name: row.name as RootName }))
}

/** Keeps what is there: of several servers that start at once, one makes them. */
export async function insertRoots(db: Db, rows: readonly RootRow[]): Promise<void> {
  await db
    .insertInto('root_secrets')
    .values(rows.map(({ name, wrapped }) => ({ name, wrapped })))
    .onConflict((conflict) => conflict.column('name').doNothing())
    .execute()
}

/** @returns whether it was still wrapped as expected */
export async function rewrapRoot(
  db: Db,
  { name, wrapped, next }: RootRow & { next: string },
): Promise<boolean> {
  const changed = await db
    .updateTable('root_secrets')
    .set({ wrapped: next, wrapped_at: sql<Date>`now()` })
    .where('name', '=', name)
    .where('wrapped', '=', wrapped)
    .executeTakeFirst()
  return changed.numUpdatedRows > 0n
}

export async function replaceRoots(db: Db, rows: readonly RootRow[]): Promise<void> {
  for (const { name, wrapped } of rows)
    await db
      .insertInto('root_secrets')
      .values({ name, wrapped })
      .onConflict((conflict) =>
        conflict.column('name').doUpdateSet({ wrapped, wrapped_at: sql`now()` }),
      )
      .execute()
}

/** Somebody's data key; undefined where nobody has registered yet. */
export async function anyDataKey(db: Db): Promise<WrappedKey | undefined> {
  return db
    .selectFrom('users')
    .select(['id', 'wrapped_key as wrapped'])
    .orderBy('created_at')
    .limit(1)
    .executeTakeFirst()
}

/** Data keys that are not wrapped by this master key, in the order of their ids. */
export async function dataKeysNotOf(
  db: Db,
  { fingerprint, after, limit }: { fingerprint: string; after: string; limit: number },
): Promise<WrappedKey[]> {
  return db
    .selectFrom('users')
    .select(['id', 'wrapped_key as wrapped'])
    .where('id', '>', after)
    .where(sql<boolean>`wrapped_key not like ${`v1.${fingerprint}.%`}`)
    .orderBy('id')
    .limit(limit)
    .execute()
}

/** Changes each that is still wrapped as it was read. @returns how many were */
export async function rewrapDataKeys(db: Db, keys: readonly Rewrapped[]): Promise<number> {
  const ids = keys.map(({ id }) => id)
  const before = keys.map(({ wrapped }) => wrapped)
  const after = keys.map(({ next }) => next)
  const { numAffectedRows } = await sql`
    update users set wrapped_key = keys.after
    from unnest(${ids}::uuid[], ${before}::text[], ${after}::text[]) as keys (id, before, after)
    where users.id = keys.id and users.wrapped_key = keys.before`.execute(db)
  return Number(numAffectedRows ?? 0n)
}

/** How many data keys each master key wraps, by fingerprint. */
export async function countDataKeys(db: Db): Promise<{ fingerprint: string; people: number }[]> {
  return db
    .selectFrom('users')
    .select([
      sql<string>`split_part(wrapped_key, '.', 2)`.as('fingerprint'),
      sql<number>`count(*)::int`.as('people'),
    ])
    .groupBy(sql`1`)
    .orderBy(sql`1`)
    .execute()
}
