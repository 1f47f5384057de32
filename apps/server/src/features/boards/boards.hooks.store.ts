import { sql } from 'kysely'
import { type Db, transactionUser } from '../../platform/db/database.ts'

/** What Trello was asked to call, and for which board. */
export type Hook = {
  readonly id: string
  readonly userId: string
  readonly boardId: string
  /** Absent until Trello has agreed. */
  readonly webhookId: string | undefined
}

type HookRow = {
  readonly id: string
  readonly user_id: string
  readonly board_id: string
  readonly webhook_id: string | null
}

const columns = ['id', 'user_id', 'board_id', 'webhook_id'] as const

function toHook({ id, user_id: userId, board_id: boardId, webhook_id: webhookId }: HookRow): Hook {
  return { id, userId, boardId, webhookId: webhookId ?? undefined }
}

/** Whoever calls is nobody yet, so this asks for no person. */
export async function findHook(db: Db, id: string): Promise<Hook | undefined> {
  const row = await db
    .selectFrom('board_webhooks')
    .select(columns)
    .where('id', '=', id)
    .executeTakeFirst()
  return row && toHook(row)
}

/** True where nobody watches the board, or where nobody has looked for a day whether it is watched. */
export async function isUnwatched(db: Db, boardId: string): Promise<boolean> {
  const row = await db
    .selectFrom('board_webhooks')
    .select('id')
    .where('user_id', '=', transactionUser)
    .where('board_id', '=', boardId)
    .where('webhook_id', 'is not', null)
    .where('checked_at', '>', sql<Date>`now() - interval '1 day'`)
    .executeTakeFirst()
  return row === undefined
}

export async function findHookOf(db: Db, boardId: string): Promise<Hook | undefined> {
  const row = await db
    .selectFrom('board_webhooks')
    .select(columns)
    .where('user_id', '=', transactionUser)
    .where('board_id', '=', boardId)
    .executeTakeFirst()
  return row && toHook(row)
}

/** A new address for the board; calls to an earlier one are told that it is gone. */
export async function replaceHook(db: Db, hook: Omit<Hook, 'webhookId'>): Promise<void> {
  const { id, userId, boardId } = hook
  await db
    .insertInto('board_webhooks')
    .values({ id, user_id: userId, board_id: boardId })
    .onConflict((conflict) =>
      conflict.columns(['user_id', 'board_id']).doUpdateSet({ id, webhook_id: null }),
    )
    .execute()
}

export async function confirmHook(db: Db, id: string, webhookId: string): Promise<void> {
  await db
    .updateTable('board_webhooks')
    .set({ webhook_id: webhookId, checked_at: sql`now()` })
    .where('id', '=', id)
    .where('user_id', '=', transactionUser)
    .execute()
}

export async function forgetHook(db: Db, id: string): Promise<void> {
  await db
    .deleteFrom('board_webhooks')
    .where('id', '=', id)
    .where('user_id', '=', transactionUser)
    .execute()
}

/** Marks what is kept of the board as overtaken. @returns false where nothing is kept of it */
export async function noteChange(db: Db, boardId: string): Promise<boolean> {
  const changed = await db
    .updateTable('board_copies')
    .set({ is_outdated: true })
    .where('user_id', '=', transactionUser)
    .where('kind', '=', 'board')
    .where('key', '=', boardId)
    .executeTakeFirst()
  return changed.numUpdatedRows > 0n
}
