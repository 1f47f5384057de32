import type { Query } from '../catalog/query.ts'
import { type Lease, readLease } from '../ledger/lease.ts'
import { type LedgerNames, lockKey } from '../ledger/ledger-names.ts'
import { objectTo, type Objection } from '../objection.ts'
import { doctorReasons } from './doctor-reasons.ts'

/** The session that holds the lock of the migrations. */
export type LockHolder = {
  readonly pid: number
  readonly application: string
  readonly user: string
  /** Address of the client; empty for a Unix socket. */
  readonly address: string
  /** As in `pg_stat_activity`. */
  readonly state: string
  /** Seconds since it connected. */
  readonly sinceS: number
  /** Sessions that keep it waiting. */
  readonly blockedBy: readonly number[]
  /** What it said of itself: host, migration, statement; undefined where nobody did. */
  readonly lease: Lease | undefined
  readonly explanation: Objection
}

/** @returns undefined while nobody migrates */
export async function readLockHolder(
  query: Query,
  ledger: LedgerNames,
): Promise<LockHolder | undefined> {
  const { rows } = await query(holderSql, [lockKey(ledger)])
  const [row] = rows
  if (row === undefined) return undefined
  const lease = await readLeaseOf(query, ledger)
  const holder = {
    pid: Number(row['pid']),
    application: String(row['application']),
    user: String(row['user']),
    address: String(row['address']),
    state: String(row['state']),
    sinceS: Number(row['since_s']),
    blockedBy: Array.isArray(row['blocked_by']) ? row['blocked_by'].map(Number) : [],
    lease,
  }
  return { ...holder, explanation: explain(holder) }
}

function readLeaseOf(query: Query, ledger: LedgerNames): Promise<Lease | undefined> {
  return readLease(async (text, values) => (await query(text, values)).rows as never[], ledger)
}

function explain({
  pid,
  application,
  user,
  state,
  sinceS,
  lease,
}: Omit<LockHolder, 'explanation'>) {
  const own = lease?.holder
  const work = own?.migration === undefined ? '' : ` (${own.migration})`
  return objectTo(
    doctorReasons.holder,
    { migration: own?.migration ?? '' },
    {
      who: own?.host ?? (application === '' ? user : application),
      pid,
      state,
      seconds: Math.round(sinceS),
      work,
    },
  )
}

const holderSql = `
  select l.pid, coalesce(a.application_name, '') as application, coalesce(a.usename::text, '') as "user",
    coalesce(host(a.client_addr), '') as address, coalesce(a.state, 'unknown') as state,
    coalesce(extract(epoch from clock_timestamp() - a.backend_start), 0)::float8 as since_s,
    to_json(pg_catalog.pg_blocking_pids(l.pid)) as blocked_by
  from pg_catalog.pg_locks l left join pg_catalog.pg_stat_activity a on a.pid = l.pid
  where l.locktype = 'advisory' and l.granted and l.objsubid = 1
    and l.database = (select oid from pg_catalog.pg_database where datname = current_database())
    and ((l.classid::bigint << 32) | l.objid::bigint) = $1::bigint`
