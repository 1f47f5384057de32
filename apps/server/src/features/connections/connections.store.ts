import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'
import { toJsonb } from '../../platform/db/jsonb.ts'

export type System = 'jira' | 'model'

export async function findModel(db: Db, userId: string) {
  return db
    .selectFrom('model_connections')
    .selectAll()
    .where('user_id', '=', userId)
    .executeTakeFirst()
}
export type ModelRow = NonNullable<Awaited<ReturnType<typeof findModel>>>

export async function saveModel(
  db: Db,
  row: {
    userId: string
    baseUrl: string
    model: string
    encryptedKey: string | null
    keyHint: string | null
  },
): Promise<void> {
  const values = {
    base_url: row.baseUrl,
    model: row.model,
    encrypted_key: row.encryptedKey,
    key_hint: row.keyHint,
    set_at: sql<Date>`now()`,
  }
  await db
    .insertInto('model_connections')
    .values({ user_id: row.userId, ...values })
    .onConflict((conflict) => conflict.column('user_id').doUpdateSet(values))
    .execute()
}

export async function removeModel(db: Db, userId: string): Promise<void> {
  await db.deleteFrom('model_connections').where('user_id', '=', userId).execute()
  await db
    .deleteFrom('connection_checks')
    .where('user_id', '=', userId)
    .where('system', '=', 'model')
    .execute()
}

export async function findChecks(db: Db, userId: string) {
  return db.selectFrom('connection_checks').selectAll().where('user_id', '=', userId).execute()
}
export type CheckRow = Awaited<ReturnType<typeof findChecks>>[number]

type Check = { readonly userId: string; readonly system: System }

/** The settings changed: an earlier success says nothing about them. */
export async function noteChanged(db: Db, { userId, system }: Check): Promise<void> {
  const values = {
    changed_at: sql<Date>`clock_timestamp()`,
    failing_since: null,
    failure_code: null,
  }
  await db
    .insertInto('connection_checks')
    .values({ user_id: userId, system, ...values })
    .onConflict((conflict) => conflict.columns(['user_id', 'system']).doUpdateSet(values))
    .execute()
}

export async function notePassed(db: Db, { userId, system }: Check): Promise<void> {
  const passed = {
    passed_at: sql<Date>`clock_timestamp()`,
    failing_since: null,
    failure_code: null,
    failure_facts: null,
  }
  await db
    .insertInto('connection_checks')
    .values({ user_id: userId, system, changed_at: sql`now()`, ...passed })
    .onConflict((conflict) => conflict.columns(['user_id', 'system']).doUpdateSet(passed))
    .execute()
}

export async function noteFailed(
  db: Db,
  { userId, system, code, facts }: Check & { code: string; facts: unknown },
): Promise<void> {
  const failure = { failure_code: code, failure_facts: toJsonb(facts) }
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
