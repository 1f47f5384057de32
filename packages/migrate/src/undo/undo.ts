import { isConsolidationRollback } from '../consolidate/rollback-script.ts'
import { takeBackConsolidation } from '../consolidate/take-back.ts'
import type { ExecuteResult } from '../execute/execute.ts'
import { type Interrupted, type LeaseOptions, runUnderLease } from '../execute/run-under-lease.ts'
import type { Work } from '../execute/work.ts'
import { objectTo, type Objection } from '../objection.ts'
import { chooseUndone, type UndoSelection } from './choose-undone.ts'
import { readKept } from './kept-data.ts'
import { type InverseOutcome, runInverse } from './run-inverse.ts'
import type { RollbackScript } from './rollback-script.ts'
import { scriptOfRow } from './script-of-row.ts'
import { undoReasons } from './undo-reasons.ts'
import { readUndoRows, type UndoRow } from './undo-rows.ts'
import { rolledBackText, undoneText } from './undo-texts.ts'

export type { UndoSelection } from './choose-undone.ts'

/** What is to be taken back, and what may be lost by it. */
export type UndoOptions = LeaseOptions & {
  readonly selection: UndoSelection
  /** Why data may be lost, for the ledger; without it nothing is lost. */
  readonly acceptLoss?: string | undefined
  /** A way back for a migration whose ledger row has none, such as a `.down.sql` that was proven. */
  readonly scriptFor?: (migration: string) => RollbackScript | undefined
  /**
   * Why a migration needs an earlier one, such as `dependenciesOf` the files says; undefined: it does
   * not. Without it, the parents in the ledger count.
   */
  readonly dependsOn?: (later: string, earlier: string) => string | undefined
}

/** How it ended; partial completion is information, not an exception. */
export type UndoResult =
  | { readonly kind: 'done'; readonly undone: readonly string[] }
  /** There was nothing that could be taken back. */
  | { readonly kind: 'nothing-to-do' }
  | {
      readonly kind: 'refused'
      readonly undone: readonly string[]
      readonly objections: readonly Objection[]
    }
  | (Omit<Extract<ExecuteResult, { kind: 'failed' }>, 'applied'> & {
      readonly undone: readonly string[]
    })
  | Extract<ExecuteResult, { kind: 'waiting-timed-out' }>
  | { readonly kind: 'stopped'; readonly undone: readonly string[] }

type Run = {
  readonly options: UndoOptions
  readonly undone: string[]
  /** Chosen once: after a lost connection the ledger may already be without the last of them. */
  planned: readonly string[] | undefined
}

/**
 * Takes completed migrations back, the last one first: each with its data and its row of the ledger
 * in one transaction. May be killed at any moment and started again. What was destroyed comes from
 * the pre-images; what was written since is not lost without a word.
 */
export async function undo(options: UndoOptions): Promise<UndoResult> {
  const run: Run = { options, undone: [], planned: undefined }
  const { undone } = run
  const ended = await runUnderLease<UndoResult>(options, {
    names: [],
    isUpToDate: async () => false,
    run: (work) => undoSelected(run, work),
    progress: () => undone.length,
  })
  switch (ended.kind) {
    case 'ended':
      return ended.result
    case 'failed':
      return { kind: 'failed', undone, migration: '', file: undefined, ...ended.failure }
    case 'refused':
    case 'stopped':
      return { ...ended, undone }
    case 'nothing-to-do':
    case 'waiting-timed-out':
      return ended
  }
}

async function undoSelected(run: Run, work: Work): Promise<UndoResult | Interrupted> {
  const { options, undone } = run
  const rows = await readUndoRows(work.session.query, work.writer.ledger)
  if (run.planned === undefined) {
    const chosen = chooseUndone(rows, options)
    if (chosen.kind === 'refused') return { kind: 'refused', undone, objections: chosen.objections }
    run.planned = chosen.rows.map(({ name }) => name)
  }
  const { planned } = run
  if (planned.length === 0) return { kind: 'nothing-to-do' }
  for (const [index, name] of planned.entries()) {
    if (undone.includes(name)) continue
    const row = rows.find((one) => one.name === name)
    const step = { migration: name, position: index + 1, total: planned.length }
    const stopped =
      row === undefined
        ? undefined
        : await undoOne(run, work, { row, step, before: rows[rows.indexOf(row) - 1] })
    if (stopped !== undefined) return stopped
    undone.push(name)
  }
  return { kind: 'done', undone }
}

type One = {
  readonly row: UndoRow
  readonly step: Parameters<typeof runInverse>[1]['step']
  /** The one that was completed before it. */
  readonly before: UndoRow | undefined
}

async function undoOne(
  run: Run,
  work: Work,
  { row, step, before }: One,
): Promise<UndoResult | Interrupted | undefined> {
  const { options } = run
  if (isConsolidationRollback(row.rollbackScript)) return undoConsolidation(run, work, row)
  const script = (await scriptOfRow(row.rollbackScript)) ?? options.scriptFor?.(row.name)
  if (script === undefined)
    return refuse(run, [objectTo(undoReasons.noInverse, { migration: row.name })])
  const acceptLoss = options.acceptLoss ?? row.acceptedLoss
  const kept = await readKept(row.backupLocation)
  if (kept.kind === 'refused' && acceptLoss === undefined) return refuse(run, kept.objections)
  const attempt = { migrationId: row.id, attempt: row.attempt }
  const outcome = await runInverse(work, {
    name: row.name,
    attempt,
    step,
    script,
    data: kept.kind === 'read' ? kept.data : [],
    acceptLoss,
    done: row.stepsUndone ?? 0,
    begun: row.stepBegun,
    expected: expectedOf(row, before),
    finalTexts: [
      undoneText(work.writer, attempt),
      rolledBackText(work.writer, attempt, acceptLoss),
    ],
  })
  return resultOf(run, row, outcome)
}

/** Its way back needs the whole backup and has proofs of its own. */
async function undoConsolidation(
  run: Run,
  work: Work,
  { id, name, attempt, rollbackScript: script = '', backupLocation: location = '' }: UndoRow,
): Promise<UndoResult | Interrupted | undefined> {
  const { acceptLoss } = run.options
  const taken = await takeBackConsolidation(work, {
    name,
    attempt: { migrationId: id, attempt },
    location,
    script,
    acceptLoss,
  })
  if (taken.kind === 'fenced') return { kind: 'interrupted', error: undefined }
  return taken.kind === 'done' ? undefined : refuse(run, taken.objections)
}

function refuse({ undone }: Run, objections: readonly Objection[]): UndoResult {
  return { kind: 'refused', undone, objections }
}

/** @returns undefined where it is taken back */
function resultOf(
  run: Run,
  { name }: UndoRow,
  outcome: InverseOutcome,
): UndoResult | Interrupted | undefined {
  const { undone } = run
  switch (outcome.kind) {
    case 'done':
      return undefined
    case 'failed':
      return {
        kind: 'failed',
        undone,
        migration: name,
        file: `${name}.down.sql`,
        ...outcome.failure,
      }
    case 'refused':
      return refuse(run, outcome.objections)
    case 'stopped':
      return { kind: 'stopped', undone }
    case 'fenced':
      return { kind: 'interrupted', error: undefined }
  }
}

/** Only behind the last one: others may have changed the schema after the one in the middle. */
function expectedOf(row: UndoRow, before: UndoRow | undefined) {
  if (row.fingerprint === undefined || before?.fingerprint === undefined) return undefined
  return { now: row.fingerprint, then: before.fingerprint }
}
