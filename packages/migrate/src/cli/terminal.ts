import { stripVTControlCharacters, styleText } from 'node:util'

/** Where a command writes: standard output or standard error. */
export type Output = {
  write(text: string): unknown
  readonly isTTY?: boolean | undefined
  /** Characters in a line, where somebody looks. */
  readonly columns?: number | undefined
}

export type Tone = 'good' | 'bad' | 'careful' | 'quiet' | 'strong' | 'name'

/** Gives a text a tone, or leaves it as it is where nobody looks. */
export type Paint = (tone: Tone, text: string) => string

const formats = {
  good: 'green',
  bad: 'red',
  careful: 'yellow',
  quiet: 'dim',
  strong: 'bold',
  name: 'cyan',
} as const satisfies Record<Tone, Parameters<typeof styleText>[0]>

type Environment = Readonly<Record<string, string | undefined>>

/** Colours on a terminal only, and never with NO_COLOR (no-color.org: set and not empty). */
export function paintFor(output: Output, env: Environment): Paint {
  const wanted = output.isTTY === true && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb'
  if (!wanted) return (_, text) => text
  return (tone, text) => styleText(formats[tone], text, { validateStream: false })
}

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })

/** As people count them: a letter with its marks is one. */
const charactersOf = (text: string) => Array.from(graphemes.segment(text), ({ segment }) => segment)

/** The width of a text in a terminal; marks that stand on another character take no room. */
export function widthOf(text: string): number {
  return charactersOf(stripVTControlCharacters(text)).length
}

/**
 * Rows as lines with aligned columns, two blanks between them and none at the end.
 *
 * @param rows all with as many cells as the first
 */
export function alignColumns(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, index) =>
    Math.max(...rows.map((row) => widthOf(row[index] ?? ''))),
  )
  return rows.map((row) =>
    row
      .map((cell, index) => `${cell}${' '.repeat((widths[index] ?? 0) - widthOf(cell))}`)
      .join('  ')
      .trimEnd(),
  )
}

/** A text cut to a width, with an ellipsis where something is missing. */
export function shorten(text: string, width: number): string {
  const characters = charactersOf(text)
  if (characters.length <= width) return text
  return width < 1 ? '' : `${characters.slice(0, width - 1).join('')}…`
}

/** A list broken into lines that are no wider than `width`, where its words allow it. */
export function wrapList(items: readonly string[], width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const [index, item] of items.entries()) {
    const word = index === items.length - 1 ? item : `${item},`
    const longer = line === '' ? word : `${line} ${word}`
    if (line !== '' && widthOf(longer) > width) {
      lines.push(line)
      line = word
    } else line = longer
  }
  return line === '' ? lines : [...lines, line]
}
