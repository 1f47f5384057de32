import { fingerprintOf } from '../catalog/fingerprint.ts'
import { readFacts } from '../catalog/read-facts.ts'
import { nameFor } from '../execute/alone-steps.ts'
import { readAloneWork } from '../execute/alone-work.ts'
import type { Step } from '../execute/events.ts'
import { describeFailure } from '../execute/failure.ts'
import type { Statement } from '../execute/migration.ts'
import { sha256Of } from '../execute/recovery.ts'
import { createRetries, reactTo, type Refused } from '../execute/retries.ts'
import { pursue } from '../execute/run-alone.ts'
import { isLost, type Sent, type Session, sqlstateOf } from '../execute/session.ts'
import { freshSessionTexts, ownTailTexts } from '../execute/settings.ts'
import { type Outcome, type Work, writeFenced } from '../execute/work.ts'
import type { ServerError } from '../ledger/error-detail.ts'
import { fenceText } from '../ledger/lease.ts'
import { type Attempt, journalText } from '../ledger/ledger-writes.ts'
import { objectTo, type Objection } from '../objection.ts'
import { type InverseUnit, type NumberedStep, unitsOf } from './inverse-units.ts'
import { conversionOf } from './convert-back.ts'
import type { KeptData } from './kept-data.ts'
import { createRestorer, type Restorer } from './restorer.ts'
import type { RollbackScript } from './rollback-script.ts'
import { undoReasons } from './undo-reasons.ts'
import { undoBegunText } from './undo-texts.ts'

/** One migration that is taken back now. */
export type Undoing = {
  readonly name: string
  readonly attempt: Attempt
  readonly step: Step
  readonly script: RollbackScript
  readonly data: KeptData
  /** Why data may be lost; undefined: it may not. */
  readonly acceptLoss: string | undefined
  /** Steps that an earlier run has committed. */
  readonly done: number
  /** A step outside of transactions that an earlier run had begun. */
  readonly begun: number | undefined
  /** Fingerprints that the ledger expects with the migration and without it. */
  readonly expected: { readonly now: string; readonly then: string } | undefined
  /** What the ledger says when it is over; written in the last transaction. */
  readonly finalTexts: readonly string[]
}

export type InverseOutcome = Exclude<Outcome, { kind: 'split' }>

/**
 * Takes a migration back: all of it, its data and its place in the ledger in one transaction, unless
 * a person has written statements that cannot run in any.
 */
export async function runInverse(work: Work, undoing: Undoing): Promise<InverseOutcome> {
  const { emit, clock } = work
  const { step, script } = undoing
  const began = clock.now()
  emit({ type: 'undo-started', ...step, statements: script.steps.length })
  work.at(step, undefined)
  const opened = await work.session.send(freshSessionTexts(work.settings))
  if (opened.kind === 'failed') return failed({ error: opened.error, statement: undefined })
  const all = await unitsOf(script.steps)
  const units = all.filter((unit) => lastOf(unit) > undoing.done)
  const left = units.length === 0 ? [{ kind: 'together', steps: [] } as const] : units
  for (const [index, unit] of left.entries()) {
    const isLast = index === left.length - 1
    const outcome = await runUnit(work, undoing, {
      unit,
      isLast,
      isFirst: undoing.done === 0 && index === 0,
    })
    if (outcome.kind !== 'done') return outcome
    // What ends the ledger's row has to be in a transaction, and a statement alone is in none.
    if (isLast && unit.kind === 'alone') return endAlone(work, undoing, began)
  }
  emit({
    type: 'undone',
    ...step,
    statements: script.steps.length,
    durationMs: clock.now() - began,
  })
  return { kind: 'done' }
}

type Unit = {
  readonly unit: InverseUnit
  readonly isFirst: boolean
  readonly isLast: boolean
}

function lastOf(unit: InverseUnit): number {
  return unit.kind === 'alone' ? unit.step.no : (unit.steps.at(-1)?.no ?? 0)
}

