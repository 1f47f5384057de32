import type { JournalRow } from '../ledger/ledger-rows.ts'
import { failText, journalText } from '../ledger/ledger-writes.ts'
import { ownFailure, storedFailure } from './failure.ts'
import { commitsItself, groupStatements, type Unit } from './groups.ts'
import type { Statement } from './migration.ts'
import { type Recovery, sha256Of } from './recovery.ts'
import { runAlone, runOpaque } from './run-alone.ts'
import { runBatches } from './run-batches.ts'
import { runGroup } from './run-group.ts'
import { freshSessionTexts } from './settings.ts'
import { rollBackPart } from '../undo/roll-back-part.ts'
import { addsEnumValue, isSessionSetting } from './sql-head.ts'
import { type Failure, type Outcome, type Task, type Work, writeFenced } from './work.ts'

/** How to go on with a migration that may run. */
export type Start = Exclude<Recovery, { kind: 'edited' }>

type MigrationOutcome = Exclude<Outcome, { kind: 'split' }>

type Options = {
  readonly recovery: Start
  /** Keeps the temporary tables of the file before. */
  readonly keepsTemporary: boolean
  /** The session is as it was when the file before began, which found it like new. */
  readonly isFresh: boolean
}

/** Runs one migration from where it stands to its end, and records it either way. */
export async function runMigration(
  work: Work,
  task: Task,
  options: Options,
): Promise<MigrationOutcome> {
  const { emit, clock } = work
  const began = clock.now()
  emit({ type: 'migration-started', ...task.step, statements: task.prepared.statements.length })
  work.at(task.step, undefined)
  tellRecovery(work, task, options.recovery)
  const outcome = await runUnits(work, task, options)
  if (outcome.kind === 'done')
    emit({ type: 'migration-completed', ...task.step, durationMs: clock.now() - began })
  if (outcome.kind === 'failed')
    return takenBack(work, task, await recordFailure(work, task, outcome.failure))
  if (outcome.kind === 'refused')
    return takenBack(work, task, await recordRefusal(work, task, outcome))
  return outcome
}

function tellRecovery({ emit }: Work, { step, prepared }: Task, recovery: Start): void {
  if (recovery.kind === 'run') return
  const statementNo = recovery.kind === 'resume' ? recovery.from : recovery.no
  if (statementNo > prepared.statements.length) return
  emit({ type: 'recovered', ...step, statementNo, decision: 'resumed' })
}

type Progress = {
  /** Number of the statement that comes next. */
  from: number
  /** What the journal says about it, if an earlier run has begun it. */
  begun: JournalRow | undefined
  /** Where transactions must end beside what the plan says. */
  readonly boundaries: Set<number>
  isOpened: boolean
  isCompleted: boolean
}

async function runUnits(
  work: Work,
  task: Task,
  { recovery, ...session }: Options,
): Promise<MigrationOutcome> {
  const progress: Progress = {
    from: recovery.kind === 'resume' ? recovery.from : recovery.kind === 'settle' ? recovery.no : 1,
    begun: recovery.kind === 'settle' ? recovery.row : undefined,
    boundaries: new Set(),
    isOpened: false,
    isCompleted: false,
  }
  const { statements } = task.prepared
  while (!progress.isCompleted) {
    const units = remainingUnits(task, progress)
    if (units.kind === 'refused') return units
    const outcome = await runUnit(work, task, { ...units, ...session, progress })
    if (outcome.kind === 'split') {
      if (!cutBefore(outcome.before, statements, progress))
        return { kind: 'failed', failure: outcome.failure }
    } else if (outcome.kind !== 'done') return outcome
  }
  return { kind: 'done' }
}

/** Each new value of an enum before the statement that failed gets committed before what follows. */
function cutBefore(no: number, statements: readonly Statement[], { boundaries, from }: Progress) {
  const known = boundaries.size
  for (const statement of statements)
    if (statement.no >= from && statement.no < no && addsEnumValue(statement.text))
      boundaries.add(statement.no)
  return boundaries.size > known
}

type Units = { readonly kind: 'units'; readonly unit: Unit; readonly following: Unit | undefined }

function remainingUnits({ name, prepared }: Task, { from, boundaries }: Progress) {
  const grouping = groupStatements(prepared, { name, boundaries })
  if (grouping.kind === 'refused') return grouping
  const [unit, following] = grouping.units.flatMap((one): Unit[] => {
    if (one.kind !== 'group') return one.statement.no < from ? [] : [one]
    const statements = one.statements.filter(({ no }) => no >= from)
    return statements.length === 0 ? [] : [{ ...one, statements }]
  })
  const nothing: Unit = { kind: 'group', statements: [], beginText: 'begin' }
  return { kind: 'units', unit: unit ?? nothing, following } as const
}

