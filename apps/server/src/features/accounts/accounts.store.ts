import type { Preferences, Role } from '@studioops/contracts/accounts'
import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'

type Avatar = { readonly bytes: Buffer; readonly mediaType: string }

export type NewJiraConnection = {
  readonly encryptedJiraPat: string
  readonly jiraUrl: string
  readonly jiraFlavour: 'dc' | 'cloud'
  readonly jiraLoginEmail: string | undefined
  readonly jiraTokenHint: string
  readonly avatarUrl: string | undefined
  readonly avatar: Avatar | undefined
}

export type NewUser = {
  readonly id: string
  readonly employeeId: string
  readonly name: string
  readonly email: string
  readonly displayName: string
  readonly hashedPassword: string
  /** Absent for an account without Jira. */
  readonly jira: NewJiraConnection | undefined
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
      ...(user.jira === undefined ? {} : jiraColumns(user.jira)),
      wrapped_key: user.wrappedKey,
      role: user.role,
      preferences: JSON.stringify(user.preferences),
      is_demo: user.isDemo,
    })
    .execute()
}

function jiraColumns(jira: NewJiraConnection) {
  return {
    encrypted_jira_pat: jira.encryptedJiraPat,
    jira_url: jira.jiraUrl,
    jira_flavour: jira.jiraFlavour,
    jira_login_email: jira.jiraLoginEmail ?? null,
    jira_token_hint: jira.jiraTokenHint,
    jira_token_set_at: sql<Date>`now()`,
    avatar_url: jira.avatarUrl ?? null,
    avatar_image: jira.avatar?.bytes ?? null,
    avatar_media_type: jira.avatar?.mediaType ?? null,
  }
}

/** @throws the unique violation of `users_employee_id` */
export async function connectJira(
  db: Db,
  id: string,
  jira: NewJiraConnection & { employeeId: string; name: string; displayName: string },
): Promise<void> {
  await db
    .updateTable('users')
    .set({
      ...jiraColumns(jira),
      employee_id: jira.employeeId,
      name: jira.name,
      display_name: jira.displayName,
      updated_at: sql`now()`,
    })
    .where('id', '=', id)
    .execute()
}

/** Everything of the person but the picture. */
export async function findUser(db: Db, id: string) {
  return db
    .selectFrom('users')
    .leftJoin('second_factors', (join) =>
      join
        .onRef('second_factors.user_id', '=', 'users.id')
        .on('second_factors.confirmed_at', 'is not', null),
    )
    .select([
      'users.id',
      'second_factors.confirmed_at as second_factor_since',
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
      'users.created_at',
    ])
    .where('users.id', '=', id)
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
