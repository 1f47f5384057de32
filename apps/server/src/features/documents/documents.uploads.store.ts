import type { DocumentFormat } from '@studioops/contracts/documents'
import { sql } from 'kysely'
import { type Db, transactionUser } from '../../platform/db/database.ts'

/**
 * Objects are removed under this lock only, and rows that lead to them are made under it, so that
 * nothing is removed that an upload is about to count on.
 */
export async function lockObject(db: Db, key: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${key}, 23))`.execute(db)
}

export type NewUpload = {
  readonly id: string
  readonly projectId: string
  readonly userId: string
  readonly name: string
  readonly sizeBytes: number
  readonly documentId: string | undefined
}

export async function insertUpload(db: Db, upload: NewUpload): Promise<void> {
  await db
    .insertInto('uploads')
    .values({
      id: upload.id,
      project_id: upload.projectId,
      user_id: upload.userId,
      name: upload.name,
      size_bytes: upload.sizeBytes,
      document_id: upload.documentId ?? null,
    })
    .execute()
}

export async function countUploads(db: Db): Promise<number> {
  const { total } = await db
    .selectFrom('uploads')
    .select((expression) => expression.fn.countAll<number>().as('total'))
    .where('user_id', '=', transactionUser)
    .executeTakeFirstOrThrow()
  return total
}

/** Found again, it counts as alive. */
export function findUpload(db: Db, projectId: string, id: string) {
  return db
    .updateTable('uploads')
    .set({ touched_at: sql<Date>`now()` })
    .where('id', '=', id)
    .where('project_id', '=', projectId)
    .where('user_id', '=', transactionUser)
    .returning(['id', 'project_id', 'name', 'size_bytes', 'document_id'])
    .executeTakeFirst()
}
export type UploadRow = NonNullable<Awaited<ReturnType<typeof findUpload>>>

export async function deleteUpload(db: Db, id: string): Promise<boolean> {
  const deleted = await db
    .deleteFrom('uploads')
    .where('id', '=', id)
    .where('user_id', '=', transactionUser)
    .executeTakeFirst()
  return deleted.numDeletedRows > 0n
}

/** The document that an upload became, own or not: the row policies know who may see it. */
export async function findOutcome(db: Db, projectId: string, uploadId: string) {
  const found = await db
    .selectFrom('document_versions')
    .select('document_id')
    .where('id', '=', uploadId)
    .where('project_id', '=', projectId)
    .executeTakeFirst()
  return found?.document_id
}

export type NewFile = {
  readonly id: string
  readonly projectId: string
  readonly sha256: string
  readonly sizeBytes: number
  readonly format: DocumentFormat
  readonly storedIn: 'files' | 's3'
}

/** The row of these bytes in this project: made, or found, and alive for the longest upload. */
export function claimFile(db: Db, file: NewFile) {
  return db
    .insertInto('files')
    .values({
      id: file.id,
      project_id: file.projectId,
      file_hash: file.sha256,
      size_bytes: file.sizeBytes,
      format: file.format,
      stored_in: file.storedIn,
    })
    .onConflict((conflict) =>
      conflict.columns(['project_id', 'file_hash']).doUpdateSet({
        touched_at: sql<Date>`now()`,
        // What was never stored may as well be stored where new files go.
        stored_in: sql<string>`case when files.stored_at is null then excluded.stored_in else files.stored_in end`,
      }),
    )
    .returning(['id', 'stored_at', 'stored_in'])
    .executeTakeFirstOrThrow()
}

/** @returns undefined where a sweeper took it meanwhile */
export function lockFile(db: Db, id: string) {
  return db
    .selectFrom('files')
    .select(['id', 'stored_at', 'stored_in'])
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst()
}

export async function noteStored(db: Db, id: string, jobId: string): Promise<void> {
  await db
    .updateTable('files')
    .set({ stored_at: sql<Date>`now()`, state: 'queued', job_id: jobId })
    .where('id', '=', id)
    .execute()
}

type Link = {
  readonly upload: UploadRow
  readonly fileId: string
}

/** A document of the same id as its upload. */
export async function insertDocument(db: Db, { upload, fileId }: Link): Promise<string> {
  await db
    .insertInto('documents')
    .values({
      id: upload.id,
      project_id: upload.project_id,
      file_id: fileId,
      name: upload.name,
      created_by: transactionUser,
    })
    .execute()
  await insertVersion(db, { upload, fileId, documentId: upload.id, version: 1 })
  return upload.id
}

/** @returns undefined where the document is gone */
export async function addVersion(
  db: Db,
  { upload, fileId, documentId }: Link & { readonly documentId: string },
): Promise<string | undefined> {
  const changed = await db
    .updateTable('documents')
    .set({
      file_id: fileId,
      version: sql<number>`version + 1`,
      updated_at: sql<Date>`now()`,
    })
    .where('id', '=', documentId)
    .where('project_id', '=', upload.project_id)
    .where('deleted_at', 'is', null)
    .returning('version')
    .executeTakeFirst()
  if (changed === undefined) return undefined
  await insertVersion(db, { upload, fileId, documentId, version: changed.version })
  return documentId
}

async function insertVersion(
  db: Db,
  { upload, fileId, documentId, version }: Link & { documentId: string; version: number },
): Promise<void> {
  await db
    .insertInto('document_versions')
    .values({
      id: upload.id,
      document_id: documentId,
      project_id: upload.project_id,
      version,
      file_id: fileId,
      name: upload.name,
      created_by: transactionUser,
    })
    .execute()
}

export function listSame(
  db: Db,
  { projectId, documentId }: { projectId: string; documentId: string },
) {
  return db
    .selectFrom('documents')
    .select(['documents.id', 'documents.name'])
    .where('project_id', '=', projectId)
    .where('id', '<>', documentId)
    .where('deleted_at', 'is', null)
    .where('file_id', '=', (expression) =>
      expression.selectFrom('documents').select('file_id').where('id', '=', documentId),
    )
    .orderBy('created_at')
    .limit(5)
    .execute()
}

export async function hasDocument(db: Db, projectId: string, id: string): Promise<boolean> {
  const found = await db
    .selectFrom('documents')
    .select('id')
    .where('project_id', '=', projectId)
    .where('id', '=', id)
    .where('deleted_at', 'is', null)
    .executeTakeFirst()
  return found !== undefined
}
