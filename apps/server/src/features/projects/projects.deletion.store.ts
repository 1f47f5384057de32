import type { DeletionReceipt, PurchasesChoice } from '@studioops/contracts/deletions'
import { type Insertable, sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'
import type { DeletionReceipts } from '../../platform/db/tables.generated.ts'

type Counts = Readonly<Record<string, number>>

export type PreviewRow = {
  readonly removed: Counts
  readonly detached: Counts
  readonly objects: number
  readonly objectBytes: number
}

/** @returns undefined for whoever does not own it */
export async function previewDeletion(db: Db, projectId: string): Promise<PreviewRow | undefined> {
  const { rows } = await sql<{ preview: PreviewRow | null }>`
    select preview_deletion(${projectId}::uuid) as preview`.execute(db)
  return rows[0]?.preview ?? undefined
}

/** Also in the trash. */
export async function findOwned(db: Db, projectId: string) {
  const { rows } = await sql<{
    name: string
    role: string
    deleted_at: Date | null
  }>`
    select projects.name, project_members.role, projects.deleted_at
    from projects join project_members on project_members.project_id = projects.id
    where projects.id = ${projectId} and project_members.user_id = app_user_id()`.execute(db)
  return rows[0]
}

export async function listLinkNames(db: Db, projectId: string): Promise<string[]> {
  const rows = await db
    .selectFrom('project_links')
    .select('name')
    .where('project_id', '=', projectId)
    .orderBy('kind')
    .orderBy('name')
    .execute()
  return rows.map(({ name }) => name)
}

/** Puts it into the trash, where nothing of it answers. @returns false where it was there already */
export async function markDeleted(db: Db, projectId: string): Promise<boolean> {
  const changed = await db
    .updateTable('projects')
    .set({ deleted_at: sql<Date>`now()`, deleted_by: sql<string>`app_user_id()` })
    .where('id', '=', projectId)
    .where('deleted_at', 'is', null)
    .executeTakeFirst()
  return changed.numUpdatedRows === 1n
}

export async function takeBack(db: Db, projectId: string): Promise<void> {
  await db.deleteFrom('deletion_receipts').where('project_id', '=', projectId).execute()
  await db
    .updateTable('projects')
    .set({ deleted_at: null, deleted_by: null })
    .where('id', '=', projectId)
    .execute()
}

type Begun = {
  readonly id: string
  readonly projectId: string
  readonly name: string
  readonly purchases: PurchasesChoice
  readonly requestId: string | undefined
}

export async function beginReceipt(db: Db, begun: Begun): Promise<void> {
  const { id, projectId, name, purchases, requestId } = begun
  const row: Insertable<DeletionReceipts> = {
    id,
    project_id: projectId,
    project_name: name,
    deleted_by: sql<string>`app_user_id()` as never,
    deleted_by_name:
      sql<string>`(select display_name from users where id = app_user_id())` as never,
    members: sql<string[]>`array(select user_id from project_members
      where project_members.project_id = ${projectId})` as never,
    purchases,
    request_id: requestId ?? null,
  }
  await db.insertInto('deletion_receipts').values(row).execute()
}

export type TrashRow = {
  readonly project_id: string
  readonly name: string
  readonly deleted_by_name: string
  readonly deleted_at: Date
  readonly purchases: PurchasesChoice
  readonly role: string
}

export async function listTrash(db: Db): Promise<TrashRow[]> {
  const { rows } = await sql<TrashRow>`
    select projects.id as project_id, projects.name, projects.deleted_at, project_members.role,
      coalesce(deletion_receipts.deleted_by_name, '') as deleted_by_name,
      coalesce(deletion_receipts.purchases, 'detach') as purchases
    from projects
    join project_members on project_members.project_id = projects.id
      and project_members.user_id = app_user_id()
    left join deletion_receipts on deletion_receipts.project_id = projects.id
    where projects.deleted_at is not null
    order by projects.deleted_at desc, projects.id`.execute(db)
  return rows
}

const receiptColumns = [
  'id',
  'project_id',
  'project_name',
  'deleted_by_name',
  'trashed_at',
  'purged_at',
  'cause',
  'request_id',
  'purchases',
  'removed',
  'detached',
  'objects',
  'object_bytes',
  'jobs',
] as const

/** Those that are finished. */
function receipts(db: Db) {
  return db
    .selectFrom('deletion_receipts')
    .select(receiptColumns)
    .where('purged_at', 'is not', null)
}
export type ReceiptRow = Awaited<ReturnType<typeof listReceipts>>[number]

export async function listReceipts(db: Db) {
  return receipts(db).orderBy('purged_at', 'desc').orderBy('id').limit(500).execute()
}

export async function findReceipt(db: Db, receiptId: string) {
  return receipts(db).where('id', '=', receiptId).executeTakeFirst()
}

/** All that are finished, in the order of their ends. */
export async function listEveryReceipt(db: Db) {
  return receipts(db).orderBy('purged_at').orderBy('id').execute()
}

/** What the audit log keeps of receipts, by their ids. */
export async function listReceiptHashes(db: Db): Promise<ReadonlyMap<string, string>> {
  const { rows } = await sql<{ receipt: string; sha256: string }>`
    select facts ->> 'receipt' as receipt, facts ->> 'sha256' as sha256 from audit_events
    where action = 'project.purge' and facts ->> 'receipt' is not null`.execute(db)
  return new Map(rows.map(({ receipt, sha256 }) => [receipt, sha256]))
}

export function presentReceipt(row: ReceiptRow): DeletionReceipt {
  return {
    id: row.id,
    projectId: row.project_id,
    projectName: row.project_name,
    deletedByName: row.deleted_by_name,
    trashedAt: row.trashed_at.toISOString(),
    purgedAt: (row.purged_at ?? row.trashed_at).toISOString(),
    cause: row.cause === 'retention' ? 'retention' : 'person',
    ...(row.request_id === null ? {} : { requestId: row.request_id }),
    purchases: row.purchases === 'delete' ? 'delete' : 'detach',
    // What `count_project` wrote.
    removed: row.removed as Counts,
    detached: row.detached as Counts,
    objects: row.objects ?? 0,
    objectBytes: Number(row.object_bytes ?? 0),
    jobs: row.jobs ?? 0,
  }
}

/** The end, in one transaction of maintenance. @returns the receipt; undefined where it is not in the trash */
export async function purge(
  db: Db,
  projectId: string,
  { cause, at }: { readonly cause: DeletionReceipt['cause']; readonly at: Date },
): Promise<string | undefined> {
  const { rows } = await sql<{ id: string | null }>`
    select purge_project(${projectId}::uuid, ${cause}, ${at}) as id`.execute(db)
  return rows[0]?.id ?? undefined
}

/** What still works for a project is told to stop, or does not begin. */
export async function pauseJobs(db: Db, projectId: string): Promise<void> {
  await sql`select pause_project_jobs(${projectId}::uuid)`.execute(db)
}

/** For one that is still in the trash: what `pauseJobs` has stopped begins anew. */
export async function resumeJobs(db: Db, projectId: string): Promise<void> {
  await sql`select resume_project_jobs(${projectId}::uuid)`.execute(db)
}

export async function listOverdue(db: Db, before: Date): Promise<string[]> {
  const rows = await db
    .selectFrom('projects')
    .select('id')
    .where('deleted_at', '<', before)
    .orderBy('deleted_at')
    .limit(100)
    .execute()
  return rows.map(({ id }) => id)
}
