import type { Role } from '@studioops/contracts/accounts'
import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'

export type OpenInvitation = {
  readonly id: string
  readonly email: string
  readonly role: Role
  readonly expires_at: Date
}

export async function findInvitation(
  db: Db,
  hash: string,
  now: Date,
): Promise<OpenInvitation | undefined> {
  const { rows } = await sql<OpenInvitation>`
    select id, email, role, expires_at from find_invitation(${hash}, ${now})`.execute(db)
  return rows[0]
}

/** @returns false where somebody was faster */
export async function takeInvitation(db: Db, hash: string, now: Date): Promise<boolean> {
  const { rows } = await sql<{ taken: boolean }>`
    select take_invitation(${hash}, ${now}) as taken`.execute(db)
  return rows[0]?.taken === true
}

export async function findReset(
  db: Db,
  hash: string,
  now: Date,
): Promise<{ user_id: string; employee_id: string } | undefined> {
  const { rows } = await sql<{ user_id: string; employee_id: string }>`
    select user_id, employee_id from find_password_reset(${hash}, ${now})`.execute(db)
  return rows[0]
}

/** @returns false where the link was used meanwhile */
export async function takeReset(db: Db, hash: string, now: Date): Promise<boolean> {
  const { rows } = await sql<{ taken: boolean }>`
    select take_password_reset(${hash}, ${now}) as taken`.execute(db)
  return rows[0]?.taken === true
}

/** Whose account a Jira identity is; undefined also for who is disabled. */
export async function findJiraPerson(
  db: Db,
  { employeeId, jiraUrl }: { employeeId: string; jiraUrl: string },
): Promise<string | undefined> {
  const { rows } = await sql<{ user_id: string; disabled: boolean }>`
    select user_id, disabled from find_jira_person(${employeeId}, ${jiraUrl})`.execute(db)
  return rows[0]?.disabled === false ? rows[0].user_id : undefined
}
