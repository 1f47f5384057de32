import type { PurchaseFilter, PurchaseSort, PurchaseStatus } from '@studioops/contracts/purchases'
import { type RawBuilder, sql } from 'kysely'
import { type Db, transactionUser } from '../../platform/db/database.ts'

/** Money and quantities are decimal text from end to end: a float never holds them. */
export type PurchaseRow = {
  readonly id: string
  readonly project_id: string | null
  readonly project_name: string | null
  readonly bought_on: string
  readonly vendor: string
  readonly description: string
  readonly quantity: string
  readonly unit_price: string
  readonly currency: string
  readonly vat_rate: string
  readonly status: PurchaseStatus
  readonly category: string
  readonly receipt_id: string | null
  readonly receipt_name: string | null
  readonly net: string
  readonly vat: string
  readonly gross: string
  readonly created_at: Date
  readonly updated_at: Date
}

const columns = sql`id, project_id, project_name, bought_on, vendor, description,
  trim_scale(quantity)::text as quantity, trim_scale(unit_price)::text as unit_price, currency,
  trim_scale(vat_rate)::text as vat_rate, status, category, receipt_id,
  (select name from documents where documents.id = receipt_id and documents.deleted_at is null)
    as receipt_name,
  net::text as net, vat::text as vat, (net + vat)::text as gross, created_at, updated_at`

const patternOf = (text: string) => `%${text.replaceAll(/[\\%_]/g, (sign) => `\\${sign}`)}%`

/** Geresh and gershayim are typed as quotes by most people (HE-20). */
const plain = (text: RawBuilder<unknown>) => sql`translate(${text}, '׳״', '''"')`

type Condition = RawBuilder<unknown>

function conditions(projectId: string, filter: PurchaseFilter): Condition {
  const { search, status, category, currency, from, to, receiptId } = filter
  const words = search.split(/\s+/).filter((word) => word !== '')
  const parts: Condition[] = [sql`project_id = ${projectId}::uuid`, sql`deleted_at is null`]
  for (const word of words)
    parts.push(
      sql`${plain(sql`vendor || ' ' || description || ' ' || category`)} ilike ${plain(sql`${patternOf(word)}::text`)}`,
    )
  if (status !== undefined) parts.push(sql`status = ${status}`)
  if (category !== undefined) parts.push(sql`category = ${category}`)
  if (currency !== undefined) parts.push(sql`currency = ${currency}`)
  if (from !== undefined) parts.push(sql`bought_on >= ${from}::date`)
  if (to !== undefined) parts.push(sql`bought_on <= ${to}::date`)
  if (receiptId !== undefined) parts.push(sql`receipt_id = ${receiptId}::uuid`)
  return sql.join(parts, sql` and `)
}

const orders: Readonly<Record<PurchaseSort, RawBuilder<unknown>>> = {
  date: sql`bought_on`,
  vendor: sql`lower(vendor)`,
  category: sql`lower(category)`,
  status: sql`array_position(array['planned', 'ordered', 'received', 'paid', 'cancelled'], status)`,
  // Sums of two currencies have no order.
  gross: sql`currency, (net + vat)`,
  added: sql`created_at`,
}

export type Wanted = {
  readonly sort: PurchaseSort
  readonly direction: 'up' | 'down'
  readonly offset: number
  readonly limit: number
}

export async function listPurchases(
  db: Db,
  projectId: string,
  { filter, wanted }: { readonly filter: PurchaseFilter; readonly wanted: Wanted },
): Promise<PurchaseRow[]> {
  const direction = wanted.direction === 'up' ? sql`asc` : sql`desc`
  const { rows } = await sql<PurchaseRow>`
    select ${columns} from purchases where ${conditions(projectId, filter)}
    order by ${orders[wanted.sort]} ${direction}, created_at ${direction}, id
    limit ${wanted.limit} offset ${wanted.offset}`.execute(db)
  return rows
}

