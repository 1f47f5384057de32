import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'

export type SummaryRow = {
  readonly currency: string
  readonly by: 'all' | 'status' | 'category' | 'vendor' | 'month'
  readonly value: string | null
  readonly count: number
  readonly net: string
  readonly vat: string
  readonly gross: string
}

/** Sums of everything bought that was not cancelled, the coarse ones first; row policies apply. */
export async function readSums(db: Db, projectId: string): Promise<SummaryRow[]> {
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
