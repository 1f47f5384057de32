import { sql } from 'kysely'
import { type Db, transactionUser } from '../../platform/db/database.ts'
import type { SearchItem } from '../../platform/search/search-index.ts'

type Asked = {
  /** Who asks; has to be the person of the transaction, whose rights the row policies apply. */
  readonly userId: string
  readonly projectIds: readonly string[]
  readonly ids: readonly number[]
}

export type PassageRow = {
  readonly id: number
  readonly project_id: string
  readonly document_id: string
  readonly name: string
  readonly text: string
  readonly headings: string[]
  readonly page: number | null
  readonly ordinal: number
}

/** Those of newest versions that are not in the trash; of a file that several documents share, the oldest. */
export async function readPassages(
  db: Db,
  { userId, projectIds, ids }: Asked,
): Promise<PassageRow[]> {
  const { rows } = await sql<PassageRow>`
    select chunk.id, chunk.project_id, shown.id as document_id, shown.name, chunk.text, chunk.headings, chunk.page,
      chunk.ordinal
    from document_chunks chunk
    join lateral (
      select documents.id, documents.name from documents
      where documents.project_id = chunk.project_id and documents.file_id = chunk.file_id
        and documents.deleted_at is null
      order by documents.created_at, documents.id limit 1) shown on true
    where chunk.id = any(${ids}::bigint[]) and chunk.project_id = any(${projectIds}::uuid[])
      and ${transactionUser} = ${userId}::uuid`.execute(db)
  return rows
}

/** Which of these passages still exist. */
export async function findAlive(db: Db, ids: readonly number[]): Promise<ReadonlySet<number>> {
  const { rows } = await sql<{ id: number }>`
    select id from document_chunks where id = any(${ids}::bigint[])`.execute(db)
  return new Set(rows.map(({ id }) => id))
}

/** As they are to be found: by their text and headings, the first one of a file also by its names. */
export async function readItems(db: Db, ids: readonly number[]): Promise<SearchItem[]> {
  const { rows } = await sql<SearchItem>`
    select id, text, concat_ws(' ', array_to_string(headings, ' '), case when ordinal = 0 then
      (select string_agg(distinct name, ' ') from documents where file_id = chunk.file_id) end) as name
    from document_chunks chunk where id = any(${ids}::bigint[]) order by id`.execute(db)
  return rows
}
