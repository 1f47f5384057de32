import { createBackup, listBackups } from '../backup/backup.ts'
import { readTables } from '../backup/tables.ts'
import type { Session } from '../execute/session.ts'
import { ledgerNames } from '../ledger/ledger-names.ts'
import { chainHash } from '../text/manifest.ts'
import { objectTo, type Objection } from '../objection.ts'
import { engineReasons } from './engine-reasons.ts'
import type { MigratorOptions } from './migrator-options.ts'
import { type LedgerState, readLedgerState } from './read-database.ts'

/** An upgrade that was interrupted so long ago is begun anew. */
const goesOnForMs = 86_400_000

/**
 * Copies the whole database, verified, before the first statement of an upgrade. A database without
 * tables needs none; an upgrade that goes on after an interruption has the one of its beginning.
 *
 * @returns why the upgrade must not begin; empty: it may
 */
export async function backUpAll(
  { query, rows }: Pick<Session, 'query' | 'rows'>,
  options: MigratorOptions,
): Promise<readonly Objection[]> {
  const { backupDirectory: directory, ledgerSchema, appVersion, onEvent } = options
  const place = { migration: '' }
  if (directory === undefined) return [objectTo(engineReasons.noBackupDirectory, place)]
  const names = ledgerNames(ledgerSchema)
  const tables = await readTables(rows)
  if (tables.length === 0) return []
  const ledger = await readLedgerState(query, names, [])
  const from = stateOf(ledger)
  if (isInterrupted(ledger) && (await findBegun(directory, from)) !== undefined) return []
  onEvent?.({ type: 'backing-up', tables: tables.length })
  const result = await createBackup({
    query: rows,
    directory,
    parts: 'all',
    engineVersion: appVersion,
    notes: { beforeUpgradeOf: from },
    ...(ledgerSchema === undefined ? {} : { ledgerSchema }),
  })
  if (result.kind === 'refused') return result.objections
  const { location, manifest } = result
  onEvent?.({
    type: 'database-backed-up',
    location,
    tables: tables.length,
    rows: manifest.entries.reduce((sum, entry) => sum + entry.rows, 0),
  })
  return []
}

/** What had run, as one hash. */
function stateOf({ rows }: LedgerState): string {
  const completed = rows.filter(({ status }) => status === 'completed')
  return chainHash(completed.map(({ name, checksum }) => ({ id: name, checksum: checksum ?? '' })))
}

const isInterrupted = ({ rows }: LedgerState) => rows.some(({ status }) => status === 'in_progress')

async function findBegun(directory: string, from: string): Promise<string | undefined> {
  const backups = await listBackups(directory)
  return backups.find(
    ({ manifest: { catalog, notes, takenAt } }) =>
      catalog !== undefined &&
      notes?.['beforeUpgradeOf'] === from &&
      Date.now() - Date.parse(takenAt) < goesOnForMs,
  )?.location
}
