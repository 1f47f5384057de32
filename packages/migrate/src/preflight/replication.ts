import type { Query } from '../catalog/query.ts'
import { objectTo, type Objection } from '../objection.ts'
import { preflightReasons } from './preflight-reasons.ts'

/** Tables of the plan whose changes subscribers do not hear of. */
export async function publicationWarnings(
  query: Query,
  oids: readonly number[],
): Promise<Objection[]> {
  if (oids.length === 0) return []
  const { rows } = await query(
    `select format('%I.%I', p.schemaname, p.tablename) as object,
        string_agg(p.pubname, ', ' order by p.pubname) as publications
       from pg_catalog.pg_publication_tables p
       join pg_catalog.pg_class c on c.relname = p.tablename
       join pg_catalog.pg_namespace n on n.oid = c.relnamespace and n.nspname = p.schemaname
      where c.oid = any ($1::oid[]) group by 1 order by 1`,
    [oids],
  )
  return rows.map((row) =>
    objectTo(
      preflightReasons.replicated,
      { migration: '', object: String(row['object']) },
      { publications: String(row['publications']) },
    ),
  )
}

/** Bytes that a slot may lag before a rewrite makes it worse. */
const lagBytes = 64 * 2 ** 20

/** Slots for which the server already keeps much. */
export async function slotWarnings(query: Query): Promise<Objection[]> {
  const { rows } = await query(
    `select s.slot_name::text as object,
        pg_catalog.pg_wal_lsn_diff(case when pg_catalog.pg_is_in_recovery()
          then pg_catalog.pg_last_wal_receive_lsn() else pg_catalog.pg_current_wal_lsn() end,
          s.restart_lsn)::bigint::text as lag
       from pg_catalog.pg_replication_slots s where s.restart_lsn is not null order by 1`,
  )
  return rows
    .filter((row) => Number(row['lag']) > lagBytes)
    .map((row) =>
      objectTo(
        preflightReasons.slot,
        { migration: '', object: String(row['object']) },
        { lag: String(row['lag']) },
      ),
    )
}
