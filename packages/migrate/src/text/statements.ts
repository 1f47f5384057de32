import { type Objection, objectTo } from '../objection.ts'
import type { Node, Parser, RawStmt } from './parser.ts'
import { createPositions, type Positions } from './positions.ts'
import type { MigrationSource, StatementText } from './source.ts'
import { textReasons } from './text-reasons.ts'

/** A statement with PostgreSQL's syntax tree of it. Locations in the tree are bytes of the file. */
export type ParsedStatement = StatementText & { readonly node: Node }

export type SplitSource =
  | {
      readonly kind: 'parsed'
      readonly statements: readonly ParsedStatement[]
      readonly positions: Positions
    }
  | { readonly kind: 'refused'; readonly objections: readonly Objection[] }

type Splittable = Pick<MigrationSource, 'id' | 'file' | 'text'>

/**
 * Splits a file into its statements with PostgreSQL's own parser, so that dollar quotes, comments
 * and `BEGIN ATOMIC` bodies are seen as the server sees them.
 *
 * @returns `refused` for syntax errors, commands of psql and COPY data, with line and column
 */
export function splitStatements(source: Splittable, parser: Parser): SplitSource {
  const parsed = parser.parse(source.text)
  if (parsed.kind === 'syntax-error')
    return { kind: 'refused', objections: [objectToSyntax(source, parsed)] }
  const positions = createPositions(source.text)
  const statements = parsed.statements.flatMap((raw) => statementOf(raw, positions))
  const numbered = statements.map((statement, index) => ({ ...statement, no: index + 1 }))
  const copies = numbered.filter(({ node }) => isCopyFromClient(node))
  if (copies.length > 0)
    return { kind: 'refused', objections: copies.map((one) => objectToCopy(source, one)) }
  return { kind: 'parsed', statements: numbered, positions }
}

function statementOf(raw: RawStmt, positions: Positions): ParsedStatement[] {
  if (raw.stmt === undefined) return []
  const from = raw.stmt_location ?? 0
  const to =
    raw.stmt_len === undefined || raw.stmt_len === 0 ? positions.lengthBytes : from + raw.stmt_len
  const whole = positions.slice(from, to)
  const text = whole.slice(leadingLength(whole)).trimEnd()
  const startByte = from + Buffer.byteLength(whole.slice(0, leadingLength(whole)))
  const endByte = startByte + Buffer.byteLength(text)
  return [{ no: 0, text, startByte, endByte, ...positions.at(startByte), node: raw.stmt }]
}

/** Length of the white space and comments at the beginning of a text. */
export function leadingLength(text: string): number {
  let at = 0
  for (;;) {
    const next = skipOne(text, at)
    if (next === at) return at
    at = next
  }
}

function skipOne(text: string, at: number): number {
  if (/\s/.test(text[at] ?? 'x')) return at + 1
  if (text.startsWith('--', at)) return endOr(text.indexOf('\n', at), text)
  if (text.startsWith('/*', at)) return endOfComment(text, at)
  return at
}

const endOr = (found: number, text: string) => (found === -1 ? text.length : found)

/** Comments of this kind nest in PostgreSQL. */
function endOfComment(text: string, from: number): number {
  const marks = /\/\*|\*\//g
  marks.lastIndex = from
  let depth = 0
  for (let mark = marks.exec(text); mark !== null; mark = marks.exec(text)) {
    depth += mark[0] === '/*' ? 1 : -1
    if (depth === 0) return marks.lastIndex
  }
  return text.length
}

function isCopyFromClient(node: Node): boolean {
  if (!('CopyStmt' in node)) return false
  const { is_from, filename, is_program } = node.CopyStmt
  return is_from === true && is_program !== true && (filename ?? '') === ''
}

function objectToCopy({ id, file }: Splittable, { no, line, column }: StatementText): Objection {
  return objectTo(textReasons.copyData, { migration: id, file, statementNo: no, line, column })
}

function objectToSyntax(
  source: Splittable,
  { message, offset }: { message: string; offset: number },
): Objection {
  const before = Array.from(source.text).slice(0, offset).join('')
  const place = { migration: source.id, file: source.file, ...endOf(before) }
  const copy = /\bcopy\b[^;]*\bfrom\s+stdin\b[^;]*;\s*$/i.exec(before)
  if (copy !== null)
    return objectTo(textReasons.copyData, { ...place, ...endOf(before.slice(0, copy.index)) })
  const rest = source.text.slice(before.length)
  if (rest.startsWith('\\'))
    return objectTo(textReasons.psqlCommand, place, { command: rest.split(/\s/)[0] ?? '\\' })
  return objectTo(textReasons.syntax, place, { message })
}

function endOf(text: string) {
  const lines = text.split('\n')
  return { line: lines.length, column: Array.from(lines.at(-1) ?? '').length + 1 }
}
