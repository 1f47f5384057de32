import { fenceText } from '../ledger/lease.ts'
import { journalText, startText } from '../ledger/ledger-writes.ts'
import {
  type BatchPlan,
  type BatchProgress,
  batchText,
  type KeyValues,
  nextKeyText,
  readBatchProgress,
  upperKeyText,
} from './batches.ts'
import { describeFailure, ownFailure } from './failure.ts'
import type { Statement } from './migration.ts'
import { sha256Of } from './recovery.ts'
import { createRetries, reactTo, type Retries } from './retries.ts'
import { recordDone, type SingleStep } from './run-alone.ts'
import { ownTailTexts } from './settings.ts'
import { type Outcome, type Task, type Work, writeFenced } from './work.ts'

type BatchStep = SingleStep & { readonly plan: BatchPlan }

/**
 * Runs a statement piece by piece along the primary key. Each piece commits together with the key
 * that it came to, so that whoever takes over goes on behind it and no row is changed twice.
 */
export async function runBatches(work: Work, task: Task, step: BatchStep): Promise<Outcome> {
  const { statement, opening, begun } = step
  if (opening.length > 0) {
    const sent = await work.session.send(opening)
    if (sent.kind === 'failed')
      return { kind: 'failed', failure: describeFailure({ error: sent.error, statement }) }
  }
  if (begun !== undefined && begun.sha256 !== sha256Of(statement.text)) return edited(statement)
  const progress = await beginning(work, task, step)
  if (progress === undefined) return recordDone(work, task, statement)
  if ('kind' in progress) return progress
  const ended = await runPieces(work, task, { ...step, progress })
  return ended ?? recordDone(work, task, statement)
}

function edited(statement: Statement): Outcome {
  const message = 'an earlier run began this statement in pieces, and the file has another one now'
  const remedy = 'Restore the statement as it was, let it finish, and change it in a new migration.'
  return { kind: 'failed', failure: ownFailure(statement, { message, remedy }) }
}

/** @returns undefined where there are no rows */
async function beginning(
  work: Work,
  task: Task,
  { statement, begun, plan }: BatchStep,
): Promise<BatchProgress | undefined | Exclude<Outcome, { kind: 'done' }>> {
  const known = readBatchProgress(begun?.progress)
  const upper = known?.upper ?? (await readUpper(work, plan))
  work.at(task.step, statement.no)
  work.emit({ type: 'statement-started', ...task.step, statementNo: statement.no })
  if (upper === undefined) return undefined
  const progress = known ?? { upper, rows: 0 }
  const written = await writeFenced(work, [
    `select set_config('synchronous_commit', 'on', true)
      where current_setting('synchronous_commit') = 'off'`,
    startText(work.writer, task.attempt),
    progressRow(work, task, { statement, progress }),
  ])
  if (written.kind === 'done') return progress
  if (written.kind === 'fenced') return written
  return { kind: 'failed', failure: describeFailure({ ...written, statement: undefined }) }
}

async function readUpper({ session }: Work, plan: BatchPlan): Promise<KeyValues | undefined> {
  const [row] = await session.query<{ key: string[] }>(upperKeyText(plan))
  return row?.key
}

type Noted = { readonly statement: Statement; readonly progress: BatchProgress }

function progressRow({ writer }: Work, { attempt }: Task, { statement, progress }: Noted): string {
  const { no, txClass, text } = statement
  const sha256 = sha256Of(text)
  const entry = { no, txClass, sha256, progress: { planned: sha256, batch: progress } }
  return journalText(writer, attempt, { state: 'started', entries: [entry] })
}

/** Pieces grow and shrink until one takes about this long. */
const pieceMs = 500
const rowsMin = 100
const rowsMax = 20_000
const rowsAtFirst = 1_000

type Pieces = BatchStep & { readonly progress: BatchProgress }

/** @returns undefined when all of them are done */
async function runPieces(
  work: Work,
  task: Task,
  { statement, plan, progress: from }: Pieces,
): Promise<Exclude<Outcome, { kind: 'done' }> | undefined> {
  const { session, clock, signal, emit } = work
  const of = await estimatedRows(work, plan)
  let progress = from
  let rows = rowsAtFirst
  for (;;) {
    if (signal?.aborted === true) return { kind: 'stopped' }
    const began = clock.now()
    const [next] = await session.query<{ key: string[]; rows: number }>(
      nextKeyText(plan, progress, rows),
    )
    if (next === undefined) return undefined
    const bounds = { upper: next.key, last: progress.last }
    const then = { upper: progress.upper, last: next.key, rows: progress.rows + next.rows }
    const ended = await runPiece(work, task, {
      statement,
      text: batchText(plan, bounds),
      progress: then,
    })
    if (ended !== undefined) return ended
    progress = then
    emit({
      type: 'progress',
      ...task.step,
      phase: 'batches',
      done: progress.rows,
      of: Math.max(of, progress.rows),
    })
    rows = fitting(rows, clock.now() - began)
    await waitForReplicas(work)
  }
}

function fitting(rows: number, tookMs: number): number {
  const factor = Math.min(4, Math.max(0.25, pieceMs / Math.max(tookMs, 1)))
  return Math.round(Math.min(rowsMax, Math.max(rowsMin, rows * factor)))
}

async function estimatedRows({ session }: Work, { table }: BatchPlan): Promise<number> {
  const [row] = await session.query<{ rows: string }>(
    `select greatest(reltuples, 0)::bigint::text as rows from pg_catalog.pg_class
      where oid = to_regclass($1)`,
    [table],
  )
  return Number(row?.rows ?? 0)
}

type Piece = Noted & { readonly text: string }

/** @returns undefined when it has committed */
async function runPiece(
  work: Work,
  task: Task,
  piece: Piece,
): Promise<Exclude<Outcome, { kind: 'done' }> | undefined> {
  const { session, writer, settings } = work
  const retries: Retries = createRetries(work, task.step)
  for (;;) {
    const head = [
      'begin',
      `set local lock_timeout = ${retries.lockTimeoutMs()}`,
      fenceText(writer.ledger, writer.token),
    ]
    const sent = await session.send([
      ...head,
      piece.text,
      ...ownTailTexts(settings),
      progressRow(work, task, piece),
      'commit',
    ])
    if (sent.kind === 'done') return undefined
    await session.query('rollback')
    if (sent.index === head.length - 1 && sent.error.code === '22012') return { kind: 'fenced' }
    const { statement } = piece
    const ended = await reactTo(work, { error: sent.error, statement }, retries)
    if (ended?.kind === 'split') return { kind: 'failed', failure: ended.failure }
    if (ended !== undefined) return ended
    if (work.signal?.aborted === true) return { kind: 'stopped' }
  }
}

const lagMaxS = 5
const lagPollMs = 500
const lagPollsMax = 120

/** A standby that falls behind would make readers of it see old rows; it gets time to catch up. */
async function waitForReplicas({ session, clock, signal, settings }: Work): Promise<void> {
  if (settings.facts.isSingle) return
  for (let polls = 0; polls < lagPollsMax && signal?.aborted !== true; polls += 1) {
    const [row] = await session.query<{ lag: number }>(
      `select coalesce(max(extract(epoch from replay_lag)), 0)::float8 as lag
         from pg_catalog.pg_stat_replication`,
    )
    if ((row?.lag ?? 0) <= lagMaxS) return
    await clock.wait(lagPollMs, signal)
  }
}
