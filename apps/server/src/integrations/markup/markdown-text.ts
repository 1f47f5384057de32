/** Where a text stands in Markdown. */
export type MarkdownPlace = {
  /** In a cell every bar is a border. */
  readonly inCell: boolean
  /** In the words of a link or an image brackets are written as references. */
  readonly inLabel?: boolean
  /** In a heading a sign `#` at the end is taken away. */
  readonly inHeading: boolean
}

const alphanumeric = /[A-Za-z0-9]/

/** Text that Markdown shows exactly as it is; beginnings of lines are the caller's. */
export function escapeMarkdown(text: string, place: MarkdownPlace): string {
  let result = ''
  for (let index = 0; index < text.length; index += 1) {
    const sign = text.charAt(index)
    if (place.inLabel === true && '[]'.includes(sign)) result += `&#${sign.charCodeAt(0)};`
    else result += escaped(text, index, place) ? `\\${sign}` : asReference(text, index)
  }
  return result
}

function escaped(text: string, index: number, place: MarkdownPlace): boolean {
  const sign = text.charAt(index)
  return alwaysEscaped.has(sign) || (escapedSometimes[sign]?.({ text, index, place }) ?? false)
}

const alwaysEscaped = new Set('\\`*[]<~')

type Where = { readonly text: string; readonly index: number; readonly place: MarkdownPlace }

/** When a sign would be more than itself. */
const escapedSometimes: Readonly<Partial<Record<string, (where: Where) => boolean>>> = {
  '|': ({ place }) => place.inCell,
  // A link may follow.
  '!': ({ text, index }) => index === text.length - 1,
  '#': ({ place }) => place.inHeading,
  _: ({ text, index }) =>
    !alphanumeric.test(text.charAt(index - 1)) || !alphanumeric.test(text.charAt(index + 1)),
  // Addresses become links by themselves.
  ':': ({ text, index }) => text.charAt(index + 1) === '/',
  '.': ({ text, index }) => /www$/i.test(text.slice(Math.max(0, index - 3), index)),
  '@': ({ text, index }) => !['', ' '].includes(text.charAt(index - 1)),
}

function asReference(text: string, index: number): string {
  const sign = text.charAt(index)
  if (sign === '&' && /^&#?\w+;/.test(text.slice(index, index + 12))) return '&amp;'
  if (sign !== ' ' && /\s/.test(sign)) return `&#${sign.charCodeAt(0)};`
  return sign
}

/** Disarms what makes a line a heading, a list, a quote, a table or a rule. */
export function escapeLineStart(line: string): string {
  if (/^(?:#{1,6}(?:\s|$)|>|[-+](?:\s|$)|[-=|:+]+[\s\-|:=]*$|[-=:]{2}|\|)/.test(line))
    return `\\${line}`
  return line.replace(/^(\d{1,9})([.)])(?=\s|$)/, '$1\\$2')
}

/** The target of a link or an image. */
export function markdownUrl(url: string, { inCell }: MarkdownPlace): string {
  const safe = url.replaceAll(/&(?=#?\w+;)/g, '&amp;')
  if (/^[\w\-.~:/?#@!$&+,;=%]*$/.test(safe)) return safe
  const enclosed = safe.replaceAll(/[<>\\]/g, String.raw`\$&`)
  return `<${inCell ? enclosed.replaceAll('|', String.raw`\|`) : enclosed}>`
}

/** With the space before it. */
export function markdownTitle(title: string | undefined, { inCell }: MarkdownPlace): string {
  if (title === undefined) return ''
  const safe = title.replaceAll(/["\\]/g, String.raw`\$&`).replaceAll(/&(?=#?\w+;)/g, '&amp;')
  return ` "${inCell ? safe.replaceAll('|', String.raw`\|`) : safe}"`
}
