import type { Query } from '../catalog/query.ts'
import { type LockMode, lockModes, readLockMode } from '../shadow/lock-modes.ts'

/** Somebody who would keep the plan waiting. */
export type LiveBlocker = {
  readonly kind:
    | 'transaction'
    /** It waits for its application and may wait for ever. */
    | 'idle-transaction'
    /** Reads everything, for long. */
    | 'dump'
    /** Vacuum against wraparound, which does not give way. */
    | 'autovacuum'
    /** Lives without a session until somebody ends it. */
    | 'prepared'
  /** 0 for prepared transactions. */
  readonly pid: number
  readonly application: string
  readonly user: string
  readonly state: string
  /** Seconds since its transaction began. */
  readonly transactionS: number
  /** Live relations that it holds against the plan; empty where its snapshot is what blocks. */
  readonly relations: readonly string[]
  /** Name of the prepared transaction. */
  readonly gid: string | undefined
}

export type BlockersOptions = {
  /** OID of each live relation and the strongest lock that the plan takes on it. */
  readonly wanted: ReadonlyMap<number, LockMode>
  /** Whether a statement waits for every older snapshot, as CREATE INDEX CONCURRENTLY does. */
  readonly waitsForSnapshots: boolean
  /** Seconds from which on a running transaction is worth a word. */
  readonly oldS: number
}

export async function readLiveBlockers(
  query: Query,
  options: BlockersOptions,
): Promise<LiveBlocker[]> {
  const { wanted, waitsForSnapshots, oldS } = options
  const { rows } = await query(blockersSql, [[...wanted.keys()]])
  return rows.flatMap((row): LiveBlocker[] => {
    const held = Array.isArray(row['held']) ? row['held'].map(String) : []
    const relations = held.flatMap((entry) => heldAgainst(entry, wanted))
    const isInTheWay = relations.length > 0 || (waitsForSnapshots && row['has_snapshot'] === true)
    const kind = kindOf(row)
    const transactionS = Number(row['transaction_s'])
    if (!isInTheWay || (kind === 'transaction' && transactionS < oldS)) return []
    return [
      {
        kind,
        pid: Number(row['pid']),
        application: String(row['application']),
        user: String(row['user']),
        state: String(row['state']),
        transactionS,
        relations: [...new Set(relations)].toSorted(),
        gid: typeof row['gid'] === 'string' ? row['gid'] : undefined,
      },
    ]
  })
}

function kindOf(row: Readonly<Record<string, unknown>>): LiveBlocker['kind'] {
  if (row['gid'] !== null) return 'prepared'
  if (row['wraparound'] === true) return 'autovacuum'
  if (String(row['application']).startsWith('pg_dump')) return 'dump'
  return String(row['state']).startsWith('idle in transaction') ? 'idle-transaction' : 'transaction'
}

/** `16385 AccessShareLock public.t` */
function heldAgainst(entry: string, wanted: ReadonlyMap<number, LockMode>): string[] {
  const [oid = '', mode = '', ...name] = entry.split(' ')
  const [own, theirs] = [wanted.get(Number(oid)), readLockMode(mode)]
  return own !== undefined && theirs !== undefined && conflicts(own, theirs) ? [name.join(' ')] : []
}

/** For each mode, weakest first, the modes that it cannot stand beside. */
const conflicting: Readonly<Record<LockMode, readonly number[]>> = {
  'access share': [7],
  'row share': [6, 7],
  'row exclusive': [4, 5, 6, 7],
  'share update exclusive': [3, 4, 5, 6, 7],
  share: [2, 3, 5, 6, 7],
  'share row exclusive': [2, 3, 4, 5, 6, 7],
  exclusive: [1, 2, 3, 4, 5, 6, 7],
  'access exclusive': [0, 1, 2, 3, 4, 5, 6, 7],
}

function conflicts(one: LockMode, other: LockMode): boolean {
  return conflicting[one].includes(lockModes.indexOf(other))
}

// A vacuum that gives way would be no blocker; the text of the query tells the other kind.
const blockersSql = `
  with held as (
    select coalesce(l.pid, 0) as pid, l.virtualtransaction,
      array_agg(distinct format('%s %s %s', l.relation, l.mode, l.relation::regclass)) as held
    from pg_catalog.pg_locks l
    where l.granted and l.locktype = 'relation' and l.relation = any ($1::oid[])
      and l.database = (select oid from pg_catalog.pg_database where datname = current_database())
      and l.pid is distinct from pg_catalog.pg_backend_pid()
    group by 1, 2)
  select a.pid, coalesce(a.application_name, '') as application, coalesce(a.usename::text, '') as "user",
    coalesce(a.state, a.backend_type, '') as state, held.held, null::text as gid,
    a.backend_xmin is not null as has_snapshot,
    coalesce(a.query like '%(to prevent wraparound)%' and a.backend_type = 'autovacuum worker', false)
      as wraparound,
    coalesce(extract(epoch from clock_timestamp() - a.xact_start), 0)::float8 as transaction_s
  from pg_catalog.pg_stat_activity a left join held on held.pid = a.pid
  where a.datname = current_database() and a.pid <> pg_catalog.pg_backend_pid()
    and a.xact_start is not null
    and (a.backend_type <> 'autovacuum worker' or a.query like '%(to prevent wraparound)%')
  union all
  select 0, '', p.owner::text, 'prepared transaction', held.held, p.gid, false, false,
    extract(epoch from clock_timestamp() - p.prepared)::float8
  from pg_catalog.pg_prepared_xacts p
  join held on held.virtualtransaction = '-1/' || p.transaction::text
  where p.database = current_database()
  order by 9 desc`
