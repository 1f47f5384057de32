import type { Passage } from '@studioops/contracts/documents'
import { sql } from 'kysely'
import { type Db, transactionUser } from '../../platform/db/database.ts'
import { withoutAbsent } from '../../platform/values/without-absent.ts'

type Question = {
  /** Who asks; has to be the person of the transaction, whose rights the row policies apply. */
  readonly userId: string
  readonly projectId: string
  readonly question: string
  /** 1 to 50. */
  readonly limit: number
}

type Found = {
  readonly document_id: string
  readonly name: string
  readonly text: string
  readonly headings: string[]
  readonly page: number | null
  readonly ordinal: number
  readonly score: number
}

/**
 * Passages that hold words of a question, the nearest first. Only of newest versions that are not in
 * the trash, and of files that several documents share only once.
 *
 * @param db a transaction, or a reading, of the person who asks
 */
export async function searchPassages(
  db: Db,
  { userId, projectId, question, limit }: Question,
): Promise<Passage[]> {
  const words = question.match(/[\p{L}\p{N}]+/gu)?.slice(0, 40) ?? []
  if (words.length === 0) return []
  const anyWord = words.map((word) => `'${word}'`).join(' | ')
  const { rows } = await sql<Found>`
    select shown.id as document_id, shown.name, chunk.text, chunk.headings, chunk.page,
      chunk.ordinal, ts_rank_cd(chunk.search, to_tsquery('simple', ${anyWord}), 1)::float8 as score
    from document_chunks chunk
    join lateral (
      select documents.id, documents.name from documents
      where documents.project_id = chunk.project_id and documents.file_id = chunk.file_id
        and documents.deleted_at is null
      order by documents.created_at, documents.id limit 1) shown on true
    where chunk.project_id = ${projectId} and ${transactionUser} = ${userId}::uuid
      and chunk.search @@ to_tsquery('simple', ${anyWord})
    order by score desc, chunk.id limit ${limit}`.execute(db)
  return rows.map(({ document_id: documentId, page, ...row }) =>
    withoutAbsent({ documentId, ...row, page: page ?? undefined }),
  )
}
