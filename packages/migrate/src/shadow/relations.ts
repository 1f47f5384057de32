import type { Query } from '../catalog/query.ts'
import { readLockMode, strongestMode, type LockMode } from './lock-modes.ts'

/** A relation as it was before a statement, by its OID, because the statement may rename or drop it. */
export type Relation = {
  /** Qualified and quoted. */
  readonly name: string
  readonly kind: 'table' | 'index' | 'view' | 'materialized view' | 'sequence'
  /** Changes when the whole relation is written anew; 0 where nothing is stored. */
  readonly fileNode: number
}

export type Relations = ReadonlyMap<number, Relation>

/** What a transaction has done to relations up to now. */
export type Effects = {
  readonly locks: ReadonlyMap<number, readonly LockMode[]>
  /** Full scans of a table by this transaction, by OID. */
  readonly scans: ReadonlyMap<number, number>
}

const kinds: Readonly<Record<string, Relation['kind']>> = {
  r: 'table',
  p: 'table',
  f: 'table',
  v: 'view',
  m: 'materialized view',
  S: 'sequence',
  i: 'index',
  I: 'index',
}

// A TOAST table and its index follow their table everywhere, so they tell nothing.
const relationsSql = `
  select c.oid::bigint as oid, c.relkind as kind,
    format('%I.%I', n.nspname, c.relname) as name,
    coalesce(pg_relation_filenode(c.oid), 0)::bigint as file_node
  from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  where c.oid >= 16384 and c.relkind in ('r', 'p', 'f', 'v', 'm', 'S', 'i', 'I')
    and n.nspname !~ '^pg_'`

export async function readRelations(query: Query): Promise<Relations> {
  const { rows } = await query(relationsSql)
  return new Map(
    rows.flatMap((row) => {
      const kind = kinds[String(row['kind'])]
      const relation = { name: String(row['name']), fileNode: Number(row['file_node']) }
      return kind === undefined ? [] : [[Number(row['oid']), { kind, ...relation }]]
    }),
  )
}

const effectsSql = `
  select l.relation::bigint as oid, array_agg(l.mode) as modes, 0::bigint as scans
  from pg_catalog.pg_locks l
  where l.pid = pg_catalog.pg_backend_pid() and l.granted and l.locktype = 'relation'
    and l.relation >= 16384
  group by l.relation
  union all
  select relid, null, seq_scan from pg_catalog.pg_stat_xact_user_tables where seq_scan > 0`

/** Only within the transaction that is asked about. */
export async function readEffects(query: Query): Promise<Effects> {
  const { rows } = await query(effectsSql)
  const locks = new Map<number, LockMode[]>()
  const scans = new Map<number, number>()
  for (const row of rows) {
    const oid = Number(row['oid'])
    const { modes } = row
    if (Array.isArray(modes))
      locks.set(
        oid,
        modes
          .map(String)
          .map(readLockMode)
          .filter((mode) => mode !== undefined),
      )
    else scans.set(oid, Number(row['scans']))
  }
  return { locks, scans }
}

export const noEffects: Effects = { locks: new Map(), scans: new Map() }

/** The strongest mode of a lock that one statement added to its transaction. */
export type Lock = {
  /** Qualified and quoted name that the relation had before the statement. */
  readonly relation: string
  readonly kind: Relation['kind']
  readonly mode: LockMode
}

/** Locks that grew, on relations that others could see before the transaction began. */
export function locksTaken(known: Relations, before: Effects, after: Effects): Lock[] {
  const taken = [...after.locks].flatMap(([oid, modes]): Lock[] => {
    const relation = known.get(oid)
    const had = before.locks.get(oid) ?? []
    const mode = strongestMode(modes.filter((one) => !had.includes(one)))
    if (relation === undefined || mode === undefined) return []
    // Which indexes are merely looked at depends on what the session had in its cache.
    if (relation.kind === 'index' && mode === 'access share') return []
    return [{ relation: relation.name, kind: relation.kind, mode }]
  })
  return taken.toSorted((a, b) => (a.relation < b.relation ? -1 : 1))
}

/** Tables that were read from end to end; those the transaction made itself are left out. */
export function scansDone(known: Relations, before: Effects, after: Effects): string[] {
  const done = [...after.scans].flatMap(([oid, count]) => {
    const relation = known.get(oid)
    return relation === undefined || count <= (before.scans.get(oid) ?? 0) ? [] : [relation.name]
  })
  return done.toSorted()
}

/** Relations that lie in another file afterwards; an index may have become another object for it. */
export function filesChanged(
  before: Relations,
  after: Relations,
): Pick<Lock, 'relation' | 'kind'>[] {
  const names = new Map([...after].map(([oid, { name }]) => [name, oid]))
  const changed = [...before].flatMap(([oid, { name, kind, fileNode }]) => {
    const now = after.get(oid)
    if (now !== undefined) return now.fileNode === fileNode ? [] : [{ relation: name, kind }]
    // ALTER TYPE makes another index of the old file where the values stay what they are.
    const again = after.get(names.get(name) ?? 0)
    if (kind !== 'index' || again === undefined || again.fileNode === fileNode) return []
    return [{ relation: name, kind }]
  })
  return changed.toSorted((a, b) => (a.relation < b.relation ? -1 : 1))
}
