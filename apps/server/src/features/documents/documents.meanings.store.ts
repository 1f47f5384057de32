import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'
import type { PackedVectors } from '../../platform/search/vectors.ts'

/** @returns text with its headings, by id; none where the file is gone or has its vectors of this model */
export async function readUnembedded(
  db: Db,
  fileId: string,
  model: string,
): Promise<{ id: number; text: string }[]> {
  const { rows } = await sql<{ id: number; text: string }>`
    select chunk.id, concat_ws(E'\n', array_to_string(headings, ' › '), text) as text
    from document_chunks chunk where file_id = ${fileId} and not exists (
      select from file_meanings meaning where meaning.file_id = chunk.file_id and model = ${model})
    order by ordinal`.execute(db)
  return rows
}

type Meaning = PackedVectors & { readonly fileId: string; readonly model: string }

/** Of a file whose passages are still these. @returns false where they were read again meanwhile */
export async function writeMeaning(db: Db, meaning: Meaning): Promise<boolean> {
  const { fileId, model, dimensions, ids, bytes } = meaning
  const { rows } = await sql`
    insert into file_meanings (file_id, project_id, model, dimensions, chunk_ids, vectors)
    select id, project_id, ${model}, ${dimensions}, ${ids}::bigint[], ${bytes} from files
    where id = ${fileId}
      and (select count(*) from document_chunks where id = any(${ids}::bigint[])) = ${ids.length}
    on conflict (file_id) do update set model = excluded.model, dimensions = excluded.dimensions,
      chunk_ids = excluded.chunk_ids, vectors = excluded.vectors, created_at = now()
    returning file_id`.execute(db)
  return rows.length > 0
}

/** Files that were read, and whose vectors are not of this model; the newest first. */
export async function listUnembedded(
  db: Db,
  model: string,
  limit: number,
): Promise<{ fileId: string; projectId: string }[]> {
  const { rows } = await sql<{ fileId: string; projectId: string }>`
    select id as "fileId", project_id as "projectId" from files
    where state = 'ready' and not exists (
      select from file_meanings where file_id = files.id and model = ${model})
    order by created_at desc limit ${limit}`.execute(db)
  return rows
}

type Asked = {
  readonly projectIds: readonly string[]
  readonly model: string
  /** Names of those that the caller has. */
  readonly known: readonly string[]
}

export type MeaningRow = {
  /** Never of other vectors. */
  readonly name: string
  readonly dimensions: number
  /** Absent where the caller has them. */
  readonly ids: number[] | null
  readonly bytes: Buffer | null
}

/** Of files that the person of the transaction may read. An array of int8 would arrive as text. */
export async function listMeanings(
  db: Db,
  { projectIds, model, known }: Asked,
): Promise<MeaningRow[]> {
  const { rows } = await sql<MeaningRow>`
    select name, dimensions,
      case when name = any(${known}::text[]) then null else chunk_ids::float8[] end as ids,
      case when name = any(${known}::text[]) then null else vectors end as bytes
    from file_meanings, lateral (
      select file_id || ' ' || extract(epoch from created_at) || ' ' || model as name) named
    where project_id = any(${projectIds}::uuid[]) and model = ${model}
    order by file_id`.execute(db)
  return rows
}
