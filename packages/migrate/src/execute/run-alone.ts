import type { JournalRow } from '../ledger/ledger-rows.ts'
import { journalText, progressText, startText } from '../ledger/ledger-writes.ts'
import {
  type AloneContext,
  type AloneStep,
  cleanUpOf,
  nameFor,
  remainingOf,
} from './alone-steps.ts'
import { type AloneWork, readAloneWork } from './alone-work.ts'
import type { Step } from './events.ts'
import { describeFailure, ownFailure } from './failure.ts'
import type { Statement } from './migration.ts'
import { sha256Of } from './recovery.ts'
import { rollbackTexts } from './run-group.ts'
import { createRetries, reactTo, type Retries } from './retries.ts'
import { isLost, sqlstateOf } from './session.ts'
import { type Outcome, type Task, type Work, writeFenced } from './work.ts'

/** A statement that stands outside of any transaction, and what surrounds it. */
export type SingleStep = {
  readonly statement: Statement
  /** What makes the session ready, when this is the first step of the file. */
  readonly opening: readonly string[]
  /** The journal's word from an earlier run that began the statement. */
  readonly begun: JournalRow | undefined
}

/**
 * Runs a statement of class `alone`: says in the journal that it begins, runs it until the catalog
 * shows its effect, and says that it is done. An earlier run that ended in between is taken up.
 */
export async function runAlone(work: Work, task: Task, step: SingleStep): Promise<Outcome> {
  const { statement, opening, begun } = step
  const opened = await sendAll(work, statement, opening)
  if (opened !== undefined) return opened
  const goal = await readAloneWork(statement.text)
  if (goal.kind === 'other') return runOpaque(work, task, { ...step, opening: [] })
  const known = begun?.progress?.['index']
  const index = typeof known === 'string' ? known : await nameFor(work.session.query, goal)
  const context: AloneContext = {
    text: statement.text,
    stage: begun === undefined ? 'fresh' : 'begun',
    index,
  }
  const pursuit = { goal, context, statement }
  const reached = await pursue(work, task.step, {
    ...pursuit,
    announce: () => announce(work, task, pursuit),
  })
  return reached.kind === 'done' ? recordDone(work, task, statement) : reached
}

type Goal = {
  readonly goal: AloneWork
  readonly context: AloneContext
  readonly statement: Statement
}

/** A goal that the catalog can confirm, and how to say beforehand that it is being pursued. */
export type Pursuit = Goal & {
  /** Has to be on disk before the statement is sent; undefined when it is. */
  readonly announce: () => Promise<Outcome | undefined>
}

const roundsMax = 10

/** Asks the catalog what is missing, does it, and asks again. */
export async function pursue(work: Work, step: Step, pursuit: Pursuit): Promise<Outcome> {
  const { goal, statement } = pursuit
  const { query } = work.session
  const retries = createRetries(work, step)
  let { context } = pursuit
  for (let round = 0; round < roundsMax; round += 1) {
    if (work.signal?.aborted === true) return { kind: 'stopped' }
    const remaining = await remainingOf(query, goal, context)
    if (remaining.kind === 'done') return { kind: 'done' }
    if (remaining.kind === 'conflict') return conflict(statement, remaining)
    if (round === 0) {
      const announced = await pursuit.announce()
      if (announced !== undefined) return announced
    }
    const failed = await takeSteps(work, { statement, retries, steps: remaining.steps })
    if (failed === undefined) context = { ...context, stage: 'ran' }
    else if (failed.kind !== 'again') return giveUp(work, pursuit, failed)
    else {
      round -= 1
      context = { ...context, stage: 'begun' }
    }
  }
  const message =
    'the statement succeeded again and again, and the catalog does not show its effect'
  const remedy = 'Look who else changes this object at the same time; then start again.'
  return giveUp(work, pursuit, {
    kind: 'failed',
    failure: ownFailure(statement, { message, remedy }),
  })
}

function conflict(
  statement: Statement,
  { because, remedy }: { readonly because: string; readonly remedy: string },
): Outcome {
  const failure = ownFailure(statement, { message: because, sqlstate: '42P07', remedy })
  return { kind: 'failed', failure }
}

/** The intent has to survive whatever happens next, so its commit waits for the disk. */
async function announce(work: Work, task: Task, { context, statement }: Goal) {
  const { writer } = work
  const progress = {
    planned: sha256Of(statement.text),
    ...(context.index === undefined ? {} : { index: context.index }),
  }
  const { no, txClass, text } = statement
  const entries = [{ no, txClass, sha256: sha256Of(text), progress }]
  work.at(task.step, no)
  work.emit({ type: 'statement-started', ...task.step, statementNo: no })
  return record(work, [
    `select set_config('synchronous_commit', 'on', true)
      where current_setting('synchronous_commit') = 'off'`,
    startText(writer, task.attempt),
    journalText(writer, task.attempt, { state: 'started', entries }),
  ])
}

