import type { Query } from '../ledger/query.ts'
import type { Blocker } from './events.ts'

/** Who keeps a session waiting, nearest first; empty when it does not wait for a lock. */
export async function readBlockers(query: Query, pid: number): Promise<Blocker[]> {
  type Row = {
    pid: number
    application: string
    user: string
    state: string
    transaction_s: number
  }
  const rows = await query<Row>(
    `select b.pid, coalesce(a.application_name, '') as application, coalesce(a.usename::text, '') as user,
        coalesce(a.state, case when b.pid = 0 then 'prepared transaction' else 'unknown' end) as state,
        coalesce(extract(epoch from clock_timestamp() - a.xact_start), 0)::float8 as transaction_s
       from (select distinct unnest(pg_catalog.pg_blocking_pids($1)) as pid) b
       left join pg_catalog.pg_stat_activity a on a.pid = b.pid
      order by a.xact_start nulls last`,
    [pid],
  )
  return rows.map(({ transaction_s: transactionS, ...row }) => ({ ...row, transactionS }))
}
