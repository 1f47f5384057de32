import type { ServerError } from '../ledger/error-detail.ts'
import { withoutValues } from '../ledger/error-detail.ts'
import { fenceText } from '../ledger/lease.ts'
import {
  backupText,
  journalText,
  progressText,
  rollbackText,
  startText,
  type Writer,
} from '../ledger/ledger-writes.ts'
import type { Unit } from './groups.ts'
import type { HookResult, PreparedMigration, Statement } from './migration.ts'
import { sha256Of } from './recovery.ts'
import { createRetries, reactTo, type Refused } from './retries.ts'
import { isLost, sqlstateOf } from './session.ts'
import { ownRoleTexts, ownTailTexts } from './settings.ts'
import {
  controlOf,
  headOf as wordsOf,
  isQuick,
  isTransactionSetting,
  makesTablesOnly,
  tableMadeBy,
  tableWorkedOn,
} from './sql-head.ts'
import type { Outcome, Task, Work } from './work.ts'

/** One transaction of a migration and what surrounds it. */
export type GroupStep = {
  readonly group: Extract<Unit, { kind: 'group' }>
  /** What makes the session ready, when this is the first step of the file. */
  readonly opening: readonly string[]
  /** What the file has said before about the role; the fence needs ours, the statements need its. */
  readonly roleTexts: readonly string[]
  /** How many statements of the migration are done when the transaction has committed. */
  readonly done: number
  /** Whether the commit waits for the disk. */
  readonly isSynchronous: boolean
}

/** Runs the group until it commits or cannot: everything in it happens, or nothing. */
export async function runGroup(work: Work, task: Task, step: GroupStep): Promise<Outcome> {
  const retries = createRetries(work, task.step)
  for (;;) {
    if (work.signal?.aborted === true) return { kind: 'stopped' }
    const tried = await tryGroup(work, task, { ...step, lockTimeoutMs: retries.lockTimeoutMs() })
    if (tried.kind !== 'failed') return tried
    await work.session.query('rollback')
    if (tried.isFence) return { kind: 'fenced' }
    const ended = await reactTo(work, tried, retries)
    if (ended !== undefined) return ended
  }
}

/** One statement of a message and what it is there for. */
type Part = {
  readonly text: string
  readonly statement?: Statement
  readonly isFence?: boolean
}

type Tried =
  | Exclude<Outcome, { kind: 'failed' }>
  | ({ readonly kind: 'failed'; readonly isFence: boolean } & Refused)

type Try = GroupStep & { readonly lockTimeoutMs: number }

type Hook = NonNullable<PreparedMigration['verify']>

async function tryGroup(work: Work, task: Task, step: Try): Promise<Tried> {
  let waiting: Part[] = []
  for (const stage of stagesOf(work, task, step)) {
    if (typeof stage !== 'function') {
      waiting.push(...stage)
      continue
    }
    const failed = (await sendParts(work, task, waiting)) ?? (await runHook(work, stage))
    if (failed.kind !== 'fine') return failed
    waiting = keptParts(work, task, failed)
  }
  return (await sendParts(work, task, waiting)) ?? { kind: 'done' }
}

/** What a hook says goes into the ledger, in the same transaction. */
function keptParts(
  { writer, emit }: Work,
  { attempt, step }: Task,
  { backupLocation, rollbackScript }: Extract<HookResult, { kind: 'fine' }>,
): Part[] {
  if (backupLocation !== undefined) emit({ type: 'backed-up', ...step, location: backupLocation })
  const texts = [
    ...(backupLocation === undefined ? [] : [backupText(writer, attempt, backupLocation)]),
    ...(rollbackScript === undefined ? [] : [rollbackText(writer, attempt, rollbackScript)]),
  ]
  return plainParts(texts)
}

