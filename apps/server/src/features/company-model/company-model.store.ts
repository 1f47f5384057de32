import type { ConnectionIdentity } from '@studioops/contracts/connections'
import { sql } from 'kysely'
import { type Db, transactionUser } from '../../platform/db/database.ts'
import { toJsonb } from '../../platform/db/jsonb.ts'

export async function findNewestVersion(db: Db) {
  return db
    .selectFrom('company_model_versions')
    .selectAll()
    .orderBy('number', 'desc')
    .limit(1)
    .executeTakeFirst()
}
export type VersionRow = NonNullable<Awaited<ReturnType<typeof findNewestVersion>>>

export async function findVersion(db: Db, number: number) {
  return db
    .selectFrom('company_model_versions')
    .selectAll()
    .where('number', '=', number)
    .executeTakeFirst()
}

const listed = 100

/** Without the files; the newest first, at most 100. */
export async function listVersions(db: Db) {
  return db
    .selectFrom('company_model_versions')
    .select(['number', 'source', 'author_name', 'note', 'created_at', 'changed'])
    .orderBy('number', 'desc')
    .limit(listed)
    .execute()
}

export type NewVersion = {
  readonly number: number
  readonly files: unknown
  readonly sha256: string
  readonly changed: readonly string[]
  readonly source: 'disk' | 'editor' | 'roll-back'
  readonly authorId?: string | undefined
  readonly authorName?: string | undefined
  readonly note: string
}

/** @returns undefined when somebody else has taken the number in the meantime */
export async function insertVersion(db: Db, version: NewVersion): Promise<VersionRow | undefined> {
  const row = await db
    .insertInto('company_model_versions')
    .values({
      number: version.number,
      files: toJsonb(version.files),
      sha256: version.sha256,
      changed: [...version.changed],
      source: version.source,
      author_id: version.authorId ?? null,
      author_name: version.authorName ?? null,
      note: version.note,
      is_demo: sql<boolean>`${version.source !== 'disk'} and (select mode from workspace) = 'demo'`,
    })
    .onConflict((conflict) => conflict.column('number').doNothing())
    .returningAll()
    .executeTakeFirst()
  if (row !== undefined) await sql`select pg_notify('company_model_versions', '')`.execute(db)
  return row
}

/** The newest version that was not made while trying the demo, and whether there is one that was. */
export async function findBeforeDemo(db: Db) {
  const newest = await db
    .selectFrom('company_model_versions')
    .selectAll()
    .where('is_demo', '=', false)
    .orderBy('number', 'desc')
    .limit(1)
    .executeTakeFirst()
  const made = await db
    .selectFrom('company_model_versions')
    .select('number')
    .where('is_demo', '=', true)
    .limit(1)
    .executeTakeFirst()
  return { newest, hasDemo: made !== undefined }
}

export async function deleteDemoVersions(db: Db): Promise<void> {
  await db.deleteFrom('company_model_versions').where('is_demo', '=', true).execute()
  await sql`select pg_notify('company_model_versions', '')`.execute(db)
}

/** What fills the slots of this person. */
export async function findPerson(db: Db) {
  return db
    .selectFrom('users')
    .select(['employee_id', 'email', 'display_name'])
    .where('id', '=', transactionUser)
    .executeTakeFirstOrThrow()
}

export async function findConnection(db: Db, userId: string) {
  return db
    .selectFrom('company_model_connections')
    .selectAll()
    .where('user_id', '=', userId)
    .executeTakeFirst()
}
export type ConnectionRow = NonNullable<Awaited<ReturnType<typeof findConnection>>>

/** A new cookie: what was known of the old one says nothing about it, but when one last worked. */
export async function saveCookie(
  db: Db,
  {
    userId,
    encrypted,
    hint,
    origin,
  }: { userId: string; encrypted: string; hint: string; origin: string },
): Promise<void> {
  const values = {
    encrypted_cookie: encrypted,
    cookie_hint: hint,
    cookie_origin: origin,
    set_at: sql<Date>`clock_timestamp()`,
    failing_since: null,
    failure_code: null,
    failure_facts: null,
    identity: null,
  }
  await db
    .insertInto('company_model_connections')
    .values({ user_id: userId, ...values })
    .onConflict((conflict) => conflict.column('user_id').doUpdateSet(values))
    .execute()
}

export async function removeConnection(db: Db, userId: string): Promise<void> {
  await db.deleteFrom('company_model_connections').where('user_id', '=', userId).execute()
}

type Passed = { readonly userId: string; readonly identity?: ConnectionIdentity | undefined }

/** Where no cookie is needed there may be no row yet. */
export async function notePassed(db: Db, { userId, identity }: Passed): Promise<void> {
  const values = {
    passed_at: sql<Date>`clock_timestamp()`,
    failing_since: null,
    failure_code: null,
    failure_facts: null,
    ...(identity === undefined ? {} : { identity: toJsonb(identity) }),
  }
  await db
    .insertInto('company_model_connections')
    .values({ user_id: userId, ...values })
    .onConflict((conflict) => conflict.column('user_id').doUpdateSet(values))
    .execute()
}

type Failed = {
  readonly userId: string
  readonly code: string
  readonly facts: unknown
  readonly identity?: ConnectionIdentity | undefined
}

export async function noteFailed(db: Db, { userId, code, facts, identity }: Failed): Promise<void> {
  await db
    .updateTable('company_model_connections')
    .set({
      failing_since: sql`coalesce(failing_since, now())`,
      failure_code: code,
      failure_facts: toJsonb(facts),
      ...(identity === undefined ? {} : { identity: toJsonb(identity) }),
    })
    .where('user_id', '=', userId)
    .execute()
}
