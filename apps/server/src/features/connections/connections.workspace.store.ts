import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'

export type CredentialRow = {
  readonly user_id: string
  readonly employee_id: string
  readonly display_name: string
  readonly system: string
  readonly changed_at: Date
  readonly passed_at: Date | null
  readonly failing_since: Date | null
  readonly failure_code: string | null
  readonly identity_verdict: string | null
  readonly checked_at: Date | null
  readonly next_check_at: Date | null
}

/** How everybody's credentials stand, the broken ones first; nothing for who does not run the workspace. */
export async function listCredentials(db: Db): Promise<CredentialRow[]> {
  const { rows } = await sql<CredentialRow>`select * from credential_states()`.execute(db)
  return rows
}

export async function findObjectStore(db: Db) {
  return db.selectFrom('object_store').selectAll().executeTakeFirst()
}
export type ObjectStoreRow = NonNullable<Awaited<ReturnType<typeof findObjectStore>>>

type NewObjectStore = Omit<ObjectStoreRow, 'id' | 'set_at' | 'passed_at'>

export async function saveObjectStore(
  db: Db,
  row: NewObjectStore,
  isTested: boolean,
): Promise<void> {
  const values = {
    ...row,
    set_at: sql<Date>`now()`,
    passed_at: isTested ? sql<Date>`now()` : null,
  }
  await db
    .insertInto('object_store')
    .values(values)
    .onConflict((conflict) => conflict.column('id').doUpdateSet(values))
    .execute()
}

export async function notePassed(db: Db): Promise<void> {
  await db
    .updateTable('object_store')
    .set({ passed_at: sql<Date>`now()` })
    .execute()
}

export async function removeObjectStore(db: Db): Promise<void> {
  await db.deleteFrom('object_store').execute()
}
