import type { Step } from '../execute/events.ts'
import type { Work } from '../execute/work.ts'
import { writeFenced } from '../execute/work.ts'
import { literal } from '../ledger/ledger-names.ts'
import type { Objection } from '../objection.ts'
import { readKept } from './kept-data.ts'
import { type InverseOutcome, runInverse } from './run-inverse.ts'
import { scriptOfRow } from './script-of-row.ts'
import { readUndoRows, type UndoRow } from './undo-rows.ts'
import { failedAndUndoneText, rolledBackText, undoneText } from './undo-texts.ts'

export type RolledBack =
  /** So many first statements have no effect any more. */
  | { readonly kind: 'rolled-back'; readonly statements: number }
  /** Nothing of it was committed. */
  | { readonly kind: 'nothing-to-do' }
  /** What is committed stays, and the next run goes on behind it. */
  | { readonly kind: 'left'; readonly because: string }
  | { readonly kind: 'fenced' | 'stopped' }

/**
 * Takes back the statements of a failed migration that are committed, by the inverse of exactly those;
 * the cause of the failure stays in the ledger.
 */
export async function rollBackPart(work: Work, step: Step): Promise<RolledBack> {
  const rows = await readUndoRows(work.session.query, work.writer.ledger)
  const row = rows.find(({ name }) => name === step.migration)
  if (row === undefined || row.statementsDone === 0) return { kind: 'nothing-to-do' }
  const count = row.statementsDone
  const script = await scriptOfRow(row.rollbackScript)
  if (script?.upTo !== count)
    return left(work, row, `no inverse of statements 1…${count} was found beforehand`)
  const kept = await readKept(row.backupLocation)
  if (kept.kind === 'refused') return left(work, row, shortly(kept.objections))
  return resultOf(work, row, await undoPart(work, row, { step, script, data: kept.data }))
}

type Part = Pick<Parameters<typeof runInverse>[1], 'step' | 'script' | 'data'>

function undoPart(work: Work, row: UndoRow, part: Part): Promise<InverseOutcome> {
  const attempt = { migrationId: row.id, attempt: row.attempt }
  return runInverse(work, {
    ...part,
    name: row.name,
    attempt,
    acceptLoss: undefined,
    done: 0,
    begun: undefined,
    expected: undefined,
    finalTexts: [
      undoneText(work.writer, attempt, row.statementsDone),
      failedAndUndoneText(work.writer, attempt, row.statementsDone),
    ],
  })
}

async function resultOf(work: Work, row: UndoRow, outcome: InverseOutcome): Promise<RolledBack> {
  switch (outcome.kind) {
    case 'done':
      return { kind: 'rolled-back', statements: row.statementsDone }
    case 'failed':
      return left(work, row, outcome.failure.error.message)
    case 'refused':
      return left(work, row, shortly(outcome.objections))
    case 'fenced':
    case 'stopped':
      return { kind: outcome.kind }
  }
}

/** The sentences may hold keys of rows, which the ledger does not keep. */
function shortly(objections: readonly Objection[]): string {
  return objections.map(({ code, object = '' }) => `${code} ${object}`.trim()).join(', ')
}

async function left(work: Work, { id }: UndoRow, because: string): Promise<RolledBack> {
  const detail = literal(JSON.stringify({ rollback_failed: because }))
  const text = `update ${work.writer.ledger.migrations}
    set error_detail = coalesce(error_detail, '{}') || ${detail}::jsonb where id = ${literal(id)}`
  const written = await writeFenced(work, [text])
  return written.kind === 'fenced' ? written : { kind: 'left', because }
}

/**
 * Ends what an interrupted way back has left half done: until then nothing can be said about the
 * schema. Does nothing where there is none.
 */
export async function finishUndone(
  work: Work,
): Promise<{ readonly name: string; readonly outcome: InverseOutcome } | undefined> {
  const rows = await readUndoRows(work.session.query, work.writer.ledger)
  const half = rows.filter(({ stepsUndone }) => stepsUndone !== undefined)
  for (const [index, row] of half.entries()) {
    const { name } = row
    const step = { migration: name, position: index + 1, total: half.length }
    const outcome = await finishOne(work, row, step)
    if (outcome.kind !== 'done') return { name, outcome }
  }
  return undefined
}

async function finishOne(work: Work, row: UndoRow, step: Step): Promise<InverseOutcome> {
  const script = await scriptOfRow(row.rollbackScript)
  const kept = await readKept(row.backupLocation)
  if (kept.kind === 'refused' && row.acceptedLoss === undefined) return kept
  const attempt = { migrationId: row.id, attempt: row.attempt }
  return runInverse(work, {
    name: row.name,
    attempt,
    step,
    script: script ?? {
      kind: 'exact',
      origin: 'hand',
      steps: [],
      losses: [],
      discards: [],
      stamps: [],
    },
    data: kept.kind === 'read' ? kept.data : [],
    acceptLoss: row.acceptedLoss,
    done: row.stepsUndone ?? 0,
    begun: row.stepBegun,
    expected: undefined,
    finalTexts: [
      undoneText(work.writer, attempt),
      rolledBackText(work.writer, attempt, row.acceptedLoss),
    ],
  })
}