type UnitOptions = Omit<Units, 'kind'> &
  Omit<Options, 'recovery'> & {
    readonly progress: Progress
  }

async function runUnit(
  work: Work,
  task: Task,
  { unit, following, progress, keepsTemporary, isFresh }: UnitOptions,
): Promise<Outcome> {
  const { statements } = task.prepared
  const settings = statements.filter(({ no, text }) => no < progress.from && isSessionSetting(text))
  const texts = settings.map(({ text }) => text)
  const fresh = isFresh ? [] : freshSessionTexts(work.settings, { keepsTemporary })
  const opening = progress.isOpened ? [] : [...fresh, ...texts]
  const last = unit.kind === 'group' ? unit.statements.at(-1) : unit.statement
  const done = last?.no ?? statements.length
  const outcome =
    unit.kind === 'group'
      ? await runGroup(work, task, {
          group: unit,
          opening,
          roleTexts: texts.filter((text) => /\b(role|authorization)\b/i.test(text)),
          done,
          isSynchronous:
            following === undefined ? task.isFollowedByCare : following.kind !== 'group',
        })
      : await runSingle(work, task, { unit, opening, begun: progress.begun })
  // A transaction that was rolled back has taken its opening with it.
  if (outcome.kind !== 'done') return outcome
  progress.isOpened = true
  progress.begun = undefined
  progress.from = done + 1
  progress.isCompleted = done === statements.length
  return outcome
}

function runSingle(
  work: Work,
  task: Task,
  {
    unit,
    opening,
    begun,
  }: {
    readonly unit: Exclude<Unit, { kind: 'group' }>
    readonly opening: readonly string[]
    readonly begun: JournalRow | undefined
  },
): Promise<Outcome> {
  const step = { statement: unit.statement, opening, begun }
  if (unit.kind === 'batches') return runBatches(work, task, { ...step, plan: unit.plan })
  return unit.kind === 'alone' ? runAlone(work, task, step) : runOpaque(work, task, step)
}

/** What is committed of a failed migration goes, where that is wanted and its inverse is known. */
async function takenBack(
  work: Work,
  task: Task,
  outcome: MigrationOutcome,
): Promise<MigrationOutcome> {
  const hasEnded = outcome.kind === 'failed' || outcome.kind === 'refused'
  if (!hasEnded || task.prepared.rollbackOnFailure !== 'auto') return outcome
  if (outcome.kind === 'failed' && isHalfDone(task, outcome.failure)) return outcome
  const rolledBack = await rollBackPart(work, task.step)
  return rolledBack.kind === 'fenced' || rolledBack.kind === 'stopped' ? rolledBack : outcome
}

/** Nobody knows how much has happened of a statement that commits by itself. */
function isHalfDone({ prepared }: Task, { statementNo }: Failure): boolean {
  const statement = prepared.statements.find(({ no }) => no === statementNo)
  return statement !== undefined && (statement.txClass === 'opaque' || commitsItself(statement))
}

async function recordFailure(work: Work, task: Task, failure: Failure): Promise<MigrationOutcome> {
  const { writer } = work
  const statement = task.prepared.statements.find(({ no }) => no === failure.statementNo)
  const entries =
    statement === undefined
      ? []
      : [
          {
            no: statement.no,
            txClass: statement.txClass,
            sha256: sha256Of(statement.text),
            sqlstate: failure.error.sqlstate,
          },
        ]
  work.emit({
    type: 'migration-failed',
    ...task.step,
    statementNo: failure.statementNo,
    error: failure.error,
  })
  const written = await writeFenced(work, [
    failText(writer, task.attempt, storedFailure(failure)),
    ...(entries.length === 0
      ? []
      : [journalText(writer, task.attempt, { state: 'failed', entries })]),
  ])
  return written.kind === 'fenced' ? written : { kind: 'failed', failure }
}

async function recordRefusal(
  work: Work,
  task: Task,
  outcome: Extract<MigrationOutcome, { kind: 'refused' }>,
): Promise<MigrationOutcome> {
  const [objection] = outcome.objections
  const failure = ownFailure(undefined, {
    message: objection?.because ?? 'refused',
    remedy: objection?.remedy ?? '',
  })
  const recorded = await recordFailure(work, task, failure)
  return recorded.kind === 'fenced' ? recorded : outcome
}
