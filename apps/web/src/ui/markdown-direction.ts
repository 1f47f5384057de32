import type { Token, Tokens } from 'marked'

export type TextDirection = 'rtl' | 'ltr'

const hebrew = /[\u05D0-\u05EA\uFB1D-\uFB4F]/g
const latin = /\p{Script=Latin}/gu

/**
 * Direction of a text by its letters: right to left where Hebrew letters × 2 ≥ Latin letters
 * (HE-4), so that a Hebrew sentence full of product names stays Hebrew.
 *
 * @returns undefined for a text without letters of either script: it follows what is around it
 */
export function letterDirection(text: string): TextDirection | undefined {
  const hebrewCount = text.match(hebrew)?.length ?? 0
  const latinCount = text.match(latin)?.length ?? 0
  if (hebrewCount + latinCount === 0) return undefined
  return hebrewCount * 2 >= latinCount ? 'rtl' : 'ltr'
}

/** What a person reads in a Markdown token, without code and without addresses. */
export function readText(token: Token): string {
  if (token.type === 'code' || token.type === 'codespan') return ''
  if (token.type === 'table') return readTable(token as Tokens.Table)
  if (token.type === 'list') return (token as Tokens.List).items.map(readText).join(' ')
  if ('tokens' in token) return token.tokens?.map(readText).join(' ') ?? ''
  return 'text' in token ? String(token.text) : ''
}

function readTable({ header, rows }: Tokens.Table): string {
  return [header, ...rows]
    .flat()
    .map((cell) => cell.tokens.map(readText).join(' '))
    .join(' ')
}
