import { sql } from 'kysely'
import { type Db, transactionUser } from '../../platform/db/database.ts'

const own = (db: Db) =>
  db
    .selectFrom('story_prompts')
    .select(['id', 'title', 'text', 'updated_at'])
    .where('user_id', '=', transactionUser)

export const listPrompts = (db: Db) => own(db).orderBy('title').execute()
export const findPrompt = (db: Db, id: string) => own(db).where('id', '=', id).executeTakeFirst()
export type PromptRow = Awaited<ReturnType<typeof listPrompts>>[number]

type Words = { readonly title: string; readonly text: string }

export async function insertPrompt(
  db: Db,
  { id, userId, title, text }: Words & { readonly id: string; readonly userId: string },
): Promise<void> {
  await db.insertInto('story_prompts').values({ id, user_id: userId, title, text }).execute()
}

/** @returns false where it is not an own one */
export async function changePrompt(db: Db, id: string, words: Words): Promise<boolean> {
  const changed = await db
    .updateTable('story_prompts')
    .set({ ...words, updated_at: sql`now()` })
    .where('id', '=', id)
    .where('user_id', '=', transactionUser)
    .executeTakeFirst()
  return changed.numUpdatedRows > 0n
}

/** @returns false where it is not an own one */
export async function deletePrompt(db: Db, id: string): Promise<boolean> {
  await db
    .updateTable('stories')
    .set({ prompt: 'default' })
    .where('prompt', '=', `own:${id}`)
    .where('user_id', '=', transactionUser)
    .execute()
  const gone = await db
    .deleteFrom('story_prompts')
    .where('id', '=', id)
    .where('user_id', '=', transactionUser)
    .executeTakeFirst()
  return gone.numDeletedRows > 0n
}
