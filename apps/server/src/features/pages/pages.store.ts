import { sql } from 'kysely'
import { type Db, transactionUser } from '../../platform/db/database.ts'
import { toJsonb } from '../../platform/db/jsonb.ts'

/** Whether the person has this story. */
export async function hasStory(db: Db, storyId: string): Promise<boolean> {
  const row = await db
    .selectFrom('stories')
    .select('id')
    .where('id', '=', storyId)
    .where('user_id', '=', transactionUser)
    .executeTakeFirst()
  return row !== undefined
}

export async function listPages(db: Db, storyId: string) {
  return db
    .selectFrom('story_pages')
    .selectAll()
    .where('story_id', '=', storyId)
    .where('user_id', '=', transactionUser)
    .orderBy('added_at')
    .execute()
}
export type PageRow = Awaited<ReturnType<typeof listPages>>[number]

export type PageCopy = {
  readonly userId: string
  readonly storyId: string
  readonly pageId: string
  readonly title: string
  readonly spaceKey: string
  readonly spaceName: string
  readonly version: number
  readonly url: string
  readonly content: string
  readonly isCut: boolean
}

/** Keeps what was read; an earlier copy of the same page is replaced. */
export async function keepPage(db: Db, copy: PageCopy): Promise<void> {
  const read = {
    title: copy.title,
    space_key: copy.spaceKey,
    space_name: copy.spaceName,
    version: copy.version,
    url: copy.url,
    content: copy.content,
    is_cut: copy.isCut,
    fetched_at: sql<Date>`now()`,
    failed_code: null,
    failed_facts: null,
  }
  await db
    .insertInto('story_pages')
    .values({
      story_id: copy.storyId,
      page_id: copy.pageId,
      user_id: copy.userId,
      ...read,
    })
    .onConflict((conflict) => conflict.columns(['story_id', 'page_id']).doUpdateSet(read))
    .execute()
}

export async function noteFailure(
  db: Db,
  { storyId, pageId }: { readonly storyId: string; readonly pageId: string },
  failure: { readonly code: string; readonly facts: unknown },
): Promise<void> {
  await db
    .updateTable('story_pages')
    .set({ failed_code: failure.code, failed_facts: toJsonb(failure.facts) })
    .where('story_id', '=', storyId)
    .where('page_id', '=', pageId)
    .where('user_id', '=', transactionUser)
    .execute()
}

export async function removePage(
  db: Db,
  { storyId, pageId }: { readonly storyId: string; readonly pageId: string },
): Promise<void> {
  await db
    .deleteFrom('story_pages')
    .where('story_id', '=', storyId)
    .where('page_id', '=', pageId)
    .where('user_id', '=', transactionUser)
    .execute()
}
