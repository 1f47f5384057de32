import type { BackupManifest } from '../backup/manifest.ts'
import { withSpelling } from '../backup/pinned-settings.ts'
import { restoreRows } from '../backup/restore-rows.ts'
import { restoreSequences } from '../backup/restore-sequences.ts'
import { restoreTables } from '../backup/restore-tables.ts'
import { withoutTriggers } from '../backup/triggers.ts'
import type { Query } from '../catalog/query.ts'
import type { Objection } from '../objection.ts'
import type { ConsolidationRollback, RollbackStep } from './rollback-script.ts'

type Backup = { readonly location: string; readonly manifest: BackupManifest }

/** Reads the crosswalks of the backup into temporary tables of the open transaction. */
export async function openRollback(
  query: Query,
  backup: Backup,
  { opening }: ConsolidationRollback,
): Promise<readonly Objection[]> {
  return withSpelling(query, () => runSteps(query, backup, opening))
}

/**
 * Goes back, in the open transaction, after `openRollback`.
 *
 * @returns what stands in the way of the backup; then the transaction is to be rolled back
 * @throws the driver's error
 */
export async function runRollback(
  query: Query,
  backup: Backup,
  { written, steps }: ConsolidationRollback,
): Promise<readonly Objection[]> {
  return withSpelling(query, () =>
    withoutTriggers(query, written, () => runSteps(query, backup, steps)),
  )
}

async function runSteps(
  query: Query,
  backup: Backup,
  steps: readonly RollbackStep[],
): Promise<readonly Objection[]> {
  for (const step of steps) {
    const objections = await runStep(query, backup, step)
    if (objections.length > 0) return objections
  }
  return []
}

async function runStep(
  query: Query,
  { location, manifest }: Backup,
  step: RollbackStep,
): Promise<readonly Objection[]> {
  switch (step.kind) {
    case 'sql':
      await query(step.text)
      return []
    case 'load': {
      const { entry: name, into } = step
      const loaded = await restoreRows({ query, location, name, into, mode: 'insert' })
      return loaded.kind === 'done' ? [] : loaded.objections
    }
    case 'restore': {
      const restored = await restoreTables({
        query,
        location,
        tables: [step.table],
        mode: 'into-empty',
        transaction: 'open',
      })
      return restored.kind === 'done' ? [] : restored.objections
    }
    case 'sequences':
      await restoreSequences(query, manifest, step.tables)
      return []
  }
}
