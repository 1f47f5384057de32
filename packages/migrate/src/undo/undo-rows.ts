import type { LedgerNames } from '../ledger/ledger-names.ts'
import type { MigrationStatus } from '../ledger/ledger-rows.ts'
import type { Query } from '../ledger/query.ts'

/** What the ledger says about a migration that may be taken back. */
export type UndoRow = {
  readonly id: string
  readonly name: string
  readonly status: MigrationStatus
  readonly attempt: number
  readonly rollbackScript: string | undefined
  readonly backupLocation: string | undefined
  /** Expected fingerprint of the catalog after it. */
  readonly fingerprint: string | undefined
  readonly parents: readonly string[]
  /** How many statements are committed. */
  readonly statementsDone: number
  /** Steps of the way back that are committed; undefined where it was never begun. */
  readonly stepsUndone: number | undefined
  /** A step that cannot be in a transaction, and that was begun. */
  readonly stepBegun: number | undefined
  readonly acceptedLoss: string | undefined
}

/**
 * Everything that has run, in the order in which it was completed. Steps of the way back stand in the
 * journal under negative numbers.
 */
export async function readUndoRows(query: Query, ledger: LedgerNames): Promise<UndoRow[]> {
  type Row = {
    id: string
    name: string
    status: MigrationStatus
    attempt: number
    script: string | null
    location: string | null
    fingerprint: string | null
    parents: string[] | null
    done: number | null
    undone: number | null
    begun: number | null
    reason: string | null
  }
  const steps = (what: string, condition: string) => `(select ${what}
    from ${ledger.statements} s where s.migration_id = m.id and s.attempt = m.attempt
      and s.statement_no < 0 ${condition})`
  const rows = await query<Row>(
    `select m.id::text, m.migration_name as name, m.status, coalesce(m.attempt, 0) as attempt,
        m.rollback_script as script, m.backup_location as location, m.fingerprint, m.parents,
        m.statements_done as done, m.error_detail ->> 'accepted_loss' as reason,
        case when m.status = 'in_progress'
          then ${steps('case when count(*) > 0 then coalesce(max(-s.statement_no) filter (where s.state = $1), 0) end', '')}
        end as undone,
        case when m.status = 'in_progress'
          then ${steps('max(-s.statement_no)', `and s.state = 'started'`)} end as begun
       from ${ledger.migrations} m where m.status not in ('pending', 'rolled_back')
      order by m.completed_at nulls last, m.migration_name collate "C"`,
    ['done'],
  )
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    status: row.status,
    attempt: row.attempt,
    rollbackScript: row.script ?? undefined,
    backupLocation: row.location ?? undefined,
    fingerprint: row.fingerprint ?? undefined,
    parents: row.parents ?? [],
    statementsDone: row.done ?? 0,
    stepsUndone: row.undone ?? undefined,
    stepBegun: row.begun ?? undefined,
    acceptedLoss: row.reason ?? undefined,
  }))
}
