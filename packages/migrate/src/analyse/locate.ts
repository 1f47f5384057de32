import type { Positions } from '../text/positions.ts'
import type { StatementText } from '../text/source.ts'

/**
 * Where an identifier stands in a statement: the syntax tree keeps no places of the names in keys,
 * lists and subcommands.
 *
 * @param nearByte where to begin; the first match behind it counts, else the first of the statement
 * @returns undefined where the statement does not contain it
 */
export function locateName(
  statement: StatementText,
  positions: Positions,
  { word, nearByte }: { readonly word: string; readonly nearByte?: number | undefined },
): { readonly line: number; readonly column: number } | undefined {
  const start = Math.max(nearByte ?? statement.startByte, statement.startByte)
  for (const from of [start, statement.startByte]) {
    const text = positions.slice(from, statement.endByte)
    const found = indexOfName(text, word)
    if (found !== undefined) return positions.at(from + Buffer.byteLength(text.slice(0, found)))
  }
  return undefined
}

const tokens = /--[^\n]*|'(?:[^']|'')*'|"(?:[^"]|"")*"|[\p{L}_][\p{L}\p{N}_$]*|\S/gu

/** The start of the dotted name that ends with the identifier; literals and comments do not count. */
function indexOfName(text: string, word: string): number | undefined {
  let start = 0
  let before = ''
  for (const { 0: token, index } of text.matchAll(tokens)) {
    if (before !== '.' && token !== '.') start = index
    if (isNamed(token, word)) return start
    before = token
  }
  return undefined
}

function isNamed(token: string, word: string): boolean {
  if (token.startsWith('"')) return token.slice(1, -1).replaceAll('""', '"') === word
  return token.toLowerCase() === word
}