/** Says that a statement which stands outside of a transaction is done. */
export async function recordDone(work: Work, task: Task, statement: Statement): Promise<Outcome> {
  const { no, txClass, text } = statement
  const { writer } = work
  const total = task.prepared.statements.length
  const entries = [{ no, txClass, sha256: sha256Of(text) }]
  const verified = no === total ? await task.prepared.verify?.(work.session.rows) : undefined
  if (verified?.kind === 'refused') return verified
  const failed = await record(work, [
    journalText(writer, task.attempt, { state: 'done', entries }),
    progressText(writer, task.attempt, { done: no, total }),
    ...rollbackTexts(writer, task, no),
    ...(no < total || task.next === undefined ? [] : [startText(writer, task.next)]),
  ])
  if (failed === undefined) work.emit({ type: 'statement-done', ...task.step, statementNo: no })
  return failed ?? { kind: 'done' }
}

/** @returns undefined when it is written */
async function record(work: Work, texts: readonly string[]): Promise<Outcome | undefined> {
  const written = await writeFenced(work, texts)
  if (written.kind !== 'failed') return written.kind === 'done' ? undefined : written
  return { kind: 'failed', failure: describeFailure({ ...written, statement: undefined }) }
}

async function sendAll(
  work: Work,
  statement: Statement,
  texts: readonly string[],
): Promise<Outcome | undefined> {
  if (texts.length === 0) return undefined
  const sent = await work.session.send(texts)
  if (sent.kind === 'done') return undefined
  return { kind: 'failed', failure: describeFailure({ error: sent.error, statement }) }
}

type Steps = {
  readonly statement: Statement
  readonly retries: Retries
  readonly steps: readonly AloneStep[]
}

type StepFailure = { readonly kind: 'again' } | Exclude<Outcome, { kind: 'done' | 'split' }>

/** @returns undefined when all of them succeeded */
async function takeSteps(
  work: Work,
  { statement, retries, steps }: Steps,
): Promise<StepFailure | undefined> {
  const { session, watcher } = work
  for (const { text, isPatient } of steps) {
    const lockTimeout = isPatient ? 0 : retries.lockTimeoutMs()
    await session.query(`select set_config('lock_timeout', $1, false)`, [String(lockTimeout)])
    if (isPatient) await session.query('set statement_timeout = 0')
    watcher?.limit(work.aloneDeadlineMs)
    const sent = await session.send([text])
    watcher?.limit(undefined)
    if (sent.kind === 'done') continue
    const position = text === statement.text ? sent.position : undefined
    const ended = await reactTo(work, { error: sent.error, statement, position }, retries)
    if (ended === undefined) return { kind: 'again' }
    return ended.kind === 'split' ? { kind: 'failed', failure: ended.failure } : ended
  }
  return undefined
}

/** Who keeps an index from being built may keep it from being dropped as well. */
const cleanUpMaxMs = 10_000

/** A broken index costs every insert and may refuse rows, so it does not stay. */
async function giveUp(
  work: Work,
  { goal, context }: Pursuit,
  outcome: Exclude<StepFailure, { kind: 'again' }>,
): Promise<Outcome> {
  if (outcome.kind !== 'failed') return outcome
  work.watcher?.limit(Math.min(work.aloneDeadlineMs, cleanUpMaxMs))
  try {
    await work.session.query('set lock_timeout = 0')
    for (const { text } of await cleanUpOf(work.session.query, goal, context))
      await work.session.query(text)
  } catch (error) {
    // The next run cleans up as well; what matters now is why the statement failed.
    if (isLost(error) || sqlstateOf(error) === undefined) throw error
  } finally {
    work.watcher?.limit(undefined)
    work.watcher?.takeCancelled()
  }
  return outcome
}

/**
 * Runs a statement that commits by itself and leaves no trace that the engine could read. Begun once
 * and never seen to end, it only runs again when the file says that it may, or when the plan can tell
 * from the catalog that it did nothing.
 */
export async function runOpaque(work: Work, task: Task, step: SingleStep): Promise<Outcome> {
  const { statement, opening, begun } = step
  const opened = await sendAll(work, statement, opening)
  if (opened !== undefined) return opened
  const found = begun === undefined ? 'before' : await settle(work, task, statement)
  if (found === 'after') return recordDone(work, task, statement)
  if (found === 'unclear')
    return {
      kind: 'failed',
      failure: ownFailure(statement, {
        message: 'an earlier run began this statement, and nothing shows how far it came',
        remedy:
          'Let the doctor look: migrate doctor. If it may simply run again, add the header line `-- resume: idempotent`.',
      }),
    }
  const context = { text: statement.text, stage: 'fresh', index: undefined } as const
  const announced = await announce(work, task, { goal: { kind: 'other' }, context, statement })
  if (announced !== undefined) return announced
  await work.session.query('set lock_timeout = 0')
  const sent = await work.session.send([statement.text])
  await work.session.query('rollback')
  if (sent.kind === 'done') return recordDone(work, task, statement)
  const cancelled = work.watcher?.takeCancelled(sent.error)
  if (cancelled === 'fenced' || cancelled === 'stopped') return { kind: cancelled }
  return { kind: 'failed', failure: describeFailure({ ...sent, statement }) }
}

async function settle({ session }: Work, { prepared }: Task, statement: Statement) {
  if (prepared.resume === 'idempotent') return 'before'
  return (await prepared.settle?.(statement.no, session.rows)) ?? 'unclear'
}
