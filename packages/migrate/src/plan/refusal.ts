import type { MigrationAnalysis } from '../analyse/analysis.ts'
import { nameOf, type Facts } from '../catalog/fact.ts'
import { objectTo, type Objection, type Reason } from '../objection.ts'
import type { ShadowError } from '../shadow/server-error.ts'
import { nearestName } from '../text/nearest.ts'
import { planReasons } from './plan-reasons.ts'

type Refused = {
  /** 1-based; one more than there are statements where COMMIT failed. */
  readonly statementNo: number
  readonly error: ShadowError
  /** What the shadow held at that moment, to find what was meant. */
  readonly facts: Pick<Facts, 'rows'>
}

/** What the server said about a statement of a file, with its place there. */
export function objectToRefusal(
  { id, file, statements }: Pick<MigrationAnalysis, 'id' | 'file' | 'statements'>,
  { statementNo, error, facts }: Refused,
): Objection {
  const statement = statements[Math.min(statementNo, statements.length) - 1]
  const place = {
    migration: id,
    file,
    statementNo: statement?.no ?? statementNo,
    ...(statement === undefined ? {} : placeIn(statement, error.position)),
  }
  const name = nameIn(error)
  const nearest = name === undefined ? undefined : nearestOf(name, facts)
  const reason = reasonOf(error, nearest)
  const object = name ?? objectOf(error)
  return objectTo(reason, object === undefined ? place : { ...place, object }, {
    message: error.message,
    sqlstate: error.sqlstate,
    nearest,
    hint: error.hint ?? '',
  })
}

/** Line and column in the file of a character of the statement; of its beginning where none is told. */
export function placeIn(
  { text, line, column }: { readonly text: string; readonly line: number; readonly column: number },
  position: number | undefined,
): { readonly line: number; readonly column: number } {
  const before = Array.from(text).slice(0, (position ?? 1) - 1)
  const lastBreak = before.lastIndexOf('\n')
  if (lastBreak === -1) return { line, column: column + before.length }
  const breaks = before.filter((character) => character === '\n').length
  return { line: line + breaks, column: before.length - lastBreak }
}

const missing = new Set(['42P01', '42703', '42883', '42704', '3F000', '42P02', '3D000'])
const there = new Set(['42P07', '42701', '42710', '42P06', '42723', '42P04'])

function reasonOf({ sqlstate }: ShadowError, nearest: string | undefined): Reason {
  if (missing.has(sqlstate))
    return nearest === undefined ? planReasons.unknown : planReasons.unknownNear
  if (there.has(sqlstate)) return planReasons.exists
  const exact: Readonly<Record<string, Reason>> = {
    '2BP01': planReasons.depended,
    '42501': planReasons.right,
    '42601': planReasons.syntax,
    '55P04': planReasons.newLabel,
  }
  const isData = ['22', '23'].includes(sqlstate.slice(0, 2))
  return exact[sqlstate] ?? (isData ? planReasons.data : planReasons.refused)
}

/** The name that nothing has; the shadow speaks English unless a server was told otherwise. */
function nameIn({ sqlstate, message }: ShadowError): string | undefined {
  if (!missing.has(sqlstate)) return undefined
  const quoted = [...message.matchAll(/"((?:[^"]|"")*)"/g)].map(([, name = '']) => name)
  const plain = /^(?:column|function|operator|relation) ([^\s"]+) does not exist/.exec(message)?.[1]
  const [name, table] = quoted
  if (name === undefined) return plain
  return sqlstate === '42703' && table !== undefined ? `${table}.${name}` : name
}

const objectOf = ({ schema, table, column, constraint }: ShadowError): string | undefined => {
  const parts = [schema, table, column ?? constraint].filter((part) => part !== undefined)
  return parts.length === 0 ? undefined : parts.join('.')
}

function nearestOf(name: string, { rows }: Pick<Facts, 'rows'>): string | undefined {
  const bare = name.replace(/\(.*$/s, '').split('.').at(-1) ?? name
  const candidates = new Map(rows.map((fact) => [fact.name.replace(/\(.*$/s, ''), fact]))
  const nearest = nearestName(bare, candidates.keys())
  const fact = nearest === undefined ? undefined : candidates.get(nearest)
  return fact === undefined || nearest === bare ? undefined : nameOf(fact)
}
