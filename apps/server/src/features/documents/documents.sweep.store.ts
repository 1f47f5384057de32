import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'

const before = (now: Date, hours: number) => new Date(now.getTime() - hours * 3_600_000)

/** @returns ids of those that nobody goes on with */
export async function deleteOldUploads(db: Db, now: Date, hours: number): Promise<string[]> {
  const rows = await db
    .deleteFrom('uploads')
    .where('touched_at', '<', before(now, hours))
    .returning('id')
    .execute()
  return rows.map(({ id }) => id)
}

/** Of these ids, those of uploads that are still open. */
export async function listOpenUploads(db: Db, ids: readonly string[]): Promise<Set<string>> {
  const { rows } = await sql<{ id: string }>`
    select id from uploads where id::text = any (${ids})`.execute(db)
  return new Set(rows.map(({ id }) => id))
}

/** Rows whose upload ended before it was stored. */
export async function deleteUnstoredFiles(db: Db, now: Date, hours: number): Promise<number> {
  const deleted = await db
    .deleteFrom('files')
    .where('stored_at', 'is', null)
    .where('touched_at', '<', before(now, hours))
    .executeTakeFirst()
  return Number(deleted.numDeletedRows)
}

export async function deleteOldTrash(db: Db, now: Date, days: number): Promise<number> {
  const deleted = await db
    .deleteFrom('documents')
    .where('deleted_at', '<', before(now, days * 24))
    .executeTakeFirst()
  return Number(deleted.numDeletedRows)
}

/** Files to which no version of any document leads. Whoever links one holds its row. */
export async function deleteUnlinkedFiles(db: Db): Promise<number> {
  const { numAffectedRows = 0n } = await sql`
    delete from files where id in (
      select id from files
      where stored_at is not null and not exists (
        select from document_versions where document_versions.file_id = files.id)
      for update skip locked)`.execute(db)
  return Number(numAffectedRows)
}

export type Removal = {
  readonly key: string
  readonly stored_in: 'files' | 's3'
  readonly local_cache_path: string | null
}

export async function listRemovals(db: Db, limit: number): Promise<Removal[]> {
  return db
    .selectFrom('object_removals')
    .select(['key', 'stored_in', 'local_cache_path'])
    .$narrowType<{ stored_in: 'files' | 's3' }>()
    .orderBy('created_at')
    .limit(limit)
    .execute()
}

/** Whether a row leads to this object again, or still. */
export async function hasFile(db: Db, key: string): Promise<boolean> {
  const [projectId = '', hash = ''] = key.split('/')
  const found = await db
    .selectFrom('files')
    .select('id')
    .where('project_id', '=', projectId)
    .where('file_hash', '=', hash)
    .executeTakeFirst()
  return found !== undefined
}

export async function deleteRemoval(db: Db, key: string): Promise<void> {
  await db.deleteFrom('object_removals').where('key', '=', key).execute()
}

/** Copies of this machine that were not asked for longest, beyond so many bytes of the newest. */
export async function forgetOldCopies(db: Db, bytesMax: number): Promise<string[]> {
  const { rows } = await sql<{ path: string }>`
    with copies as (
      select id, local_cache_path, sum(size_bytes) over (order by last_accessed desc, id) as bytes
      from files where local_cache_path is not null),
    forgotten as (
      update files set local_cache_path = null from copies
      where copies.id = files.id and copies.bytes > ${bytesMax}
      returning copies.local_cache_path as path)
    select path from forgotten`.execute(db)
  return rows.map(({ path }) => path)
}