export type SumRow = {
  readonly currency: string
  readonly status: PurchaseStatus
  readonly vat_rate: string
  readonly count: number
  readonly net: string
  readonly vat: string
  readonly gross: string
}

/** Exact sums of rounded lines; what is finer than currency, status and rate is added up there. */
export async function sumPurchases(
  db: Db,
  projectId: string,
  filter: PurchaseFilter,
): Promise<{
  readonly totals: readonly Omit<SumRow, 'status' | 'vat_rate'>[]
  readonly byStatus: readonly Omit<SumRow, 'vat_rate'>[]
  readonly byRate: readonly Omit<SumRow, 'status'>[]
}> {
  const sums = sql`coalesce(sum(net), 0)::text as net, coalesce(sum(vat), 0)::text as vat,
    coalesce(sum(net + vat), 0)::text as gross`
  const where = conditions(projectId, filter)
  const byStatus = await sql<Omit<SumRow, 'vat_rate'>>`
    select currency, status, count(*) as count, ${sums} from purchases where ${where}
    group by currency, status order by currency, status`.execute(db)
  const byRate = await sql<Omit<SumRow, 'status'>>`
    select currency, trim_scale(vat_rate)::text as vat_rate, count(*) as count, ${sums}
    from purchases where ${where} and status <> 'cancelled'
    group by currency, vat_rate order by currency, vat_rate desc`.execute(db)
  const totals = await sql<Omit<SumRow, 'status' | 'vat_rate'>>`
    select currency, count(*) as count,
      coalesce(sum(net) filter (where status <> 'cancelled'), 0)::text as net,
      coalesce(sum(vat) filter (where status <> 'cancelled'), 0)::text as vat,
      coalesce(sum(net + vat) filter (where status <> 'cancelled'), 0)::text as gross
    from purchases where ${where} group by currency order by currency`.execute(db)
  return { totals: totals.rows, byStatus: byStatus.rows, byRate: byRate.rows }
}

export type SpendRow = {
  readonly currency: string
  readonly amount: string
  readonly spent: string
  readonly planned: string
  readonly share: number
}

/** Each budget with what was ordered, received or paid of it, and what is planned beyond. */
export async function readSpend(db: Db, projectId: string): Promise<SpendRow[]> {
  const { rows } = await sql<SpendRow>`
    select budget.currency, trim_scale(budget.amount)::text as amount,
      coalesce(sum(net + vat) filter (where status in ('ordered', 'received', 'paid')), 0)::text
        as spent,
      coalesce(sum(net + vat) filter (where status = 'planned'), 0)::text as planned,
      case when budget.amount = 0 then 0 else (coalesce(sum(net + vat) filter
        (where status in ('ordered', 'received', 'paid')), 0) / budget.amount)::float8 end as share
    from project_budgets budget
    left join purchases on purchases.project_id = budget.project_id
      and purchases.currency = budget.currency and purchases.deleted_at is null
    where budget.project_id = ${projectId}::uuid
    group by budget.currency, budget.amount order by budget.currency`.execute(db)
  return rows
}

/** What was written before, most used first, to be offered while somebody types. */
export async function listWords(db: Db, projectId: string, column: 'vendor' | 'category') {
  const rows = await db
    .selectFrom('purchases')
    .select(column)
    .where('project_id', '=', projectId)
    .where('deleted_at', 'is', null)
    .where(column, '<>', '')
    .groupBy(column)
    .orderBy(sql`count(*)`, 'desc')
    .orderBy(column)
    .limit(100)
    .execute()
  return rows.map((row) => row[column])
}

export type PurchaseValues = {
  readonly boughtOn: string
  readonly vendor: string
  readonly description: string
  readonly quantity: string
  readonly unitPrice: string
  readonly currency: string
  readonly vatRate: string
  readonly status: PurchaseStatus
  readonly category: string
  readonly receiptId?: string | null | undefined
}

type NewPurchase = PurchaseValues & { readonly id: string }