function runUnit(work: Work, undoing: Undoing, unit: Unit): Promise<InverseOutcome> {
  return unit.unit.kind === 'alone'
    ? runStepAlone(work, undoing, unit.unit.step)
    : runTogether(work, undoing, { ...unit, steps: unit.unit.steps })
}

function failed(refused: Refused): InverseOutcome {
  return { kind: 'failed', failure: describeFailure(refused) }
}

async function endAlone(work: Work, undoing: Undoing, began: number): Promise<InverseOutcome> {
  const written = await writeFenced(work, undoing.finalTexts)
  if (written.kind === 'failed') return failed({ error: written.error, statement: undefined })
  if (written.kind === 'fenced') return written
  const { step, script } = undoing
  const durationMs = work.clock.now() - began
  work.emit({ type: 'undone', ...step, statements: script.steps.length, durationMs })
  return written
}

type Together = Omit<Unit, 'unit'> & { readonly steps: readonly NumberedStep[] }

async function runTogether(
  work: Work,
  undoing: Undoing,
  together: Together,
): Promise<InverseOutcome> {
  const retries = createRetries(work, undoing.step)
  for (;;) {
    if (work.signal?.aborted === true) return { kind: 'stopped' }
    const tried = await tryTogether(work, undoing, {
      ...together,
      lockTimeoutMs: retries.lockTimeoutMs(),
    })
    if (tried.kind === 'done') return tried
    await work.session.query('rollback')
    if (tried.kind !== 'broken') return tried
    const nameless = withoutValue(undoing, tried)
    if (nameless !== undefined) return { kind: 'refused', objections: [nameless] }
    const ended = await reactTo(work, tried, retries)
    if (ended !== undefined)
      return ended.kind === 'split' ? { kind: 'failed', failure: ended.failure } : ended
  }
}

/** Says of a row without a value which column it is that the migration took away, and where. */
function withoutValue({ name, data }: Undoing, broken: Broken): Objection | undefined {
  const { code, column = '', table = '' } = broken.error
  const taken = data.find(({ group }) =>
    group.kept.some((kept) => kept.kind === 'columns' && kept.plan.columns.includes(column)),
  )
  if (code !== '23502' || taken === undefined) return undefined
  const { first, last } = taken.group
  const { no: step = '–', text = 'its rows come back' } = broken.statement ?? {}
  const place = { migration: name, object: column }
  return objectTo(undoReasons.noValue, place, { table, first, last, step, text })
}

/** The server refused something, which may be worth another try. */
type Broken = { readonly kind: 'broken' } & Refused
type Tried = Exclude<InverseOutcome, { kind: 'failed' }> | Broken

type Try = Together & { readonly lockTimeoutMs: number }

async function tryTogether(work: Work, undoing: Undoing, attempt: Try): Promise<Tried> {
  try {
    return (
      (await openTransaction(work, undoing, attempt)) ??
      (await inTransaction(work, undoing, attempt))
    )
  } catch (error) {
    if (isLost(error) || sqlstateOf(error) === undefined) throw error
    return { kind: 'broken', error: error as Error & ServerError, statement: undefined }
  }
}

/** What was found by trying was tried with an empty path and without looking into bodies. */
function settingTexts({ script }: Undoing): string[] {
  if (script.origin === 'hand') return []
  return [`set local search_path = ''`, 'set local check_function_bodies = off']
}

async function openTransaction(
  { session, writer }: Work,
  undoing: Undoing,
  { lockTimeoutMs }: Try,
): Promise<Tried | undefined> {
  const opening = ['begin', `set local lock_timeout = ${lockTimeoutMs}`]
  const texts = [...opening, fenceText(writer.ledger, writer.token), ...settingTexts(undoing)]
  const sent = await session.send(texts)
  if (sent.kind === 'done') return undefined
  const isFence = sent.index === opening.length && sent.error.code === '22012'
  if (isFence) return { kind: 'fenced' }
  return { kind: 'broken', error: sent.error, statement: undefined }
}

