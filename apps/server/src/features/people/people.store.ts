import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'

export type PersonRow = {
  readonly id: string
  readonly employee_id: string
  readonly display_name: string
  readonly email: string
  readonly role: string
  readonly jira_url: string | null
  readonly disabled_at: Date | null
  readonly created_at: Date
  readonly last_seen_at: Date | null
  readonly live_sessions: number
  readonly has_second_factor: boolean
  readonly broken: { readonly system: string; readonly since: string }[]
}

/** Everybody, as the function in the database tells it to those who run the workspace. */
export async function listPeople(db: Db): Promise<PersonRow[]> {
  const { rows } = await sql<PersonRow>`
    select id, employee_id, display_name, email, role, jira_url, disabled_at, created_at,
      last_seen_at, live_sessions, has_second_factor, broken
    from list_people()`.execute(db)
  return rows
}

export type Verdict = 'done' | 'not-found' | 'not-allowed' | 'last-owner' | 'self'

export async function changePerson(
  db: Db,
  { id, role, isDisabled }: { id: string; role: string; isDisabled: boolean },
): Promise<Verdict> {
  const { rows } = await sql<{ verdict: Verdict }>`
    select change_person(${id}::uuid, ${role}, ${isDisabled}) as verdict`.execute(db)
  return rows[0]?.verdict ?? 'not-allowed'
}

/** @returns false where the caller may not decide about this person, or there is none */
export async function endSessionsOf(db: Db, id: string): Promise<boolean> {
  const { rows } = await sql<{ done: boolean }>`
    select end_sessions_of(${id}::uuid) as done`.execute(db)
  return rows[0]?.done === true
}

export async function removeSecondFactorOf(db: Db, id: string): Promise<boolean> {
  const { rows } = await sql<{ done: boolean }>`
    select remove_second_factor_of(${id}::uuid) as done`.execute(db)
  return rows[0]?.done === true
}

export async function offerReset(
  db: Db,
  { id, hash, until }: { id: string; hash: string; until: Date },
): Promise<boolean> {
  const { rows } = await sql<{ done: boolean }>`
    select offer_password_reset(${id}::uuid, ${hash}, ${until}) as done`.execute(db)
  return rows[0]?.done === true
}

export async function listInvitations(db: Db) {
  return db
    .selectFrom('invitations')
    .select(['id', 'email', 'role', 'created_at', 'expires_at', 'used_at', 'revoked_at'])
    .orderBy('created_at', 'desc')
    .limit(200)
    .execute()
}
export type InvitationRow = Awaited<ReturnType<typeof listInvitations>>[number]

export type NewInvitation = {
  readonly id: string
  readonly hash: string
  readonly email: string
  readonly role: string
  readonly invitedBy: string
  readonly now: Date
  readonly expiresAt: Date
}

export async function insertInvitation(db: Db, invitation: NewInvitation): Promise<void> {
  await db
    .insertInto('invitations')
    .values({
      id: invitation.id,
      token_hash: invitation.hash,
      email: invitation.email,
      role: invitation.role,
      invited_by: invitation.invitedBy,
      created_at: invitation.now,
      expires_at: invitation.expiresAt,
    })
    .execute()
}

export async function revokeInvitation(db: Db, id: string, now: Date): Promise<boolean> {
  const revoked = await db
    .updateTable('invitations')
    .set({ revoked_at: now })
    .where('id', '=', id)
    .where('used_at', 'is', null)
    .where('revoked_at', 'is', null)
    .executeTakeFirst()
  return revoked.numUpdatedRows > 0n
}
