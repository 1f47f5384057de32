import { type ServerError, withoutValues } from '../ledger/error-detail.ts'
import type { StoredFailure } from '../ledger/ledger-writes.ts'
import type { Blocker } from './events.ts'
import type { Statement } from './migration.ts'
import { remedyFor } from './remedy.ts'
import type { Failure } from './work.ts'

type Told = {
  readonly error: ServerError
  /** Undefined where no single statement is to blame. */
  readonly statement: Statement | undefined
  /** 1-based, in the text of the statement, in characters. */
  readonly position?: number | undefined
  readonly blockers?: readonly Blocker[] | undefined
  readonly remedy?: string
}

/** What can be said about a failure, without a value of any row. */
export function describeFailure({ error, statement, position, blockers, remedy }: Told): Failure {
  const text = statement?.text ?? ''
  return {
    statementNo: statement?.no,
    ...(statement === undefined
      ? { line: undefined, column: undefined }
      : placeOf(statement, position)),
    error: withoutValues(error, text),
    remedy: remedy ?? blockerRemedy(error, blockers) ?? remedyFor(error.code),
  }
}

/** A failure that the engine found itself. */
export function ownFailure(
  statement: Statement | undefined,
  {
    message,
    sqlstate,
    remedy,
  }: {
    readonly message: string
    /** Where the server would have said the same. */
    readonly sqlstate?: string
    readonly remedy: string
  },
): Failure {
  return {
    statementNo: statement?.no,
    line: statement?.line,
    column: statement?.column,
    error: {
      sqlstate,
      message,
      detail: undefined,
      hint: undefined,
      schema: undefined,
      table: undefined,
      columnName: undefined,
      constraint: undefined,
    },
    remedy,
  }
}

/** Where in its file a character of a statement stands; 1-based. */
function placeOf(
  { text, line, column }: Statement,
  position: number | undefined,
): { readonly line: number; readonly column: number } {
  if (position === undefined) return { line, column }
  const before = Array.from(text).slice(0, position - 1)
  const lines = before.join('').split('\n')
  const last = Array.from(lines.at(-1) ?? '').length
  if (lines.length === 1) return { line, column: column + last }
  return { line: line + lines.length - 1, column: last + 1 }
}

function blockerRemedy({ code }: ServerError, blockers: readonly Blocker[] = []) {
  const [first] = blockers
  if (code !== '55P03' || first === undefined) return undefined
  const { pid, application, user, state, transactionS } = first
  const who = application === '' ? user : `${application}, ${user}`
  return `Wait for session ${pid} (${who}; ${state} for ${Math.round(transactionS)} s), or end it: select pg_terminate_backend(${pid}); then start again.`
}

/** A failure as the ledger keeps it. */
export function storedFailure({
  statementNo,
  line,
  column,
  error,
  remedy,
}: Failure): StoredFailure {
  return {
    statementNo,
    message: error.message,
    detail: {
      statement_no: statementNo,
      sqlstate: error.sqlstate,
      message: error.message,
      detail: error.detail,
      hint: error.hint,
      line,
      column,
      schema: error.schema,
      table: error.table,
      column_name: error.columnName,
      constraint: error.constraint,
      remedy,
    },
  }
}
