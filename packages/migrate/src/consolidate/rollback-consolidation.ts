import type { Clock } from '../execute/clock.ts'
import type { OnEvent } from '../execute/events.ts'
import { type Interrupted, runUnderLease } from '../execute/run-under-lease.ts'
import type { Target } from '../execute/session.ts'
import type { Work } from '../execute/work.ts'
import { type Objection, objectTo } from '../objection.ts'
import { readUndoRows } from '../undo/undo-rows.ts'
import { consolidateReasons as reasons } from './consolidate-reasons.ts'
import { isConsolidationRollback } from './rollback-script.ts'
import { takeBackConsolidation } from './take-back.ts'

export type RollbackOptions = {
  readonly target: Target
  /** Of the spec. */
  readonly name: string
  /** Go back although rows that were written since are lost; default false. */
  readonly acceptsLoss?: boolean
  readonly appVersion?: string
  readonly ledgerSchema?: string
  readonly role?: string
  /** For somebody else's run to end, in milliseconds; default half an hour. */
  readonly waitMaxMs?: number
  readonly onEvent?: OnEvent
  readonly signal?: AbortSignal
  readonly clock?: Clock
}

export type RollbackResult =
  /** `location`: the backup whose rows are back; it is still there. */
  | { readonly kind: 'rolled-back'; readonly location: string }
  | { readonly kind: 'refused'; readonly objections: readonly Objection[] }
  | { readonly kind: 'waiting-timed-out' | 'stopped' }

/**
 * Goes back behind a consolidation, in one transaction: the old tables with their rows, the foreign
 * keys as they were, the target without what it got. Refuses when that would lose what was written
 * since, and when anything does not fit any more; nothing is changed then.
 */
export async function rollbackConsolidation(options: RollbackOptions): Promise<RollbackResult> {
  const { name, appVersion = '', waitMaxMs, ...rest } = options
  const ended = await runUnderLease<RollbackResult>(
    { ...rest, appVersion, ...(waitMaxMs === undefined ? {} : { limits: { waitMaxMs } }) },
    {
      names: [],
      isUpToDate: async () => false,
      run: (work) => takeBack(work, options),
      progress: () => 0,
    },
  )
  switch (ended.kind) {
    case 'ended':
      return ended.result
    case 'refused':
    case 'stopped':
      return ended
    case 'waiting-timed-out':
      return { kind: 'waiting-timed-out' }
    case 'nothing-to-do':
      return refuse(name)
    case 'failed': {
      const { message } = ended.failure.error
      const place = { migration: name, object: name }
      return {
        kind: 'refused',
        objections: [objectTo(reasons.wayBackFails, place, { detail: message })],
      }
    }
  }
}

function refuse(migration: string): RollbackResult {
  return { kind: 'refused', objections: [objectTo(reasons.notDone, { migration })] }
}

async function takeBack(
  work: Work,
  { name, acceptsLoss }: RollbackOptions,
): Promise<RollbackResult | Interrupted> {
  const rows = await readUndoRows(work.session.query, work.writer.ledger)
  const row = rows.find((one) => one.name === name && one.status === 'completed')
  const { rollbackScript: script = '', backupLocation: location = '' } = row ?? {}
  if (row === undefined || !isConsolidationRollback(script)) return refuse(name)
  const taken = await takeBackConsolidation(work, {
    name,
    attempt: { migrationId: row.id, attempt: row.attempt },
    location,
    script,
    acceptLoss: acceptsLoss === true ? 'accepted by whoever went back' : undefined,
  })
  switch (taken.kind) {
    case 'done':
      return { kind: 'rolled-back', location }
    case 'fenced':
      return { kind: 'interrupted', error: undefined }
    case 'refused':
      return taken
  }
}
