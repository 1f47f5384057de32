import type { Db } from '../../platform/db/database.ts'
import { readSpend } from './purchases.store.ts'
import { readSums, type SummaryRow } from './purchases.summary.store.ts'

const rowsMax = 60

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