/** Everything that happens in the transaction; what stands between two hooks is sent together. */
function stagesOf(work: Work, task: Task, step: Try): Stages {
  const { before, verify, statements } = task.prepared
  const { group, opening, done } = step
  const { settings, sent } = splitSettings(group.statements)
  const hasBefore = before !== undefined && group.statements[0]?.no === 1
  const hasVerify = verify !== undefined && done === statements.length
  // An isolation level has to be said before any query, and what opens the session queries.
  const isPlain = opening.length === 0 || (isPlainBegin(group.beginText) && settings.length === 0)
  const keeping = keepingStages(work, task, step)
  return [
    plainParts(opening),
    ...(isPlain ? [] : [flush]),
    headOf(work, task, { ...step, settings }),
    ...(hasBefore ? [before] : []),
    ...keeping.begin,
    plainParts(step.roleTexts),
    partsOf(sent),
    ...keeping.end,
    ...(hasVerify ? [verify] : []),
    tailOf(work, task, step),
  ]
}

type Stages = readonly (readonly Part[] | Hook)[]

const partsOf = (statements: readonly Statement[]): Part[] =>
  statements.map((statement) => ({ text: statement.text, statement }))

/** An isolation level that the file sets at its beginning goes before our own queries. */
function splitSettings(statements: readonly Statement[]) {
  const sent = statements.filter((one) => !isControl(one))
  const query = sent.findIndex(({ text }) => !/^(set|reset)\b/.test(wordsOf(text, 1)))
  const first = query === -1 ? sent : sent.slice(0, query)
  const settings = first.filter(({ text }) => isTransactionSetting(text))
  return { settings, sent: sent.filter((one) => !settings.includes(one)) }
}

/** Whoever keeps data works as the engine's own role, whatever the file has put on. */
function keepingStages(
  { settings }: Work,
  { prepared: { keep, statements } }: Task,
  { group, done }: Try,
): { readonly begin: Stages; readonly end: Stages } {
  if (keep === undefined) return { begin: [], end: [] }
  const range = { first: group.statements[0]?.no ?? 1, last: done }
  const isLast = done === statements.length
  return {
    begin: [(query) => keep.begin(query, range)],
    end: [
      plainParts(['set constraints all immediate', ...ownRoleTexts(settings)]),
      (query) => keep.end(query, range, { isLast }),
    ],
  }
}

const plainParts = (texts: readonly string[]): Part[] => texts.map((text) => ({ text }))

const flush: Hook = async () => ({ kind: 'fine' })

type Heading = Try & { readonly settings: readonly Statement[] }

function headOf({ writer, settings }: Work, { prepared }: Task, step: Heading): Part[] {
  const { group, lockTimeoutMs, isSynchronous, roleTexts } = step
  const { statementTimeoutMs } = prepared
  const texts = [
    `set local lock_timeout = ${lockTimeoutMs}`,
    ...(statementTimeoutMs === undefined
      ? []
      : [`set local statement_timeout = ${statementTimeoutMs}`]),
    ...(isSynchronous ? [] : ['set local synchronous_commit = off']),
  ]
  const fence = { text: fenceText(writer.ledger, writer.token), isFence: true }
  const own = roleTexts.length === 0 ? [] : ownRoleTexts(settings)
  const begin = [{ text: group.beginText }, ...partsOf(step.settings)]
  return [...begin, ...plainParts([...texts, ...own]), fence]
}

function tailOf({ writer, settings }: Work, task: Task, { group, done }: Try): Part[] {
  const { attempt, prepared, next } = task
  const total = prepared.statements.length
  const isPlain = makesTablesOnly(prepared.statements.map(({ text }) => text))
  const entries = group.statements.map(({ no, text, txClass }) => ({
    no,
    txClass,
    sha256: sha256Of(text),
  }))
  const texts = [
    ...(isPlain ? ['set local search_path = pg_catalog'] : ownTailTexts(settings)),
    ...(entries.length === 0 ? [] : [journalText(writer, attempt, { state: 'done', entries })]),
    progressText(writer, attempt, { done, total }),
    // A keeper has said it already, with what it has found.
    ...(prepared.keep === undefined && !isWhole(task, { group, done })
      ? rollbackTexts(writer, task, done)
      : []),
    ...(done < total || next === undefined ? [] : [startText(writer, next)]),
    'commit',
  ]
  return plainParts(texts)
}

/** The plan has said what undoes all of it. */
function isWhole({ prepared }: Task, { group, done }: Pick<GroupStep, 'group' | 'done'>): boolean {
  return group.statements[0]?.no === 1 && done === prepared.statements.length
}

