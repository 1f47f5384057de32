import type { Preferences, Role } from '@studioops/contracts/accounts'
import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'

export type NewUser = {
  readonly id: string
  readonly employeeId: string
  readonly name: string
  readonly email: string
  readonly displayName: string
  readonly hashedPassword: string
  readonly encryptedJiraPat: string
  readonly jiraUrl: string
  readonly jiraFlavour: 'dc' | 'cloud'
  readonly jiraLoginEmail: string | undefined
  readonly jiraTokenHint: string
  readonly avatarUrl: string | undefined
  readonly avatar: { readonly bytes: Buffer; readonly mediaType: string } | undefined
  readonly wrappedKey: string
  readonly role: Role
  readonly preferences: Preferences
  readonly isDemo: boolean
}

/** @throws the unique violation of `users_employee_id` or `users_email` */
export async function insertUser(db: Db, user: NewUser): Promise<void> {
  await db
    .insertInto('users')
    .values({
      id: user.id,
      employee_id: user.employeeId,
      name: user.name,
      email: user.email,
      display_name: user.displayName,
      hashed_password: user.hashedPassword,
      encrypted_jira_pat: user.encryptedJiraPat,
      jira_url: user.jiraUrl,
      jira_flavour: user.jiraFlavour,
      jira_login_email: user.jiraLoginEmail ?? null,
      jira_token_hint: user.jiraTokenHint,
      avatar_url: user.avatarUrl ?? null,
      avatar_image: user.avatar?.bytes ?? null,
      avatar_media_type: user.avatar?.mediaType ?? null,
      wrapped_key: user.wrappedKey,
      role: user.role,
      preferences: JSON.stringify(user.preferences),
      is_demo: user.isDemo,
    })
    .execute()
}

/** Everything of the person but the picture. */
export async function findUser(db: Db, id: string) {
  return db
    .selectFrom('users')
    .select([
      'id',
      'employee_id',
      'name',
      'email',
      'display_name',
      'hashed_password',
      'encrypted_jira_pat',
      'jira_url',
      'jira_flavour',
      'jira_login_email',
      'jira_token_hint',
      'jira_token_set_at',
      'avatar_media_type',
      'wrapped_key',
      'role',
      'preferences',
      'is_demo',
      'disabled_at',
    ])
    .where('id', '=', id)
    .executeTakeFirst()
}
export type UserRow = NonNullable<Awaited<ReturnType<typeof findUser>>>

export async function findAvatar(db: Db, id: string) {
  return db
    .selectFrom('users')
    .select(['avatar_image', 'avatar_media_type'])
    .where('id', '=', id)
    .executeTakeFirst()
}

/** Whose password has to match; more than one where a name is not unique, at most two. */
export async function findLogin(
  db: Db,
  username: string,
): Promise<{ id: string; hashed_password: string; disabled: boolean }[]> {
  const { rows } = await sql<{ id: string; hashed_password: string; disabled: boolean }>`
    select id, hashed_password, disabled from find_login(${username})`.execute(db)
  return rows
}

export async function countPeople(db: Db): Promise<number> {
  const { rows } = await sql<{ people: number }>`select count_people() as people`.execute(db)
  return rows[0]?.people ?? 0
}

export async function isRegistered(db: Db, employeeId: string): Promise<boolean> {
  const { rows } = await sql<{ registered: boolean }>`
    select is_registered(${employeeId}) as registered`.execute(db)
  return rows[0]?.registered === true
}

/** Lets one registration after the other decide who is the first. */
export async function lockRegistration(db: Db): Promise<void> {
  await sql`select pg_advisory_xact_lock(72001)`.execute(db)
}

export async function updatePreferences(db: Db, id: string, preferences: Preferences) {
  await db
    .updateTable('users')
    .set({ preferences: JSON.stringify(preferences), updated_at: sql`now()` })
    .where('id', '=', id)
    .execute()
}

export async function updateJiraToken(
  db: Db,
  id: string,
  token: { encryptedJiraPat: string; jiraTokenHint: string },
): Promise<void> {
  await db
    .updateTable('users')
    .set({
      encrypted_jira_pat: token.encryptedJiraPat,
      jira_token_hint: token.jiraTokenHint,
      jira_token_set_at: sql`now()`,
      updated_at: sql`now()`,
    })
    .where('id', '=', id)
    .execute()
}

export async function updatePassword(db: Db, id: string, hashedPassword: string): Promise<void> {
  await db
    .updateTable('users')
    .set({ hashed_password: hashedPassword, updated_at: sql`now()` })
    .where('id', '=', id)
    .execute()
}

export type NewSession = {
  readonly jti: string
  readonly userId: string
  readonly expiresAt: Date
  readonly absoluteEnd: Date
  readonly userAgent: string | undefined
  readonly address: string
}

export async function insertSession(db: Db, session: NewSession): Promise<void> {
  await db
    .insertInto('user_sessions')
    .values({
      jti: session.jti,
      user_id: session.userId,
      expires_at: session.expiresAt,
      absolute_end: session.absoluteEnd,
      user_agent: session.userAgent?.slice(0, 300) ?? null,
      address: session.address,
    })
    .execute()
}

/** A session that has neither ended nor been revoked, of a person who is not disabled. */
export async function findLiveSession(db: Db, jti: string, now: Date) {
  return db
    .selectFrom('user_sessions')
    .innerJoin('users', 'users.id', 'user_sessions.user_id')
    .select([
      'user_sessions.jti',
      'user_sessions.user_id',
      'user_sessions.expires_at',
      'user_sessions.absolute_end',
      'users.role',
    ])
    .where('user_sessions.jti', '=', jti)
    .where('user_sessions.revoked_at', 'is', null)
    .where('user_sessions.expires_at', '>', now)
    .where('users.disabled_at', 'is', null)
    .executeTakeFirst()
}

export async function extendSession(
  db: Db,
  { jti, expiresAt, now }: { jti: string; expiresAt: Date; now: Date },
): Promise<void> {
  await db
    .updateTable('user_sessions')
    .set({ expires_at: expiresAt, last_seen_at: now })
    .where('jti', '=', jti)
    .execute()
}

export async function revokeSession(db: Db, jti: string, now: Date): Promise<void> {
  await db
    .updateTable('user_sessions')
    .set({ revoked_at: now })
    .where('jti', '=', jti)
    .where('revoked_at', 'is', null)
    .execute()
}

export async function revokeOtherSessions(
  db: Db,
  { userId, keep, now }: { userId: string; keep: string; now: Date },
): Promise<string[]> {
  const rows = await db
    .updateTable('user_sessions')
    .set({ revoked_at: now })
    .where('user_id', '=', userId)
    .where('jti', '!=', keep)
    .where('revoked_at', 'is', null)
    .returning('jti')
    .execute()
  return rows.map((row) => row.jti)
}
