import { createHash } from 'node:crypto'
import type { Parser } from './parser.ts'
import type { MigrationHeader, MigrationSource } from './source.ts'

const comments = new Set(['SQL_COMMENT', 'C_COMMENT'])

/**
 * SHA-256 in hex of what a migration means: its tokens and what its header asks for. White space,
 * comments, line ends, a BOM and `why` may change; every literal, type modifier, dollar-quoted body
 * and quoted identifier counts to the byte.
 *
 * The exact text of a token decides alone, without the parser's number for its kind: those numbers
 * change with every major version of PostgreSQL's grammar, and checksums must not.
 */
export function checksumOf(
  source: Pick<MigrationSource, 'text' | 'header'>,
  parser: Parser,
): string {
  const hash = createHash('sha256')
  for (const token of tokensOf(source.text, parser)) hash.update(token).update('\0')
  return hash.update(headerFacts(source.header)).digest('hex')
}

/**
 * The tokens of a text without comments, as written. A text that has no tokens because a quote is
 * never closed is its own only token; the parser refuses it elsewhere.
 */
export function tokensOf(text: string, parser: Parser): string[] {
  const bytes = Buffer.from(text)
  try {
    return parser
      .scan(text)
      .filter(({ tokenName }) => !comments.has(tokenName))
      .map(({ start, end }) => bytes.toString('utf8', start, end))
  } catch {
    return [text]
  }
}

/** Only what differs from the default, so that a key of a later version changes no old checksum. */
function headerFacts({ why: _, ...header }: MigrationHeader): string {
  const said = Object.entries(header).filter(
    ([key, value]) =>
      value !== undefined &&
      value !== false &&
      !(Array.isArray(value) && value.length === 0 && key !== 'after') &&
      value !== 'schema_change' &&
      value !== 'auto',
  )
  return JSON.stringify(said.toSorted(([left], [right]) => (left < right ? -1 : 1)))
}
