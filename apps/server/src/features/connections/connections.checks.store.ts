import type { ConnectionSystem } from '@studioops/contracts/connections'
import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'

export type CheckedSystem = Exclude<ConnectionSystem, 'object-store'>
export type Due = { readonly userId: string; readonly system: CheckedSystem }

/**
 * Gives every stored credential a row and a time within the period, so that they are spread out.
 * Accounts that came with Jira have no row of their own until then.
 */
export async function planChecks(db: Db, periodMs: number): Promise<void> {
  await sql`
    insert into connection_checks (user_id, system, changed_at, passed_at)
    select id, 'jira', coalesce(jira_token_set_at, created_at), coalesce(jira_token_set_at, created_at)
    from users where encrypted_jira_pat is not null
    on conflict do nothing`.execute(db)
  await takeUpCookies(db)
  await db
    .updateTable('connection_checks')
    .set({ next_check_at: sql<Date>`now() + random() * ${periodMs} * interval '1 millisecond'` })
    .where('next_check_at', 'is', null)
    .execute()
}

/** Cookies of the company model keep their state elsewhere; here it is the same, a row for each. */
export async function takeUpCookies(db: Db): Promise<void> {
  await sql`
    delete from connection_checks checks where checks.system = 'company-model' and not exists (
      select from company_model_connections cookies
      where cookies.user_id = checks.user_id and cookies.encrypted_cookie is not null)`.execute(db)
  await sql`
    insert into connection_checks (user_id, system, changed_at, passed_at, failing_since, failure_code,
      failure_facts, identity_verdict)
    select user_id, 'company-model', set_at, passed_at, failing_since, failure_code, failure_facts,
      identity ->> 'verdict'
    from company_model_connections where encrypted_cookie is not null
    on conflict (user_id, system) do update set changed_at = excluded.changed_at,
      passed_at = excluded.passed_at, failing_since = excluded.failing_since,
      failure_code = excluded.failure_code, failure_facts = excluded.failure_facts,
      identity_verdict = excluded.identity_verdict
    where (connection_checks.changed_at, connection_checks.passed_at, connection_checks.failing_since,
        connection_checks.failure_code, connection_checks.failure_facts,
        connection_checks.identity_verdict)
      is distinct from (excluded.changed_at, excluded.passed_at, excluded.failing_since,
        excluded.failure_code, excluded.failure_facts, excluded.identity_verdict)`.execute(db)
}

/** Those that are due and not planned yet. Disabled people are left alone. */
export async function takeDue(db: Db, plannedMs: number): Promise<Due[]> {
  const { rows } = await sql<Due>`
    update connection_checks checks
    set lease_until = now() + ${plannedMs} * interval '1 millisecond'
    from (
      select due.user_id, due.system from connection_checks due
      join users on users.id = due.user_id and users.disabled_at is null
      where due.next_check_at <= now()
        and (due.lease_until is null or due.lease_until < now())
      order by due.next_check_at for update of due skip locked) next
    where checks.user_id = next.user_id and checks.system = next.system
    returning checks.user_id as "userId", checks.system`.execute(db)
  return rows
}

export async function finishCheck(db: Db, { userId, system }: Due, nextInMs: number) {
  await db
    .updateTable('connection_checks')
    .set({
      lease_until: null,
      checked_at: sql<Date>`clock_timestamp()`,
      next_check_at: sql<Date>`now() + ${nextInMs} * interval '1 millisecond'`,
    })
    .where('user_id', '=', userId)
    .where('system', '=', system)
    .execute()
}

/** @returns how many are due now */
export async function makeAllDue(db: Db): Promise<number> {
  const changed = await db
    .updateTable('connection_checks')
    .set({ next_check_at: sql<Date>`now()` })
    .executeTakeFirst()
  return Number(changed.numUpdatedRows)
}
