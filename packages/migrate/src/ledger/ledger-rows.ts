import type { LedgerNames } from './ledger-names.ts'
import type { Query } from './query.ts'

export type MigrationStatus = 'pending' | 'in_progress' | 'completed' | 'failed' | 'rolled_back'

/** How a statement may be run; the same words as in the journal. */
export type TxClass = 'tx' | 'alone' | 'own' | 'opaque'

/** What the journal says about one statement in the last attempt of its migration. */
export type JournalRow = {
  readonly no: number
  readonly state: 'started' | 'done' | 'failed' | 'undone'
  readonly txClass: TxClass
  /** SHA-256 in hex of the statement as the file has it. */
  readonly sha256: string
  readonly progress: Readonly<Record<string, unknown>> | undefined
}

/** One row of `schema_migrations`. */
export type LedgerRow = {
  readonly id: string
  readonly name: string
  readonly status: MigrationStatus
  /** Which try the journal rows belong to; 0 before the first. */
  readonly attempt: number
  readonly checksum: string | undefined
  /** Where an adopted row came from; undefined for our own. */
  readonly origin: string | undefined
  /** Ascending by number; empty for completed migrations. */
  readonly journal: readonly JournalRow[]
}

/**
 * Reads the whole ledger in one round trip.
 *
 * @throws the driver's error
 */
export async function readLedger(query: Query, ledger: LedgerNames): Promise<LedgerRow[]> {
  type Row = {
    id: string
    name: string
    status: MigrationStatus
    attempt: number
    checksum: string | null
    origin: string | null
    journal: JournalRow[] | null
  }
  const rows = await query<Row>(
    `select m.id::text, m.migration_name as name, m.status, coalesce(m.attempt, 0) as attempt,
        m.checksum, m.origin,
        case when m.status <> 'completed' then (
          select json_agg(json_build_object('no', s.statement_no, 'state', s.state,
            'txClass', s.tx_class, 'sha256', coalesce(s.progress ->> 'planned', s.sha256),  'progress', s.progress) order by s.statement_no)
            from ${ledger.statements} s
           where s.migration_id = m.id and s.attempt = m.attempt) end as journal
       from ${ledger.migrations} m
      order by m.migration_name collate "C"`,
  )
  return rows.map(({ checksum, origin, journal, ...row }) => ({
    ...row,
    checksum: checksum ?? undefined,
    origin: origin ?? undefined,
    journal: (journal ?? []).map((entry) => ({ ...entry, progress: entry.progress ?? undefined })),
  }))
}
