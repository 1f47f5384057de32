import { colorOf } from './colors.ts'
import type { Image, Inline, Mark, SimpleMark } from './document.ts'
import { emojiOfSymbol } from './emoticons.ts'
import { decodeEntities } from './entities.ts'
import { addressAtStart, isAbsolute } from './links.ts'

/** Constructs in a line are looked for as far as this: what never ends is text. */
const reachMax = 2_000

const marks: Readonly<Record<string, SimpleMark>> = {
  '*': 'strong',
  _: 'emphasis',
  '-': 'strike',
  '+': 'underline',
  '^': 'superscript',
  '~': 'subscript',
}

/** What a backslash takes the meaning of. */
const escapable = new Set('-#*_+?^~|%{}[]()!@')

/** One line of wiki markup. Linear but for constructs in each other, each at most once. */
export function readWikiInlines(line: string): Inline[] {
  return read({ line, from: 0, to: line.length, marks: [], unclosed: new Map() })
}

type Span = {
  readonly line: string
  readonly from: number
  readonly to: number
  readonly marks: readonly Mark[]
  /** For a sign the place from which on it is known never to close. */
  readonly unclosed: Map<string, number>
}

type Found = { readonly end: number; readonly inlines: readonly Inline[] }

function read(span: Span): Inline[] {
  const { line, from, to } = span
  const result: Inline[] = []
  let words = ''
  let raw = ''
  const endRaw = () => {
    words += decodeEntities(raw)
    raw = ''
  }
  const endText = () => {
    endRaw()
    if (words !== '') result.push({ type: 'text', text: words, marks: span.marks })
    words = ''
  }
  let index = from
  while (index < to) {
    const sign = line.charAt(index)
    const next = line.charAt(index + 1)
    if (sign === '\\' && escapable.has(next)) {
      endRaw()
      words += next
      index += 2
      continue
    }
    const found = special.has(sign) ? constructAt(span, index) : undefined
    if (found !== undefined && found.end <= to) {
      endText()
      result.push(...found.inlines)
      index = found.end
      continue
    }
    raw += sign
    index += 1
  }
  endText()
  return result
}

const special = new Set('\\{[!*_-+^~?(:;hH')

function constructAt(span: Span, index: number): Found | undefined {
  const construct = constructs[span.line.charAt(index)] ?? phraseAt
  return construct(span, index)
}

type Construct = (span: Span, index: number) => Found | undefined

/** What each sign begins; any other may begin a phrase. */
const constructs: Readonly<Partial<Record<string, Construct>>> = {
  '\\': breakAt,
  '{': bracesAt,
  '[': linkAt,
  '!': imageAt,
  '?': citationAt,
  '(': symbolAt,
  ':': symbolAt,
  ';': symbolAt,
  h: addressAt,
  H: addressAt,
}

function breakAt({ line }: Span, index: number): Found | undefined {
  if (line.charAt(index + 1) !== '\\') return undefined
  return { end: index + 2, inlines: [{ type: 'break' }] }
}

function isWord(sign: string): boolean {
  return sign !== '' && /[\p{L}\p{Nd}]/u.test(sign)
}

/** A character may be two units long. */
function before(line: string, index: number): string {
  return Array.from(line.slice(Math.max(0, index - 2), index)).at(-1) ?? ''
}

function after(line: string, index: number): string {
  const point = line.codePointAt(index)
  return point === undefined ? '' : String.fromCodePoint(point)
}

function isActive(span: Span, type: Mark['type']): boolean {
  return span.marks.some((mark) => mark.type === type)
}

function within(
  span: Span,
  from: number,
  { to, mark }: { readonly to: number; readonly mark: Mark },
) {
  return read({ ...span, from, to, marks: [...span.marks, mark], unclosed: new Map() })
}

