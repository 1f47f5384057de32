import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'
import { toJsonb } from '../../platform/db/jsonb.ts'

export type WorkspaceRow = {
  readonly mode: string
  readonly jira_base_urls: string[]
  /** Absent: as the environment says. */
  readonly registration_ways: string[] | null
  readonly second_factor_required: boolean
}

export async function readWorkspace(db: Db): Promise<WorkspaceRow> {
  return db
    .selectFrom('workspace')
    .select(['mode', 'jira_base_urls', 'registration_ways', 'second_factor_required'])
    .executeTakeFirstOrThrow()
}

export async function listFirstJira(db: Db, jiraUrl: string): Promise<void> {
  await db
    .updateTable('workspace')
    .set({ jira_base_urls: [jiraUrl], updated_at: sql`now()` })
    .where('jira_base_urls', '=', sql<string[]>`'{}'`)
    .execute()
}

export async function keepEntryRules(
  db: Db,
  rules: { registrationWays: readonly string[]; secondFactorRequired: boolean },
): Promise<void> {
  await db
    .updateTable('workspace')
    .set({
      registration_ways: [...rules.registrationWays],
      second_factor_required: rules.secondFactorRequired,
      updated_at: sql`now()`,
    })
    .execute()
}

export async function countPeople(db: Db): Promise<number> {
  const { rows } = await sql<{ people: number }>`select count_people() as people`.execute(db)
  return rows[0]?.people ?? 0
}

/** Changes the mode if it is still the expected one. @returns false when somebody was faster */
export async function changeMode(
  db: Db,
  { from, to, jiraBaseUrls }: { from: string; to: string; jiraBaseUrls: readonly string[] },
): Promise<boolean> {
  const changed = await db
    .updateTable('workspace')
    .set({
      mode: to,
      jira_base_urls: [...jiraBaseUrls],
      // What was decided in a demo ends with it.
      ...(to === 'new' ? { registration_ways: null, second_factor_required: false } : {}),
      updated_at: sql`now()`,
    })
    .where('mode', '=', from)
    .executeTakeFirst()
  return changed.numUpdatedRows > 0n
}

export async function changeJiraBaseUrls(db: Db, urls: readonly string[]): Promise<void> {
  await db
    .updateTable('workspace')
    .set({ jira_base_urls: [...urls], updated_at: sql`now()` })
    .execute()
}

/**
 * Everybody of the demo with everything of theirs, and what they decided for the workspace.
 *
 * @returns how many people went
 */
export async function deleteDemoPeople(db: Db): Promise<number> {
  await db.deleteFrom('invitations').execute()
  await db.deleteFrom('object_store').execute()
  const deleted = await db.deleteFrom('users').where('is_demo', '=', true).executeTakeFirst()
  return Number(deleted.numDeletedRows)
}

export async function readDemoSystems(db: Db) {
  return db.selectFrom('demo_systems').select(['name', 'snapshot', 'fault']).execute()
}

export async function keepDemoSystem(
  db: Db,
  { name, snapshot, fault }: { name: string; snapshot: unknown; fault: string },
): Promise<void> {
  const values = { snapshot: toJsonb(snapshot), fault, updated_at: sql<Date>`now()` }
  await db
    .insertInto('demo_systems')
    .values({ name, ...values })
    .onConflict((conflict) => conflict.column('name').doUpdateSet(values))
    .execute()
}

export async function deleteDemoSystems(db: Db): Promise<void> {
  await db.deleteFrom('demo_systems').execute()
}

/** People of the demo keep working when the product listens on another port than before. */
export async function moveDemoAddresses(
  db: Db,
  addresses: { jiraUrl: string; modelUrl: string; confluenceUrl: string; trelloUrl: string },
): Promise<void> {
  const { jiraUrl, modelUrl, confluenceUrl, trelloUrl } = addresses
  await db
    .updateTable('workspace')
    .set({ jira_base_urls: [jiraUrl] })
    .execute()
  await db.updateTable('users').set({ jira_url: jiraUrl }).where('is_demo', '=', true).execute()
  await db
    .updateTable('model_connections')
    .set({ base_url: modelUrl })
    .where('base_url', 'like', '%/demo/model/v1')
    .execute()
  for (const [system, baseUrl] of [
    ['confluence', confluenceUrl],
    ['trello', trelloUrl],
  ] as const)
    await db
      .updateTable('integration_connections')
      .set({ base_url: baseUrl })
      .where('system', '=', system)
      .where('base_url', 'like', `%/demo/${system}`)
      .execute()
}

export async function isRegistered(db: Db, employeeId: string): Promise<boolean> {
  const { rows } = await sql<{ registered: boolean }>`
    select is_registered(${employeeId}) as registered`.execute(db)
  return rows[0]?.registered === true
}
