import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'

export async function listProviders(db: Db) {
  return db
    .selectFrom('model_providers')
    .selectAll()
    .orderBy('position')
    .orderBy('created_at')
    .execute()
}
export type ProviderRow = Awaited<ReturnType<typeof listProviders>>[number]

export async function insertProvider(
  db: Db,
  row: Pick<
    ProviderRow,
    'id' | 'name' | 'base_url' | 'model' | 'encrypted_key' | 'key_hint' | 'wrapped_key'
  >,
): Promise<void> {
  const last = sql<number>`(select coalesce(max(position), 0) + 1 from model_providers)`
  await db
    .insertInto('model_providers')
    .values({ ...row, kind: 'server', position: last })
    .execute()
}

/** @returns false where there is none, or it is one of the two that stay */
export async function deleteProvider(db: Db, id: string): Promise<boolean> {
  const gone = await db
    .deleteFrom('model_providers')
    .where('id', '=', id)
    .where('kind', '=', 'server')
    .executeTakeFirst()
  return gone.numDeletedRows > 0n
}

type Place = { readonly id: string; readonly isEnabled: boolean; readonly position: number }

export async function placeProvider(db: Db, { id, isEnabled, position }: Place): Promise<boolean> {
  const changed = await db
    .updateTable('model_providers')
    .set({ position, is_enabled: isEnabled })
    .where('id', '=', id)
    .executeTakeFirst()
  return changed.numUpdatedRows > 0n
}

/** Written at most once a minute while nothing changes. */
export async function noteProvider(
  db: Db,
  id: string,
  failureCode: string | undefined,
): Promise<void> {
  const query = db.updateTable('model_providers').where('id', '=', id)
  if (failureCode === undefined)
    await query
      .set({ last_good_at: sql<Date>`now()`, failing_since: null, failure_code: null })
      .where((eb) =>
        eb.or([
          eb('last_good_at', 'is', null),
          eb('last_good_at', '<', sql<Date>`now() - interval '1 minute'`),
          eb('failing_since', 'is not', null),
        ]),
      )
      .execute()
  else
    await query
      .set({
        failing_since: sql<Date>`coalesce(failing_since, now())`,
        failure_code: failureCode,
      })
      .where((eb) => eb.or([eb('failure_code', 'is', null), eb('failure_code', '!=', failureCode)]))
      .execute()
}

export async function findChoice(db: Db, userId: string): Promise<string | undefined> {
  const row = await db
    .selectFrom('model_choices')
    .select('provider_id')
    .where('user_id', '=', userId)
    .executeTakeFirst()
  return row?.provider_id
}

export async function saveChoice(
  db: Db,
  userId: string,
  providerId: string | undefined,
): Promise<void> {
  await db.deleteFrom('model_choices').where('user_id', '=', userId).execute()
  if (providerId !== undefined)
    await db
      .insertInto('model_choices')
      .values({ user_id: userId, provider_id: providerId })
      .execute()
}

export async function listPrices(db: Db) {
  return db.selectFrom('model_prices').selectAll().orderBy('model').execute()
}

type Price = { readonly model: string; readonly input: number; readonly output: number }

export async function replacePrices(db: Db, prices: readonly Price[]): Promise<void> {
  await db.deleteFrom('model_prices').execute()
  if (prices.length > 0)
    await db
      .insertInto('model_prices')
      .values([...prices])
      .execute()
}

export async function listBudgets(db: Db) {
  return db
    .selectFrom('model_budgets')
    .select(['scope', 'user_id', 'tokens', 'cost'])
    .orderBy('scope')
    .execute()
}
export type BudgetRow = Awaited<ReturnType<typeof listBudgets>>[number]

type Budget = {
  readonly scope: 'workspace' | 'everyone' | 'person'
  readonly user_id: string | null
  readonly tokens: number | null
  readonly cost: number | null
}

export async function replaceBudgets(db: Db, budgets: readonly Budget[]): Promise<void> {
  await db.deleteFrom('model_budgets').execute()
  if (budgets.length > 0)
    await db
      .insertInto('model_budgets')
      .values([...budgets])
      .execute()
}

export type Spending = {
  readonly own_tokens: number
  readonly own_cost: string
  readonly all_tokens: number
  readonly all_cost: string
}

export async function findSpending(db: Db): Promise<Spending> {
  const { rows } = await sql<Spending>`select * from model_spending()`.execute(db)
  return rows[0] ?? { own_tokens: 0, own_cost: '0', all_tokens: 0, all_cost: '0' }
}

export async function listKeepers(db: Db): Promise<string[]> {
  const { rows } = await sql<{ display_name: string }>`
    select display_name from workspace_keepers()`.execute(db)
  return rows.map(({ display_name: name }) => name)
}

/** Names of people, for those who may see them. */
export async function listNames(db: Db): Promise<ReadonlyMap<string, string>> {
  const { rows } = await sql<{ id: string; display_name: string }>`
    select id, display_name from list_people()`.execute(db)
  return new Map(rows.map(({ id, display_name: name }) => [id, name]))
}

export type NewUsage = {
  readonly user_id: string
  readonly project_id: string | null
  readonly provider: string
  readonly model: string
  readonly purpose: string
  readonly outcome: 'complete' | 'failed' | 'stopped'
  readonly error_kind: string | null
  readonly input_tokens: number
  readonly output_tokens: number
  readonly is_estimated: boolean
  readonly ttft_ms: number | null
  readonly duration_ms: number
}

/** The cost is that of the price of now. */
export async function insertUsage(db: Db, row: NewUsage): Promise<void> {
  const { model, input_tokens: input, output_tokens: output } = row
  const cost = sql<string>`(
    select (${input}::numeric * input + ${output}::numeric * output) / 1000000
    from model_prices where starts_with(lower(${model}::text), lower(model_prices.model))
    order by length(model_prices.model) desc limit 1)`
  await db
    .insertInto('model_usage')
    .values({ ...row, cost })
    .execute()
}

export type TotalsRow = {
  readonly day: string
  readonly user_id: string
  readonly display_name: string
  readonly provider: string
  readonly model: string
  readonly calls: number
  readonly failed: number
  readonly input_tokens: number
  readonly output_tokens: number
  readonly cost: string
  readonly unpriced: number
  readonly ttft_ms: number | null
}

export async function listTotals(
  db: Db,
  { since, ofEverybody }: { readonly since: Date; readonly ofEverybody: boolean },
): Promise<TotalsRow[]> {
  const { rows } = await sql<TotalsRow>`
    select * from model_totals(${since}, ${ofEverybody})`.execute(db)
  return rows
}

/** For the sweeper. */
export async function deleteOldUsage(db: Db, now: Date): Promise<number> {
  const before = new Date(now.getTime() - 400 * 24 * 60 * 60_000)
  const gone = await db.deleteFrom('model_usage').where('at', '<', before).executeTakeFirst()
  return Number(gone.numDeletedRows)
}
