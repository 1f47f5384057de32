import { sql } from 'kysely'
import { type Db, transactionUser } from '../../platform/db/database.ts'

/** Ids of the person's stories that hold every word in requirement or text; newest first. */
export async function findStoryIds(
  db: Db,
  { words, limit }: { readonly words: readonly string[]; readonly limit: number },
): Promise<string[]> {
  const patterns = words.map((word) => `%${word.replaceAll(/[\\%_]/g, (sign) => `\\${sign}`)}%`)
  const { rows } = await sql<{ id: string }>`
    select stories.id from stories
    left join lateral (
      select content::text as words from story_versions
      where story_versions.story_id = stories.id order by number desc limit 1) newest on true
    where stories.user_id = ${transactionUser}
      and (stories.requirement || ' ' || coalesce(newest.words, '')) ilike all (${patterns}::text[])
    order by stories.updated_at desc limit ${limit}`.execute(db)
  return rows.map(({ id }) => id)
}
