import { isMissing } from './chain.ts'
import type { LedgerNames } from './ledger-names.ts'
import { literal } from './ledger-names.ts'
import type { Query } from './query.ts'

/** Who works, and at what; what the waiting ones report. */
export type Holder = {
  readonly host: string
  readonly pid: number
  /** Of one run of the engine; also part of the connection's `application_name`. */
  readonly run: string
  readonly appVersion: string
  /** Id of the migration at hand; undefined between them. */
  readonly migration?: string
  /** 1-based place of the migration among those of this run. */
  readonly position?: number
  readonly total?: number
  /** 1-based; of the statement that runs. */
  readonly statementNo?: number
}

export type Lease = {
  /** Fencing token: raised by one whenever a runner takes over. Decimal digits. */
  readonly token: string
  /** Undefined where somebody else wrote the row. */
  readonly holder: Holder | undefined
  /** Seconds since the holder was last heard. */
  readonly silentS: number
  /**
   * Whether the session that holds the token still exists on the server. `unknown` where the server
   * hides the sessions of another role.
   */
  readonly backend: 'alive' | 'gone' | 'unknown'
  readonly backendPid: number | undefined
}

/**
 * @returns undefined before the first run, also when there is no ledger yet
 * @throws the driver's error
 */
export async function readLease(query: Query, { lease }: LedgerNames): Promise<Lease | undefined> {
  type Row = {
    token: string
    holder: string
    silent_s: number
    backend: Lease['backend']
    backend_pid: number | null
  }
  try {
    const [row] = await query<Row>(
      `select l.token::text, l.holder, l.backend_pid,
          extract(epoch from clock_timestamp() - l.heartbeat_at)::float8 as silent_s,
          ${backendState('l')} as backend
         from ${lease} l`,
    )
    if (row === undefined) return undefined
    const { token, backend, silent_s: silentS, backend_pid: backendPid } = row
    const holder = parseHolder(row.holder)
    return { token, holder, silentS, backend, backendPid: backendPid ?? undefined }
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

/**
 * The state of a recorded session as an SQL expression. A pid alone may have found a new owner; none
 * at all would stand for every session.
 */
function backendState(table: string): string {
  return `coalesce((select case when a.backend_start is null then 'unknown'
       when a.backend_start = ${table}.backend_start then 'alive' else 'gone' end
      from pg_catalog.pg_stat_get_activity(coalesce(${table}.backend_pid, 0)) a), 'gone')`
}

/** A session as the ledger records it; only the two together name one session for ever. */
export type Backend = {
  readonly pid: number
  /** When the session began: UTC, microseconds, such as `2026-11-21T14:18:24.864123Z`. */
  readonly start: string
}

/** Reads the session that asks. It has to be itself: the server hides it from a role it has put on. */
export const ownBackendSql = `pg_catalog.pg_backend_pid() as pid,
  (select to_char(a.backend_start at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
     from pg_catalog.pg_stat_get_activity(pg_catalog.pg_backend_pid()) a) as start`

/**
 * Takes over: from now on the former holder's transactions fail at their fence.
 *
 * @returns the new token
 * @throws the driver's error
 */
export async function takeToken(
  query: Query,
  { lease }: LedgerNames,
  { holder, backend }: { readonly holder: Holder; readonly backend: Backend },
): Promise<string> {
  const [row] = await query<{ token: string }>(
    `insert into ${lease} as l (token, holder, backend_pid, backend_start, heartbeat_at)
     values (1, $1, $2, $3, clock_timestamp())
     on conflict (only_row) do update set token = l.token + 1, holder = excluded.holder,
       backend_pid = excluded.backend_pid, backend_start = excluded.backend_start,
       heartbeat_at = excluded.heartbeat_at
     returning l.token::text`,
    [JSON.stringify(holder), backend.pid, backend.start],
  )
  if (row === undefined) throw new Error('the lease gave no token')
  return row.token
}

/** Says that the holder lives, and what it does; false when another one has the token. */
export async function beat(
  query: Query,
  { lease }: LedgerNames,
  { token, holder }: { readonly token: string; readonly holder: Holder },
): Promise<boolean> {
  const rows = await query(
    `update ${lease} set heartbeat_at = clock_timestamp(), holder = $2 where token = $1
     returning true as held`,
    [token, JSON.stringify(holder)],
  )
  return rows.length > 0
}

/** Says that nobody works any more; the token stays, so that the next one is higher. */
export async function giveUpLease(
  query: Query,
  { lease }: LedgerNames,
  token: string,
): Promise<void> {
  await query(
    `update ${lease} set backend_pid = null, backend_start = null, heartbeat_at = clock_timestamp()
      where token = $1`,
    [token],
  )
}

/**
 * The first statement of every transaction: fails with 22012 where the token is no longer ours, and
 * until the transaction ends nobody can take it, while heartbeats still pass.
 */
export function fenceText({ lease }: LedgerNames, token: string): string {
  return `select 1 / count(*) as fence from (select from ${lease} where token = ${literal(token)} for key share) held`
}

function parseHolder(text: string): Holder | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isHolder(value) ? value : undefined
  } catch {
    return undefined
  }
}

function isHolder(value: unknown): value is Holder {
  return typeof value === 'object' && value !== null && 'host' in value && 'run' in value
}