/** In a migration of several steps the ledger always knows what undoes those that are done. */
export function rollbackTexts(writer: Writer, { attempt, prepared }: Task, done: number): string[] {
  const { keep, rollbackAfter, rollbackScript, statements } = prepared
  if (rollbackAfter === undefined) return []
  const whole = () => keep?.whole() ?? rollbackScript
  const script = done === statements.length ? whole() : rollbackAfter(done)
  return [rollbackText(writer, attempt, script)]
}

function isPlainBegin(text: string): boolean {
  return /^begin(\s+(work|transaction))?$/i.test(text.trim())
}

function isControl({ txClass, text }: Statement): boolean {
  return txClass === 'own' && controlOf(text) !== undefined
}

/** Larger messages would fill the memory of both sides; they are cut between statements. */
const messageMaxLength = 512 * 1024

/**
 * As few messages as can be. The server tells of a statement when its message is over, so what may
 * take long begins a message of its own: then everybody can see what is going on.
 */
function messagesOf(parts: readonly Part[]): Part[][] {
  const messages: Part[][] = []
  const made = new Set<string>()
  let length = 0
  for (const part of parts) {
    const last = messages.at(-1)
    length += part.text.length
    if (last === undefined || length > messageMaxLength || isWorthTelling(part, last, made)) {
      messages.push([part])
      length = part.text.length
    } else last.push(part)
    noteTables(part, made)
  }
  return messages
}

/** Once rows may have been written, a table that was made here is a table like any other. */
function noteTables({ text, statement }: Part, made: Set<string>): void {
  if (statement === undefined) return
  const table = tableMadeBy(text)
  if (!isQuick(text) && tableWorkedOn(text) === undefined) made.clear()
  else if (table !== undefined) made.add(table)
}

/** Nothing takes long on a table that was made a moment ago. */
function isWorthTelling(
  { statement }: Part,
  message: readonly Part[],
  made: ReadonlySet<string>,
): boolean {
  if (statement === undefined || isQuick(statement.text)) return false
  if (made.has(tableWorkedOn(statement.text) ?? '')) return false
  return message.some((part) => part.statement !== undefined)
}

/** @returns undefined when all of it is done */
async function sendParts(
  work: Work,
  task: Task,
  parts: readonly Part[],
): Promise<Extract<Tried, { kind: 'failed' }> | undefined> {
  const { session, emit } = work
  for (const message of messagesOf(parts)) {
    const tell = (type: 'statement-started' | 'statement-done', statement?: Statement) => {
      if (statement === undefined) return
      if (type === 'statement-started') work.at(task.step, statement.no)
      emit({ type, ...task.step, statementNo: statement.no })
    }
    const first = message.findIndex(({ statement }) => statement !== undefined)
    tell('statement-started', message[first]?.statement)
    const sent = await session.send(
      message.map(({ text }) => text),
      {
        onDone(index) {
          tell('statement-done', message[index]?.statement)
          if (index + 1 !== first) tell('statement-started', message[index + 1]?.statement)
        },
        onNotice(index, notice) {
          const statement = message[index]?.statement
          if (statement === undefined) return
          const safe = withoutValues(notice, statement.text)
          emit({ type: 'notice', ...task.step, statementNo: statement.no, notice: safe })
        },
      },
    )
    if (sent.kind === 'done') continue
    const part = message[sent.index]
    const isFence = part?.isFence === true && sent.error.code === '22012'
    return { ...sent, statement: part?.statement, isFence }
  }
  return undefined
}

type Hooked = Extract<HookResult, { kind: 'fine' }> | Exclude<Tried, { kind: 'done' }>

async function runHook({ session }: Work, hook: Hook): Promise<Hooked> {
  try {
    const result = await hook(session.rows)
    if (result.kind === 'refused') await session.query('rollback')
    return result
  } catch (error) {
    if (isLost(error) || sqlstateOf(error) === undefined) throw error
    return {
      kind: 'failed',
      error: error as Error & ServerError,
      statement: undefined,
      isFence: false,
    }
  }
}
