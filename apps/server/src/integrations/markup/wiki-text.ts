import { addressAtStart } from './links.ts'

/**
 * How text is kept from becoming markup in Jira's wiki renderer.
 *
 * A mark such as `*` is seen where no letter or digit stands before it and no space behind it, and
 * needs a partner on the same line; without a live beginning there is no mark, so only beginnings
 * are escaped and `snake_case`, `e-mail` and `ה-API` stay readable. A backslash escapes the signs
 * `- # * _ + ? ^ ~ | % { } [ ] ( ) ! @` and nothing else; for the rest character references are used,
 * which the renderer keeps. Behaviour: "Text Formatting Notation Help" of Jira Data Center and the
 * published sources of its renderer.
 */
const beginsMark = /(?<![\p{L}\p{Nd}])[*_+^~!-](?=\S|\s*$)|(?<![\p{L}\p{Nd}])\?(?=\?)/gu

/** The symbols that become pictures; those that end in a letter only where no other follows. */
const emoticon = /\((?:[yni/x!+?*-]|on|off|\*[rgby]|flag|flagoff)\)|[:;]-?[()]|:-?[PD](?![a-z])/giu

const address = /(?<![\p{L}\p{Nd}])https?:\/\//giu

export type WikiPlace = {
  /** Marks around this text; their signs end the mark wherever they stand. */
  readonly within: ReadonlySet<string>
  /** In a cell every bar is a border. */
  readonly inCell: boolean
  /** In the label of a link brackets and bars are structure. */
  readonly inLabel: boolean
}

/** Text that Jira shows exactly as it is. Beginnings of lines are the caller's, see `escapeStart`. */
// oxlint-disable-next-line complexity -- one condition after the other, each of its own
export function escapeWiki(text: string, { within, inCell, inLabel }: WikiPlace): string {
  const structure = inCell ? '{}[]|' : '{}[]'
  const escaped = new Set<number>()
  const references = new Map<number, string>()
  for (const match of text.matchAll(beginsMark)) escaped.add(match.index)
  // `*# text*` at the beginning of a line would be an item of a list in a list.
  if (within.size > 0 && /^\s*[*#-]/.test(text)) escaped.add(text.search(/\S/))
  for (const match of text.matchAll(emoticon)) disarm(match, { escaped, references })
  for (const { index } of text.matchAll(address))
    if (addressAtStart(text.slice(index)) !== undefined)
      references.set(index, reference(text.charAt(index)))
  for (let index = 0; index < text.length; index += 1) {
    const sign = text.charAt(index)
    if (structure.includes(sign) || within.has(sign)) escaped.add(index)
  }
  return rewrite(text, { escaped, references, inLabel })
}

type Changes = { readonly escaped: Set<number>; readonly references: Map<number, string> }

function disarm(match: RegExpExecArray, { escaped, references }: Changes): void {
  const [symbol] = match
  const parenthesis = symbol.search(/[()]/)
  if (parenthesis === -1) references.set(match.index, reference(symbol.charAt(0)))
  else escaped.add(match.index + parenthesis)
}

function rewrite(
  text: string,
  { escaped, references, inLabel }: Changes & { readonly inLabel: boolean },
): string {
  let result = ''
  for (let index = 0; index < text.length; index += 1) {
    const sign = text.charAt(index)
    const known = references.get(index)
    if (known !== undefined) result += known
    else if (inLabel && '[]|'.includes(sign)) result += reference(sign)
    else if (escaped.has(index)) result += `\\${sign}`
    else if (sign === '\\' && isLiveBackslash(text.charAt(index + 1))) result += reference(sign)
    else if (sign === '&' && /^&#?\w+;/.test(text.slice(index, index + 12))) result += '&amp;'
    else result += sign
  }
  return result
}

/** Before a letter a backslash is one; elsewhere it may come to stand before a sign. */
function isLiveBackslash(next: string): boolean {
  return !/[\p{L}\p{Nd}]/u.test(next)
}

function reference(sign: string): string {
  return `&#${sign.codePointAt(0)};`
}

/** Disarms what makes a line a list, a heading, a quote, a table or a rule. */
export function escapeStart(line: string): string {
  const [, space = '', rest = ''] = /^(\s*)([\s\S]*)$/.exec(line) ?? []
  if (/^[*#-]+\s/.test(rest) || rest.startsWith('|')) return `${space}\\${rest}`
  if (/^(h[1-6]|bq)\./i.test(rest)) return `${space}${reference(rest.charAt(0))}${rest.slice(1)}`
  return line
}