async function inTransaction(work: Work, undoing: Undoing, attempt: Try): Promise<Tried> {
  const { session } = work
  const { steps, isFirst, isLast } = attempt
  const fingerprints = isFirst && isLast ? await readExpected(work, undoing) : undefined
  const restorer = createRestorer({
    query: session.rows,
    migration: undoing.name,
    script: undoing.script,
    data: undoing.data,
    acceptsLoss: undoing.acceptLoss !== undefined || !isFirst,
    isPartial: undoing.script.upTo !== undefined,
    isWhole: isFirst && isLast,
  })
  const standing = await restorer.check()
  if (standing.length > 0) return { kind: 'refused', objections: standing }
  const held = await restorer.clear()
  if (held.length > 0) return { kind: 'refused', objections: held }
  const waiting: SqlStep[] = []
  const stopped =
    (await takeSteps(work, undoing, { steps, restorer, waiting })) ??
    (await bringRows(work, undoing, { restorer, waiting }))
  if (stopped !== undefined) return stopped
  const left = await finishData(work, undoing, { restorer, isLast, fingerprints })
  if (left.length > 0) return { kind: 'refused', objections: left }
  return closeTransaction(work, undoing, attempt)
}

type Ending = {
  readonly restorer: Restorer
  readonly isLast: boolean
  readonly fingerprints: Undoing['expected']
}

async function finishData(
  work: Work,
  { name }: Undoing,
  { restorer, isLast, fingerprints }: Ending,
): Promise<Objection[]> {
  if (!isLast) return []
  const left = await restorer.finish()
  if (left.length > 0 || fingerprints === undefined) return left
  const now = await readFingerprint(work)
  if (now === fingerprints.then) return []
  const detail = `its fingerprint is ${now.slice(0, 12)} and should be ${fingerprints.then.slice(0, 12)}`
  return [objectTo(undoReasons.notWhatWas, { migration: name }, { detail })]
}

/** Where the schema is not what the ledger expects already, nothing can be said about it afterwards. */
async function readExpected(work: Work, { expected }: Undoing): Promise<Undoing['expected']> {
  if (expected === undefined) return undefined
  return (await readFingerprint(work)) === expected.now ? expected : undefined
}

async function readFingerprint({ session, writer }: Work): Promise<string> {
  const facts = await readFacts(session.rows, {
    transaction: 'open',
    ledgerSchema: writer.ledger.schema,
  })
  return fingerprintOf(facts).structure
}

type SqlStep = Extract<NumberedStep, { kind: 'sql' }>

type Steps = {
  readonly steps: readonly NumberedStep[]
  readonly restorer: Restorer
  /** Gets the steps that the rows at hand do not fulfil while others are still to come. */
  readonly waiting: SqlStep[]
}

/** @returns undefined when all of them are done */
async function takeSteps(
  work: Work,
  undoing: Undoing,
  { steps, restorer, waiting }: Steps,
): Promise<Tried | undefined> {
  for (const step of steps) {
    if (step.kind === 'restore') {
      const objections = await restorer.restore(step.preImage)
      if (objections.length > 0) return { kind: 'refused', objections }
      continue
    }
    work.at(undoing.step, step.no)
    const broken = await takeStep(work, step, restorer)
    if (broken === 'waits') waiting.push(step)
    else if (broken !== undefined) return broken
  }
  return undefined
}

/** Rows that had to wait for the schema, and then what of the schema had to wait for them. */
async function bringRows(
  work: Work,
  undoing: Undoing,
  { restorer, waiting }: Omit<Steps, 'steps'>,
): Promise<Tried | undefined> {
  const objections = await restorer.bringRows()
  if (objections.length > 0) return { kind: 'refused', objections }
  return takeSteps(work, undoing, { steps: waiting, restorer, waiting: [] })
}

