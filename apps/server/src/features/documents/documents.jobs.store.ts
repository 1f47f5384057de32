import type { DocumentFormat } from '@studioops/contracts/documents'
import type { Facts } from '@studioops/contracts/errors'
import { sql } from 'kysely'
import type { Extraction } from '../../integrations/extraction/extractor.ts'
import type { Db } from '../../platform/db/database.ts'
import { toJsonb } from '../../platform/db/jsonb.ts'
import type { SearchItem } from '../../platform/search/search-index.ts'
import { readItems } from './documents.search.store.ts'

const held = (db: Db, fileId: string, jobId: string) =>
  db.updateTable('files').where('id', '=', fileId).where('job_id', '=', jobId)

/** @returns undefined where it belongs to no job, or to another */
export function takeFile(db: Db, fileId: string, jobId: string) {
  return held(db, fileId, jobId)
    .set({ state: 'processing' })
    .where('state', 'in', ['queued', 'processing'])
    .where('stored_at', 'is not', null)
    .returning(['project_id', 'file_hash', 'stored_in', 'format'])
    .$narrowType<{ format: DocumentFormat; stored_in: 'files' | 's3' }>()
    .executeTakeFirst()
}

export async function isTaken(db: Db, fileId: string, jobId: string): Promise<boolean> {
  const found = await db
    .selectFrom('files')
    .select('id')
    .where('id', '=', fileId)
    .where('job_id', '=', jobId)
    .where('state', '=', 'processing')
    .executeTakeFirst()
  return found !== undefined
}

type Ended = {
  readonly fileId: string
  readonly jobId: string
  readonly state: 'ready' | 'no-text'
  readonly extraction: Extraction
}

/** @returns false where the file has gone another way meanwhile */
export async function endFile(
  db: Db,
  { fileId, jobId, state, extraction }: Ended,
): Promise<boolean> {
  const { language, pages, characters } = extraction
  const changed = await held(db, fileId, jobId)
    .set({
      state,
      language: language ?? null,
      pages: pages ?? null,
      characters,
      error_code: state === 'no-text' ? 'document.no-text' : null,
      error_facts: null,
    })
    .where('state', '=', 'processing')
    .executeTakeFirst()
  return changed.numUpdatedRows > 0n
}

const batch = 500

/** @returns them as they are to be found */
export async function replaceChunks(
  db: Db,
  fileId: string,
  chunks: Extraction['chunks'],
): Promise<SearchItem[]> {
  await db.deleteFrom('document_chunks').where('file_id', '=', fileId).execute()
  const items: SearchItem[] = []
  for (let start = 0; start < chunks.length; start += batch) {
    const rows = chunks.slice(start, start + batch).map((chunk, index) => ({
      ordinal: start + index,
      text: chunk.text,
      headings: chunk.headings,
      page: chunk.page ?? null,
    }))
    const inserted = await sql<{ id: number }>`
      insert into document_chunks (project_id, file_id, ordinal, text, headings, page)
      select files.project_id, files.id, row.ordinal, row.text,
        array(select jsonb_array_elements_text(row.headings)), row.page
      from files, jsonb_to_recordset(${toJsonb(rows)}::jsonb)
        as row (ordinal int, text text, headings jsonb, page int)
      where files.id = ${fileId}
      returning id`.execute(db)
    const ids = inserted.rows.map(({ id }) => id)
    items.push(...(await readItems(db, ids)))
  }
  return items
}

type Failed = {
  readonly fileId: string
  readonly jobId: string
  readonly state: 'failed' | 'queued' | 'cancelled'
  readonly code?: string
  readonly facts?: Facts
}

export async function failFile(
  db: Db,
  { fileId, jobId, state, code, facts }: Failed,
): Promise<void> {
  await held(db, fileId, jobId)
    .set({
      state,
      error_code: code ?? null,
      error_facts: facts === undefined ? null : toJsonb(facts),
    })
    .where('state', '=', 'processing')
    .execute()
}
