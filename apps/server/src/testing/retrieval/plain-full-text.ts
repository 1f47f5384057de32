import type pg from 'pg'
import type { JudgedPassage } from './judged-passage.ts'

/** What PostgreSQL's `simple` full-text search finds in the same passages, any word of the question being enough. */
export async function openPlainFullText(
  owner: pg.Client,
  passages: readonly JudgedPassage[],
): Promise<(question: string) => Promise<string[]>> {
  await owner.query('drop table if exists pg_temp.passages')
  await owner.query('create temporary table passages (name text, words tsvector)')
  for (const { name, text } of passages)
    await owner.query(`insert into passages values ($1, to_tsvector('simple', $1 || ' ' || $2))`, [
      name,
      text,
    ])
  return async (question) => {
    const { rows } = await owner.query<{ name: string }>(
      `select name from passages,
         (select replace(plainto_tsquery('simple', $1)::text, '&', '|')::tsquery as asked) question
       where words @@ asked order by ts_rank(words, asked) desc, name limit 10`,
      [question],
    )
    return rows.map(({ name }) => name)
  }
}
