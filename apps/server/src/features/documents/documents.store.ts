import type { DocumentFormat, DocumentState } from '@studioops/contracts/documents'
import { sql } from 'kysely'
import { type Db, transactionUser } from '../../platform/db/database.ts'

const withFile = (db: Db) =>
  db
    .selectFrom('documents')
    .innerJoin('files', (join) =>
      join
        .onRef('files.project_id', '=', 'documents.project_id')
        .onRef('files.id', '=', 'documents.file_id'),
    )
    .leftJoin('background_jobs', 'background_jobs.id', 'files.job_id')
    .leftJoin('document_versions', (join) =>
      join
        .onRef('document_versions.document_id', '=', 'documents.id')
        .onRef('document_versions.version', '=', 'documents.version'),
    )
    .select([
      'documents.id',
      'documents.project_id',
      'documents.file_id',
      'documents.name',
      'documents.tags',
      'documents.version',
      'documents.created_at',
      'documents.updated_at',
      'documents.deleted_at',
      'files.size_bytes',
      'files.format',
      'files.state',
      'files.job_id',
      'files.error_code',
      'files.error_facts',
      'files.language',
      'files.pages',
      'background_jobs.progress_done',
      'background_jobs.progress_total',
      'document_versions.created_by',
    ])
    // The columns' check constraint, and the only writer of `format`, know no others.
    .$narrowType<{ format: DocumentFormat; state: DocumentState }>()

export type Filter = {
  readonly name?: string | undefined
  readonly state?: DocumentState | undefined
  readonly format?: DocumentFormat | undefined
  readonly tag?: string | undefined
  readonly trash: boolean
  readonly limit: number
  readonly offset: number
}

function matching(db: Db, projectId: string, filter: Filter) {
  const { name, state, format, tag, trash } = filter
  let query = withFile(db)
    .where('documents.project_id', '=', projectId)
    .where('documents.deleted_at', trash ? 'is not' : 'is', null)
  // A name is looked for composed and in small letters, however it is kept.
  if (name !== undefined)
    query = query.where(
      sql<boolean>`position(lower(normalize(${name})) in lower(normalize(documents.name))) > 0`,
    )
  if (state !== undefined) query = query.where('files.state', '=', state)
  if (format !== undefined) query = query.where('files.format', '=', format)
  if (tag !== undefined) query = query.where(sql<boolean>`${tag} = any (documents.tags)`)
  return query
}

export function listDocuments(db: Db, projectId: string, filter: Filter) {
  return matching(db, projectId, filter)
    .orderBy(filter.trash ? 'documents.deleted_at' : 'documents.updated_at', 'desc')
    .orderBy('documents.id')
    .limit(filter.limit)
    .offset(filter.offset)
    .execute()
}
export type DocumentRow = Awaited<ReturnType<typeof listDocuments>>[number]

export async function countDocuments(db: Db, projectId: string, filter: Filter): Promise<number> {
  const { total } = await matching(db, projectId, filter)
    .clearSelect()
    .select((expression) => expression.fn.countAll<number>().as('total'))
    .executeTakeFirstOrThrow()
  return total
}

export async function listTags(db: Db, projectId: string): Promise<string[]> {
  const rows = await db
    .selectFrom('documents')
    .select(sql<string>`unnest(tags)`.as('tag'))
    .distinct()
    .where('project_id', '=', projectId)
    .where('deleted_at', 'is', null)
    .orderBy('tag')
    .limit(200)
    .execute()
  return rows.map(({ tag }) => tag)
}

export function findDocument(db: Db, projectId: string, id: string) {
  return withFile(db)
    .where('documents.project_id', '=', projectId)
    .where('documents.id', '=', id)
    .executeTakeFirst()
}

export function listVersions(db: Db, projectId: string, documentId: string) {
  return db
    .selectFrom('document_versions')
    .innerJoin('files', 'files.id', 'document_versions.file_id')
    .select([
      'document_versions.version',
      'document_versions.name',
      'document_versions.created_by',
      'document_versions.created_at',
      'document_versions.file_id',
      'files.size_bytes',
      'files.format',
    ])
    .$narrowType<{ format: DocumentFormat }>()
    .where('document_versions.project_id', '=', projectId)
    .where('document_versions.document_id', '=', documentId)
    .orderBy('document_versions.version', 'desc')
    .execute()
}
export type VersionRow = Awaited<ReturnType<typeof listVersions>>[number]

