import type { IdentityVerdict, PersonalSystem } from '@studioops/contracts/connections'
import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'
import { toJsonb } from '../../platform/db/jsonb.ts'

/** What is stored of one connection, in one shape for all systems; secrets are ciphertexts. */
export type ConnectionRow = {
  readonly base_url: string
  readonly flavour: string | null
  readonly login_email: string | null
  readonly model: string | null
  readonly encrypted_token: string | null
  readonly token_hint: string | null
  readonly encrypted_key: string | null
  readonly key_hint: string | null
  readonly set_at: Date
}

type Place = { readonly userId: string; readonly system: PersonalSystem }

/** @returns undefined where nothing is stored; of Jira never anything, which belongs to the account */
export async function findConnection(
  db: Db,
  { userId, system }: Place,
): Promise<ConnectionRow | undefined> {
  if (system === 'jira') return undefined
  if (system === 'model') return findModel(db, userId)
  const row = await db
    .selectFrom('integration_connections')
    .selectAll()
    .where('user_id', '=', userId)
    .where('system', '=', system)
    .executeTakeFirst()
  return row && { ...row, model: null }
}

async function findModel(db: Db, userId: string): Promise<ConnectionRow | undefined> {
  const row = await db
    .selectFrom('model_connections')
    .selectAll()
    .where('user_id', '=', userId)
    .executeTakeFirst()
  return (
    row && { ...row, flavour: null, login_email: null, encrypted_token: null, token_hint: null }
  )
}

export type NewConnection = Omit<ConnectionRow, 'set_at'>

export async function saveConnection(
  db: Db,
  { userId, system }: Place,
  row: NewConnection,
): Promise<void> {
  const { base_url, encrypted_key, key_hint } = row
  const shared = { base_url, encrypted_key, key_hint, set_at: sql<Date>`now()` }
  if (system === 'model') {
    const values = { ...shared, model: row.model ?? '' }
    await db
      .insertInto('model_connections')
      .values({ user_id: userId, ...values })
      .onConflict((conflict) => conflict.column('user_id').doUpdateSet(values))
      .execute()
    return
  }
  const values = {
    ...shared,
    flavour: row.flavour,
    login_email: row.login_email,
    encrypted_token: row.encrypted_token ?? '',
    token_hint: row.token_hint ?? '',
  }
  await db
    .insertInto('integration_connections')
    .values({ user_id: userId, system, ...values })
    .onConflict((conflict) => conflict.columns(['user_id', 'system']).doUpdateSet(values))
    .execute()
}

export async function removeConnection(db: Db, { userId, system }: Place): Promise<void> {
  if (system === 'model')
    await db.deleteFrom('model_connections').where('user_id', '=', userId).execute()
  else
    await db
      .deleteFrom('integration_connections')
      .where('user_id', '=', userId)
      .where('system', '=', system)
      .execute()
  for (const table of ['connection_checks', 'connection_tls'] as const)
    await db.deleteFrom(table).where('user_id', '=', userId).where('system', '=', system).execute()
}

export async function findTls(db: Db, userId: string) {
  return db.selectFrom('connection_tls').selectAll().where('user_id', '=', userId).execute()
}
export type TlsRow = Awaited<ReturnType<typeof findTls>>[number]

export async function saveTls(
  db: Db,
  { userId, system }: Place,
  { isVerified, certificate }: { isVerified: boolean; certificate: string | undefined },
): Promise<void> {
  const values = { is_verified: isVerified, certificate: certificate ?? null }
  await db
    .insertInto('connection_tls')
    .values({ user_id: userId, system, ...values })
    .onConflict((conflict) => conflict.columns(['user_id', 'system']).doUpdateSet(values))
    .execute()
}

export async function findChecks(db: Db, userId: string) {
  return db.selectFrom('connection_checks').selectAll().where('user_id', '=', userId).execute()
}
export type CheckRow = Awaited<ReturnType<typeof findChecks>>[number]

type Checked = { readonly userId: string; readonly system: PersonalSystem }

/** The settings changed: an earlier success says nothing about them. */
export async function noteChanged(db: Db, { userId, system }: Checked): Promise<void> {
  const values = {
    changed_at: sql<Date>`clock_timestamp()`,
    failing_since: null,
    failure_code: null,
    identity: null,
    identity_verdict: null,
  }
  await db
    .insertInto('connection_checks')
    .values({ user_id: userId, system, ...values })
    .onConflict((conflict) => conflict.columns(['user_id', 'system']).doUpdateSet(values))
    .execute()
}

export type NotedIdentity = { readonly verdict: IdentityVerdict; readonly identity: unknown }

export async function notePassed(
  db: Db,
  { userId, system }: Checked,
  noted?: NotedIdentity,
): Promise<void> {
  const passed = {
    passed_at: sql<Date>`clock_timestamp()`,
    checked_at: sql<Date>`clock_timestamp()`,
    failing_since: null,
    failure_code: null,
    failure_facts: null,
    ...(noted === undefined
      ? {}
      : { identity: toJsonb(noted.identity), identity_verdict: noted.verdict }),
  }
  await db
    .insertInto('connection_checks')
    .values({ user_id: userId, system, changed_at: sql`now()`, ...passed })
    .onConflict((conflict) => conflict.columns(['user_id', 'system']).doUpdateSet(passed))
    .execute()
}

export async function noteFailed(
  db: Db,
  { userId, system, code, facts }: Checked & { code: string; facts: unknown },
): Promise<void> {
  const failure = {
    failure_code: code,
    failure_facts: toJsonb(facts),
    checked_at: sql<Date>`clock_timestamp()`,
  }
  await db
    .insertInto('connection_checks')
    .values({
      user_id: userId,
      system,
      changed_at: sql`now()`,
      failing_since: sql`now()`,
      ...failure,
    })
    .onConflict((conflict) =>
      conflict.columns(['user_id', 'system']).doUpdateSet({
        ...failure,
        failing_since: sql`coalesce(connection_checks.failing_since, now())`,
      }),
    )
    .execute()
}