// oxlint-disable-next-line complexity -- one condition after the other, each of its own
function phraseAt(span: Span, index: number): Found | undefined {
  const { line, to } = span
  const sign = line.charAt(index)
  const type = Object.hasOwn(marks, sign) ? marks[sign] : undefined
  if (type === undefined || isActive(span, type) || isWord(before(line, index))) return undefined
  const next = line.charAt(index + 1)
  if (next === '' || /\s/.test(next) || next === sign) return undefined
  if ((span.unclosed.get(sign) ?? Infinity) <= index) return undefined
  const close = closingAt(span, index + 1, sign)
  if (close === undefined || close >= to) {
    span.unclosed.set(sign, index)
    return undefined
  }
  return { end: close + 1, inlines: within(span, index + 1, { to: close, mark: { type } }) }
}

function closingAt({ line, to }: Span, from: number, sign: string): number | undefined {
  let index = from
  while (index < to) {
    const skipped = skip(line, index, to)
    if (skipped > index) {
      index = skipped
      continue
    }
    const closes = line.charAt(index) === sign && index > from
    if (closes && !/\s/.test(line.charAt(index - 1)) && !isWord(after(line, index + 1)))
      return index
    index += 1
  }
  return undefined
}

/** Over what holds signs that are no marks: escapes, links, images, braces. */
function skip(line: string, index: number, to: number): number {
  const sign = line.charAt(index)
  const end = skips[sign]?.(line, index)
  const isBeyond = sign !== '\\' && (end ?? 0) > to
  return end === undefined || isBeyond ? index : end
}

/** Where what a sign begins is over; undefined where it begins nothing. */
const skips: Readonly<
  Partial<Record<string, (line: string, index: number) => number | undefined>>
> = {
  '\\': (line, index) => (escapable.has(line.charAt(index + 1)) ? index + 2 : undefined),
  '[': (line, index) => behind(endOf(line, index, ']')),
  '{': (line, index) =>
    line.charAt(index + 1) === '{' ? codeEnd(line, index + 2) : behind(endOf(line, index, '}')),
  '!'(line, index) {
    const image = imageWritten(line, index)
    return image && index + image.written.length
  },
}

function behind(end: number | undefined): number | undefined {
  return end === undefined ? undefined : end + 1
}

function endOf(line: string, index: number, sign: string): number | undefined {
  const window = line.slice(index, index + reachMax)
  let end = window.indexOf(sign, 1)
  while (end > 0 && window.charAt(end - 1) === '\\') end = window.indexOf(sign, end + 1)
  return end === -1 ? undefined : index + end
}

/** Behind the `}}` of code in a line. */
function codeEnd(line: string, from: number): number | undefined {
  const window = line.slice(from, from + reachMax * 10)
  for (let index = 1; index < window.length; index += 1) {
    if (window.charAt(index - 1) === '\\' && escapable.has(window.charAt(index))) continue
    if (window.startsWith('}}', index)) return from + index + 2
  }
  return undefined
}

function bracesAt(span: Span, index: number): Found | undefined {
  const { line } = span
  if (line.startsWith('{{{}', index)) return forcedCode(span, index)
  if (line.startsWith('{{', index)) return codeAt(span, index)
  const forced = /^\{([*_\-+^~])\}/.exec(line.slice(index, index + 3))?.[1]
  if (forced !== undefined) return forcedPhrase(span, index, forced)
  const written = /^\{color:([^{}\n]{1,40})\}/.exec(line.slice(index, index + 50))
  if (written !== null) {
    const colored = colorAt(span, index, { written: written[0], value: written[1] ?? '' })
    if (colored !== undefined) return colored
  }
  const macro = /^\{([A-Za-z][\w-]*)(?::[^{}\n]{0,1000})?\}/.exec(line.slice(index, index + 1_100))
  if (macro === null) return undefined
  const [source, label = ''] = macro
  return opaque(index, source, label)
}

function opaque(index: number, source: string, label: string): Found {
  return {
    end: index + source.length,
    inlines: [{ type: 'opaque', format: 'wiki', source, label }],
  }
}