/** Names of those who brought documents of the project. */
export async function listPeople(db: Db, projectId: string): Promise<ReadonlyMap<string, string>> {
  const { rows } = await sql<{ user_id: string; display_name: string }>`
    select user_id, display_name from document_people(${projectId})`.execute(db)
  return new Map(rows.map(({ user_id: id, display_name: name }) => [id, name]))
}

type Change = { readonly name?: string | undefined; readonly tags?: string[] | undefined }

export async function changeDocument(db: Db, id: string, { name, tags }: Change): Promise<void> {
  await db
    .updateTable('documents')
    .set({
      ...(name === undefined ? {} : { name }),
      ...(tags === undefined ? {} : { tags }),
      updated_at: sql<Date>`now()`,
    })
    .where('id', '=', id)
    .execute()
}

export async function moveToTrash(db: Db, id: string): Promise<void> {
  await db
    .updateTable('documents')
    .set({ deleted_at: sql<Date>`now()`, deleted_by: transactionUser })
    .where('id', '=', id)
    .where('deleted_at', 'is', null)
    .execute()
}

export async function restore(db: Db, id: string): Promise<void> {
  await db
    .updateTable('documents')
    .set({ deleted_at: null, deleted_by: null })
    .where('id', '=', id)
    .execute()
}

export function listChunks(
  db: Db,
  {
    projectId,
    fileId,
    from,
    limit,
  }: { projectId: string; fileId: string; from: number; limit: number },
) {
  return db
    .selectFrom('document_chunks')
    .select(['text', 'headings', 'page', 'ordinal'])
    .where('project_id', '=', projectId)
    .where('file_id', '=', fileId)
    .where('ordinal', '>=', from)
    .orderBy('ordinal')
    .limit(limit)
    .execute()
}

export async function countChunks(db: Db, projectId: string, fileId: string): Promise<number> {
  const { total } = await db
    .selectFrom('document_chunks')
    .select((expression) => expression.fn.countAll<number>().as('total'))
    .where('project_id', '=', projectId)
    .where('file_id', '=', fileId)
    .executeTakeFirstOrThrow()
  return total
}

/** Of a file whose text is to be read, or read again. @returns false where it has moved on */
export async function queueFile(
  db: Db,
  { fileId, jobId, from }: { fileId: string; jobId: string; from: readonly DocumentState[] },
): Promise<boolean> {
  const changed = await db
    .updateTable('files')
    .set({ state: 'queued', job_id: jobId, error_code: null, error_facts: null })
    .where('id', '=', fileId)
    .where('state', 'in', from)
    .executeTakeFirst()
  return changed.numUpdatedRows > 0n
}

/** The job finds out, whoever of the project it belongs to. @returns false where it has ended */
export async function stopFile(db: Db, fileId: string): Promise<boolean> {
  const changed = await db
    .updateTable('files')
    .set({ state: 'cancelled', error_code: null, error_facts: null })
    .where('id', '=', fileId)
    .where('state', 'in', ['queued', 'processing'])
    .executeTakeFirst()
  return changed.numUpdatedRows > 0n
}

/** Which bytes a reader gets. */
export function findContent(
  db: Db,
  { projectId, documentId, version }: { projectId: string; documentId: string; version?: number },
) {
  return db
    .selectFrom('document_versions')
    .innerJoin('documents', 'documents.id', 'document_versions.document_id')
    .innerJoin('files', 'files.id', 'document_versions.file_id')
    .select([
      'files.id',
      'files.project_id',
      'files.file_hash',
      'files.size_bytes',
      'files.format',
      'files.stored_in',
      'document_versions.name as version_name',
      'documents.name',
      'documents.version as newest',
      'document_versions.version',
    ])
    .$narrowType<{ format: DocumentFormat; stored_in: 'files' | 's3' }>()
    .where('document_versions.project_id', '=', projectId)
    .where('document_versions.document_id', '=', documentId)
    .where('documents.deleted_at', 'is', null)
    .where('document_versions.version', '=', (expression) =>
      version === undefined ? expression.ref('documents.version') : expression.val(version),
    )
    .executeTakeFirst()
}

export async function noteAccess(
  db: Db,
  fileId: string,
  cachePath: string | undefined,
): Promise<void> {
  await db
    .updateTable('files')
    .set({
      last_accessed: sql<Date>`now()`,
      access_count: sql<number>`access_count + 1`,
      local_cache_path: cachePath ?? null,
    })
    .where('id', '=', fileId)
    .execute()
}