/** All in one statement. */
export async function insertPurchases(
  db: Db,
  projectId: string,
  purchases: readonly NewPurchase[],
): Promise<void> {
  await db
    .insertInto('purchases')
    .values(
      purchases.map((one) => ({
        id: one.id,
        project_id: projectId,
        created_by: transactionUser,
        bought_on: one.boughtOn,
        vendor: one.vendor,
        description: one.description,
        quantity: one.quantity,
        unit_price: one.unitPrice,
        currency: one.currency,
        vat_rate: one.vatRate,
        status: one.status,
        category: one.category,
        receipt_id: one.receiptId ?? null,
      })),
    )
    .execute()
}

/** Whether all of these are documents of the project. */
export async function areDocuments(
  db: Db,
  projectId: string,
  ids: readonly string[],
): Promise<boolean> {
  if (ids.length === 0) return true
  const found = await db
    .selectFrom('documents')
    .select('id')
    .where('project_id', '=', projectId)
    .where('deleted_at', 'is', null)
    .where('id', 'in', ids)
    .execute()
  return found.length === ids.length
}

type Place = { readonly projectId: string; readonly purchaseId: string }

/** Also one that was taken away. */
export async function findPurchase(
  db: Db,
  { projectId, purchaseId }: Place,
): Promise<(PurchaseRow & { readonly deleted_at: Date | null }) | undefined> {
  const { rows } = await sql<PurchaseRow & { deleted_at: Date | null }>`
    select ${columns}, deleted_at from purchases
    where project_id = ${projectId}::uuid and id = ${purchaseId}::uuid`.execute(db)
  return rows[0]
}

/** What is undefined stays; a receipt of null goes. */
export async function updatePurchase(
  db: Db,
  { projectId, purchaseId }: Place,
  change: { readonly [K in keyof PurchaseValues]?: PurchaseValues[K] | undefined },
): Promise<void> {
  await db
    .updateTable('purchases')
    .set({
      bought_on: change.boughtOn,
      vendor: change.vendor,
      description: change.description,
      quantity: change.quantity,
      unit_price: change.unitPrice,
      currency: change.currency,
      vat_rate: change.vatRate,
      status: change.status,
      category: change.category,
      receipt_id: change.receiptId,
      updated_at: sql`now()`,
    })
    .where('project_id', '=', projectId)
    .where('id', '=', purchaseId)
    .execute()
}

export async function setRemoved(
  db: Db,
  { projectId, purchaseId }: Place,
  isRemoved: boolean,
): Promise<void> {
  await db
    .updateTable('purchases')
    .set({
      deleted_at: isRemoved ? sql`now()` : null,
      deleted_by: isRemoved ? transactionUser : null,
    })
    .where('project_id', '=', projectId)
    .where('id', '=', purchaseId)
    .execute()
}

const keptDays = 30

/** Purchases that were taken away so long ago that nobody can take them back. */
export async function sweepPurchases(db: Db, now: Date): Promise<number> {
  const limit = new Date(now.getTime() - keptDays * 86_400_000)
  const { numDeletedRows } = await db
    .deleteFrom('purchases')
    .where('deleted_at', '<', limit)
    .executeTakeFirst()
  return Number(numDeletedRows)
}

/** What makes a purchase the same as another, for each that is there already. */
export async function listIdentities(
  db: Db,
  projectId: string,
  days: readonly string[],
): Promise<Omit<PurchaseValues, 'status' | 'category' | 'vatRate' | 'receiptId'>[]> {
  const { rows } = await sql<{
    boughtOn: string
    vendor: string
    description: string
    quantity: string
    unitPrice: string
    currency: string
  }>`
    select bought_on as "boughtOn", vendor, description, trim_scale(quantity)::text as quantity,
      trim_scale(unit_price)::text as "unitPrice", currency
    from purchases
    where project_id = ${projectId}::uuid and deleted_at is null
      and bought_on = any(${days}::date[])`.execute(db)
  return rows
}
