import { Lexer, type Token } from 'marked'

/**
 * Reads Markdown that grows at its end. What is finished keeps its tokens from one reading to the
 * next: only the last two blocks are read again, because what follows may still change them.
 */
export function createGrowingLexer() {
  let settled: readonly Token[] = []
  let length = 0
  let before = ''

  return (text: string, isGrowing: boolean): readonly Token[] => {
    if (!text.startsWith(before.slice(0, length))) {
      settled = []
      length = 0
    }
    before = text
    const tail = text.slice(length)
    const read = new Lexer({ gfm: true }).lex(tail)
    const firm = isGrowing ? firmOf(read) : []
    settled = [...settled, ...firm]
    length += firm.reduce((sum, { raw }) => sum + raw.length, 0)
    const rest = read.slice(firm.length)
    const last = rest.at(-1)
    if (!isGrowing || last === undefined || last.type !== 'paragraph') return [...settled, ...rest]
    const healed = new Lexer({ gfm: true }).lex(heal(last.raw))
    return [...settled, ...rest.slice(0, -1), ...healed]
  }
}

const stillOpen = 2

/** Blocks to which nothing can be added; raw text that marked has changed cannot be counted on. */
function firmOf(tokens: readonly Token[]): readonly Token[] {
  return tokens.slice(0, Math.max(0, tokens.length - stillOpen))
}

/** Closes what a sentence in the middle has opened, so that its signs are not seen and gone again. */
function heal(text: string): string {
  const withoutLink = text.replace(/!?\[([^\]\n]*)\]\([^)\n]*$/, '$1')
  const codes = withoutLink.match(/`/g)?.length ?? 0
  const closed = codes % 2 === 0 ? withoutLink : `${withoutLink}\``
  const strong = closed.match(/\*\*/g)?.length ?? 0
  return strong % 2 === 0
    ? closed
    : `${closed.replace(/\*\*\s*$/, '')}${/\*\*\s*$/.test(closed) ? '' : '**'}`
}