function codeOf(span: Span, from: number, to: number): Inline[] {
  const words = unescape(span.line.slice(from, to))
  return words === ''
    ? []
    : [{ type: 'text', text: words, marks: [...span.marks, { type: 'code' }] }]
}

/** Text in which nothing but escapes is read. */
function unescape(written: string): string {
  return written
    .split(/(\\[-#*_+?^~|%{}[\]()!@])/)
    .map((part, index) => (index % 2 === 1 ? part.slice(1) : decodeEntities(part)))
    .join('')
}

function codeAt(span: Span, index: number): Found | undefined {
  const { line, to } = span
  if (isWord(before(line, index)) || /\s/.test(line.charAt(index + 2))) return undefined
  const end = codeEnd(line, index + 2)
  if (end === undefined || end > to || isWord(after(line, end))) return undefined
  return { end, inlines: codeOf(span, index + 2, end - 2) }
}

function forcedCode(span: Span, index: number): Found | undefined {
  const { line, to } = span
  const close = line.indexOf('{}}}', index + 4)
  if (close === -1 || close + 4 > to || close > index + reachMax * 10) return undefined
  return { end: close + 4, inlines: codeOf(span, index + 4, close) }
}

function forcedPhrase(span: Span, index: number, sign: string): Found | undefined {
  const type = marks[sign]
  if (type === undefined || isActive(span, type)) return undefined
  const name = `{${sign}}`
  if ((span.unclosed.get(name) ?? Infinity) <= index) return undefined
  const close = span.line.indexOf(name, index + 3)
  if (close === -1 || close + 3 > span.to) {
    span.unclosed.set(name, index)
    return undefined
  }
  return { end: close + 3, inlines: within(span, index + 3, { to: close, mark: { type } }) }
}

type Color = { readonly written: string; readonly value: string }

function colorAt(span: Span, index: number, { written, value }: Color): Found | undefined {
  const color = colorOf(value)
  if (color === undefined || isActive(span, 'color')) return undefined
  if ((span.unclosed.get('color') ?? Infinity) <= index) return undefined
  const from = index + written.length
  const close = span.line.indexOf('{color}', from)
  if (close === -1 || close + 7 > span.to) {
    span.unclosed.set('color', index)
    return undefined
  }
  const mark: Mark = { type: 'color', color }
  return { end: close + 7, inlines: within(span, from, { to: close, mark }) }
}

// oxlint-disable-next-line complexity -- one condition after the other, each of its own
function linkAt(span: Span, index: number): Found | undefined {
  const { line, to } = span
  const close = endOf(line, index, ']')
  if (close === undefined || close >= to || close === index + 1) return undefined
  const end = close + 1
  const inner = line.slice(index + 1, close)
  if (inner.startsWith('~')) return { end, inlines: [mentionOf(inner.slice(1))] }
  const [first = '', second, ...others] = inner.split('|')
  const href = second ?? first
  const isLink = isAbsolute(href) && others.length < 2 && !isActive(span, 'link')
  if (!isLink) return opaque(index, line.slice(index, end), unescape(first))
  const tip = others[0] === undefined || others[0] === '' ? {} : { title: unescape(others[0]) }
  const mark: Mark = { type: 'link', href, ...tip }
  if (second === undefined)
    return { end, inlines: [{ type: 'text', text: href, marks: [...span.marks, mark] }] }
  const label = within(span, index + 1, { to: index + 1 + first.length, mark })
  return { end, inlines: label.length > 0 ? label : [{ type: 'text', text: href, marks: [mark] }] }
}

function mentionOf(name: string): Inline {
  const account = /^accountid:(.+)$/.exec(name)?.[1]
  return account === undefined
    ? { type: 'mention', by: 'name', id: name }
    : { type: 'mention', by: 'account', id: account }
}

const imagePattern = /^!([^\s!|{}[\]\\^][^!|{}[\]\\^\n]{0,1000})(?:\|([^!\\\n]{0,500}))?!/

type WrittenImage = {
  readonly written: string
  readonly source: Image['source']
  readonly parameters: string
}

function imageWritten(line: string, index: number): WrittenImage | undefined {
  if (isWord(before(line, index))) return undefined
  const found = imagePattern.exec(line.slice(index, index + reachMax))
  if (found === null) return undefined
  const [written, name = '', parameters = ''] = found
  if (/^https?:/i.test(name) && isAbsolute(name))
    return { written, source: { kind: 'url', url: name }, parameters }
  return /\.\w+$/.test(name)
    ? { written, source: { kind: 'attachment', name }, parameters }
    : undefined
}

function imageAt({ line }: Span, index: number): Found | undefined {
  const image = imageWritten(line, index)
  if (image === undefined) return undefined
  const { written, source, parameters } = image
  return {
    end: index + written.length,
    inlines: [withParameters({ type: 'image', source }, parameters)],
  }
}

// oxlint-disable-next-line complexity -- one condition after the other, each of its own
function withParameters(image: Image, parameters: string): Image {
  const kept: Record<string, unknown> = {}
  let result = image
  for (const part of parameters.split(',')) {
    const [name = '', ...rest] = part.split('=')
    const value = rest.join('=')
    if (name.trim() === 'alt' && value !== '') result = { ...result, alt: value }
    else if ((name.trim() === 'width' || name.trim() === 'height') && /^\d{1,5}$/.test(value))
      result = { ...result, [name.trim()]: Number(value) }
    else if (part.trim() !== '') kept[name.trim()] = rest.length === 0 ? true : value
  }
  if (Object.keys(kept).length === 0) return result
  return { ...result, kept: { format: 'wiki', attributes: kept } }
}

function citationAt({ line, to }: Span, index: number): Found | undefined {
  if (!line.startsWith('??', index) || isWord(before(line, index))) return undefined
  const found = /^\?\?([^\s?](?:[^?\n]{0,500}[^\s?])?)\?\?/.exec(line.slice(index, index + 510))
  if (found === null || index + found[0].length > to) return undefined
  return opaque(index, found[0], unescape(found[1] ?? ''))
}

const symbol = /^(?:\((?:[yni/x!+?*-]|on|off|\*[rgby]|flag|flagoff)\)|[:;]-?[()]|:-?[PDp](?![a-z]))/

function symbolAt({ line }: Span, index: number): Found | undefined {
  if (line.charAt(index) === ';' && /&#?\w{1,10}$/.test(line.slice(Math.max(0, index - 12), index)))
    return undefined
  const written = symbol.exec(line.slice(index, index + 10))?.[0]
  const emoji = written === undefined ? undefined : emojiOfSymbol(written)
  return written === undefined || emoji === undefined
    ? undefined
    : { end: index + written.length, inlines: [emoji] }
}

function addressAt(span: Span, index: number): Found | undefined {
  const { line, to } = span
  if (isActive(span, 'link') || isWord(before(line, index))) return undefined
  const href = addressAtStart(line.slice(index, Math.min(to, index + reachMax)))
  if (href === undefined) return undefined
  const mark: Mark = { type: 'link', href }
  return {
    end: index + href.length,
    inlines: [{ type: 'text', text: href, marks: [...span.marks, mark] }],
  }
}

/** The cells of a row that begins with a border. */
export function wikiCells(line: string): { readonly header: boolean; readonly text: string }[] {
  const cells: { readonly header: boolean; readonly text: string }[] = []
  const to = line.length
  let index = line.indexOf('|')
  while (index < to) {
    const header = line.charAt(index + 1) === '|'
    const from = index + (header ? 2 : 1)
    index = from
    while (index < to && line.charAt(index) !== '|')
      index = Math.max(index + 1, skip(line, index, to))
    const text = line.slice(from, index).replaceAll(/^[ \t]+|[ \t]+$/g, '')
    if (index < to || text !== '') cells.push({ header, text })
  }
  return cells
}
