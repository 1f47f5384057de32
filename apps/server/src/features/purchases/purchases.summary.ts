import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'
import { readSpend } from './purchases.store.ts'

type SummaryRow = {
  readonly currency: string
  readonly by: 'all' | 'status' | 'category' | 'vendor' | 'month'
  readonly value: string | null
  readonly count: number
  readonly net: string
  readonly vat: string
  readonly gross: string
}

const rowsMax = 60

/** Sums of everything bought that was not cancelled, the coarse ones first; row policies apply. */
async function readSums(db: Db, projectId: string): Promise<SummaryRow[]> {
  const { rows } = await sql<SummaryRow>`
    select currency,
      case when grouping(status) = 0 then 'status' when grouping(category) = 0 then 'category'
        when grouping(vendor) = 0 then 'vendor' when grouping(month) = 0 then 'month' else 'all' end
        as by,
      coalesce(status, category, vendor, month) as value,
      count(*) as count, sum(net)::text as net, sum(vat)::text as vat, sum(net + vat)::text as gross
    from (select *, to_char(bought_on, 'YYYY-MM') as month from purchases
      where project_id = ${projectId}::uuid and deleted_at is null and status <> 'cancelled') bought
    group by grouping sets ((currency), (currency, status), (currency, category),
      (currency, vendor), (currency, month))
    order by grouping(status, category, vendor, month) desc, sum(net + vat) desc, value`.execute(db)
  return rows
}

const nameOf = ({ by, value, currency }: SummaryRow) =>
  by === 'all' ? `All in ${currency}` : `${by} "${value === '' ? '(none)' : value}" in ${currency}`

/**
 * What the purchases of a project come to, for a model to quote: it never adds up by itself (PUR-2).
 *
 * @param db a transaction, or a reading, of the person who asks
 * @returns undefined where nothing was bought
 */
export async function summarizePurchases(
  db: Db,
  projectId: string,
): Promise<{ readonly text: string; readonly leftOut: number } | undefined> {
  const rows = await readSums(db, projectId)
  if (rows.length === 0) return undefined
  const sums = rows
    .slice(0, rowsMax)
    .map(
      (row) =>
        `${nameOf(row)}: ${row.count} purchases, net ${row.net}, VAT ${row.vat}, gross ${row.gross}`,
    )
  const budgets = (await readSpend(db, projectId)).map(
    ({ currency, amount, spent, planned }) =>
      `Budget in ${currency}: ${amount}, spent ${spent}, planned beyond that ${planned}`,
  )
  const text = ['Exact sums, cancelled purchases left out:', ...sums, ...budgets].join('\n')
  return { text, leftOut: Math.max(0, rows.length - rowsMax) }
}
