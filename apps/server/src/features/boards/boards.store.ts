import { sql } from 'kysely'
import { type Db, transactionUser } from '../../platform/db/database.ts'
import { toJsonb } from '../../platform/db/jsonb.ts'

export type CopyPlace = { readonly kind: 'boards' | 'board' | 'comments'; readonly key: string }

export type Copy = {
  readonly value: unknown
  readonly fetchedAt: Date
  /** Trello has said since that it changed. */
  readonly isOutdated: boolean
}

export async function findCopy(db: Db, { kind, key }: CopyPlace): Promise<Copy | undefined> {
  const row = await db
    .selectFrom('board_copies')
    .select(['value', 'fetched_at', 'is_outdated'])
    .where('user_id', '=', transactionUser)
    .where('kind', '=', kind)
    .where('key', '=', key)
    .executeTakeFirst()
  return row && { value: row.value, fetchedAt: row.fetched_at, isOutdated: row.is_outdated }
}

/** @param at when Trello was asked */
export async function saveCopy(
  db: Db,
  { kind, key }: CopyPlace,
  copy: { readonly userId: string; readonly value: unknown; readonly at: Date },
): Promise<void> {
  const values = { value: toJsonb(copy.value), fetched_at: copy.at, is_outdated: false }
  await db
    .insertInto('board_copies')
    .values({ user_id: copy.userId, kind, key, ...values })
    .onConflict((conflict) =>
      conflict
        .columns(['user_id', 'kind', 'key'])
        .doUpdateSet(values)
        // Two answers may come in another order than they were asked for.
        .where('board_copies.fetched_at', '<=', copy.at),
    )
    .execute()
}

/** Boards that are not the person's any more leave nothing behind. */
export async function forgetOtherBoards(db: Db, boardIds: readonly string[]): Promise<void> {
  await db
    .deleteFrom('board_copies')
    .where('user_id', '=', transactionUser)
    .where('kind', '=', 'board')
    .where(sql<boolean>`not (key = any(${boardIds}::text[]))`)
    .execute()
}

export async function forgetCopy(db: Db, { kind, key }: CopyPlace): Promise<void> {
  await db
    .deleteFrom('board_copies')
    .where('user_id', '=', transactionUser)
    .where('kind', '=', kind)
    .where('key', '=', key)
    .execute()
}
