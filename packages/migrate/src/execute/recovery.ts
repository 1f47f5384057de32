import { createHash } from 'node:crypto'
import type { JournalRow, LedgerRow } from '../ledger/ledger-rows.ts'
import { readBatchProgress } from './batches.ts'
import type { PreparedMigration, Statement } from './migration.ts'

/** How to go on with a migration, from what the ledger and the journal say. */
export type Recovery =
  /** Nothing of it has happened, or nothing that counts any more. */
  | { readonly kind: 'run'; readonly attempt: number }
  /** The statements before `from` are done. */
  | { readonly kind: 'resume'; readonly attempt: number; readonly from: number }
  /** Statement `no` was sent, and its end was not recorded; the catalog knows. */
  | {
      readonly kind: 'settle'
      readonly attempt: number
      readonly no: number
      readonly row: JournalRow
    }
  /** The file is not the one whose first statements are done. */
  | { readonly kind: 'edited'; readonly no: number }

type Started = Pick<LedgerRow, 'status' | 'attempt' | 'journal'>

/**
 * Decides how to go on. The state `failed` means no more than `in_progress`: what counts is which
 * statements the journal calls done.
 *
 * @param row undefined where the migration has never been planned
 */
export function recoveryOf(
  row: Started | undefined,
  { statements }: Pick<PreparedMigration, 'statements'>,
): Recovery {
  if (row === undefined) return { kind: 'run', attempt: 1 }
  if (row.status === 'pending' || row.status === 'rolled_back')
    return { kind: 'run', attempt: row.attempt + 1 }
  const done = leadingDone(row.journal)
  const edited = firstDifference(row.journal.slice(0, done), statements)
  if (edited !== undefined) return { kind: 'edited', no: edited }
  const attempt = Math.max(row.attempt, 1)
  const open = row.journal.find((entry) => entry.no === done + 1 && isOpen(entry))
  if (open !== undefined) return { kind: 'settle', attempt, no: open.no, row: open }
  if (done > 0) return { kind: 'resume', attempt, from: done + 1 }
  return { kind: 'run', attempt: row.status === 'failed' ? attempt + 1 : attempt }
}

/** Whether a statement may have had an effect although it is not done. */
function isOpen({ state, txClass, progress }: JournalRow): boolean {
  if (state === 'started') return true
  // The pieces before the one that failed are there.
  if (state === 'failed' && readBatchProgress(progress) !== undefined) return true
  return state === 'failed' && (txClass === 'opaque' || txClass === 'own')
}

function leadingDone(journal: readonly JournalRow[]): number {
  const done = new Set(journal.filter(({ state }) => state === 'done').map(({ no }) => no))
  let count = 0
  while (done.has(count + 1)) count += 1
  return count
}

function firstDifference(
  journal: readonly JournalRow[],
  statements: readonly Statement[],
): number | undefined {
  const texts = new Map(statements.map(({ no, text }) => [no, text]))
  return journal.find(({ no, sha256 }) => sha256Of(texts.get(no) ?? '') !== sha256)?.no
}

/** @returns SHA-256 in hex of the text as UTF-8 */
export function sha256Of(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