/** Values that do not fit the old type any more come from what was kept of them. */
async function takeStep(
  { session }: Work,
  step: SqlStep,
  restorer: Restorer,
): Promise<Broken | 'waits' | undefined> {
  const mayGoOn = conversionOf(step.text) !== undefined || restorer.awaitsRows()
  const savepoint = mayGoOn ? ['savepoint studioops_step'] : []
  const sent = await session.send([...savepoint, step.text])
  if (sent.kind === 'done') return undefined
  const other = savepoint.length > 0 && (await tryOtherwise(session, step, { sent, restorer }))
  if (other !== false) return other
  const { error, position } = sent
  return { kind: 'broken', error, position, statement: statementOf(step) }
}

type Refusal = { readonly sent: Extract<Sent, { kind: 'failed' }>; readonly restorer: Restorer }

/** @returns false where there is no other way */
async function tryOtherwise(
  session: Session,
  { text }: SqlStep,
  { sent: { error }, restorer }: Refusal,
): Promise<'waits' | undefined | false> {
  await session.query('rollback to savepoint studioops_step')
  const isOfValues = /^(?:22|23|42846|42804)/.test(error.code ?? '')
  if (isOfValues && conversionOf(text) !== undefined && (await restorer.convert(text)))
    return undefined
  return restorer.awaitsRows() && error.code?.startsWith('23') === true ? 'waits' : false
}

function statementOf({ no, text }: SqlStep): Statement {
  return { no, text, txClass: 'tx', line: 1, column: 1 }
}

async function closeTransaction(
  { session, writer, settings }: Work,
  undoing: Undoing,
  { steps, isLast }: Try,
): Promise<Tried> {
  const { attempt, acceptLoss, finalTexts } = undoing
  const entries = steps.map((step) => ({
    no: -step.no,
    txClass: 'tx' as const,
    sha256: sha256Of(step.kind === 'sql' ? step.text : JSON.stringify(step.preImage)),
  }))
  const progress = [
    undoBegunText(writer, attempt, acceptLoss),
    ...(entries.length === 0 ? [] : [journalText(writer, attempt, { state: 'done', entries })]),
  ]
  const texts = [...ownTailTexts(settings), ...(isLast ? finalTexts : progress), 'commit']
  const sent = await session.send(texts)
  return sent.kind === 'done' ? sent : { kind: 'broken', error: sent.error, statement: undefined }
}

/** Says in the journal that it begins, runs it until the catalog shows its effect, and says so. */
async function runStepAlone(work: Work, undoing: Undoing, step: SqlStep): Promise<InverseOutcome> {
  const { writer, session } = work
  const { attempt, acceptLoss } = undoing
  const statement: Statement = { ...statementOf(step), txClass: 'alone' }
  const goal = await readAloneWork(step.text)
  const wasBegun = undoing.begun === step.no
  const index = await nameFor(session.query, goal)
  const record = async (state: 'started' | 'done') => {
    const entries = [{ no: -step.no, txClass: 'alone' as const, sha256: sha256Of(step.text) }]
    const written = await writeFenced(work, [
      `select set_config('synchronous_commit', 'on', true)`,
      undoBegunText(writer, attempt, acceptLoss),
      journalText(writer, attempt, { state, entries }),
    ])
    if (written.kind === 'done') return undefined
    return written.kind === 'fenced'
      ? written
      : failed({ error: written.error, statement: undefined })
  }
  const reached = await pursue(work, undoing.step, {
    goal,
    context: { text: step.text, stage: wasBegun ? 'begun' : 'fresh', index },
    statement,
    announce: () => record('started'),
  })
  if (reached.kind === 'split') return { kind: 'failed', failure: reached.failure }
  return reached.kind === 'done' ? ((await record('done')) ?? reached) : reached
}
