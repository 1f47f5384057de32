import { Parser } from 'htmlparser2'
import { lexer, type Token } from 'marked'
import PostalMime, { type Address } from 'postal-mime'
import type { Line } from './chunk-lines.ts'
import { decodeText } from './decode-text.ts'
import { linesOfRows } from './lines-of-rows.ts'

export function readPlainText(bytes: Uint8Array): Line[] {
  return decodeText(bytes)
    .split(/\r\n|\r|\n/)
    .map((text) => ({ text: text.trimEnd() }))
}

export function readCsv(bytes: Uint8Array): Line[] {
  const text = decodeText(bytes)
  return linesOfRows(parseRows(text, delimiterOf(text)))
}

/** Whatever divides the first line into most cells. */
function delimiterOf(text: string): string {
  const first = text.slice(0, text.search(/[\r\n]|$/))
  const counts = [',', ';', '\t'].map((char) => [char, first.split(char).length] as const)
  return counts.reduce((best, next) => (next[1] > best[1] ? next : best))[0]
}

/** Rows of RFC 4180; a quote that is never closed ends with the text. */
function parseRows(text: string, delimiter: string): string[][] {
  const rows: string[][] = []
  let row: string[] = []
  let at = 0
  while (at < text.length) {
    const { cell, end } = text[at] === '"' ? quotedCell(text, at) : plainCell(text, at, delimiter)
    row.push(cell)
    at = end + 1
    if (text[end] === delimiter) continue
    rows.push(row)
    row = []
    if (text[end] === '\r' && text[at] === '\n') at += 1
  }
  return row.length === 0 ? rows : [...rows, row]
}

type Cell = { readonly cell: string; readonly end: number }

function quotedCell(text: string, start: number): Cell {
  let end = text.indexOf('"', start + 1)
  while (end !== -1 && text[end + 1] === '"') end = text.indexOf('"', end + 2)
  const last = end === -1 ? text.length : end
  return { cell: text.slice(start + 1, last).replaceAll('""', '"'), end: last + 1 }
}

function plainCell(text: string, start: number, delimiter: string): Cell {
  let end = start
  while (end < text.length && !`${delimiter}\r\n`.includes(text.charAt(end))) end += 1
  return { cell: text.slice(start, end), end }
}

export function readMarkdown(bytes: Uint8Array): Line[] {
  return lexer(decodeText(bytes)).flatMap(linesOfToken)
}

function linesOfToken(token: Token): Line[] {
  if (token.type === 'heading') return [{ text: plainOf(token), level: Number(token['depth']) }]
  if (token.type === 'space' || token.type === 'hr') return []
  const text = token.type === 'paragraph' ? plainOf(token) : token.raw
  return text.split('\n').map((line) => ({ text: line.trimEnd() }))
}

/** Text of a token without the signs of its marks. */
function plainOf(token: Token): string {
  const inner: readonly Token[] | undefined = 'tokens' in token ? token.tokens : undefined
  if (inner !== undefined) return inner.map(plainOf).join('')
  return 'text' in token ? String(token.text) : token.raw
}

const blocks = new Set(
  'address article aside blockquote br caption dd div dl dt figcaption footer form header hr li main nav ol p pre section table tbody tfoot thead title tr ul'.split(
    ' ',
  ),
)
const unseen = new Set(['script', 'style', 'template', 'noscript', 'svg', 'iframe', 'object'])

/** What a reader of the page would see; nothing of it is carried out or loaded. */
export function readHtml(html: string): Line[] {
  const lines: Line[] = []
  let text = ''
  let level: number | undefined
  let hidden = 0
  const close = () => {
    const line = text.replace(/\s+/g, ' ').trim()
    if (line !== '') lines.push({ text: line, level })
    text = ''
  }
  const parser = new Parser(
    {
      onopentagname(name) {
        if (unseen.has(name)) hidden += 1
        const heading = /^h([1-6])$/.exec(name)?.[1]
        if (heading !== undefined || blocks.has(name)) close()
        if (heading !== undefined) level = Number(heading)
        if (name === 'td' || name === 'th') text += text.trim() === '' ? '' : ' | '
      },
      ontext: (part) => {
        if (hidden === 0) text += part
      },
      onclosetag(name) {
        if (unseen.has(name)) hidden -= 1
        if (blocks.has(name) || /^h[1-6]$/.test(name)) close()
        if (/^h[1-6]$/.test(name)) level = undefined
      },
    },
    { decodeEntities: true },
  )
  parser.end(html)
  close()
  return lines
}

export function readHtmlFile(bytes: Uint8Array): Line[] {
  // Pages of old editors name their encoding in the head, and mostly the right one.
  const head = Buffer.from(bytes.subarray(0, 2_048)).toString('latin1')
  const named = /charset\s*=\s*["']?([\w-]{1,30})/i.exec(head)?.[1]?.toLowerCase()
  return readHtml(
    named === undefined || named === 'utf-8' ? decodeText(bytes) : decodeAs(bytes, named),
  )
}

function decodeAs(bytes: Uint8Array, encoding: string): string {
  try {
    return new TextDecoder(encoding).decode(bytes)
  } catch {
    return decodeText(bytes)
  }
}

const headers = ['from', 'to', 'date', 'subject'] as const

/** A message with who, when and what about before its text; files that hang on it by name only. */
export async function readEmail(bytes: Uint8Array): Promise<Line[]> {
  const email = await new PostalMime({ maxNestingDepth: 20 }).parse(bytes)
  const valueOf = {
    ...email,
    from: addressOf(email.from),
    to: (email.to ?? []).map(addressOf).join(', '),
  }
  const head = headers.flatMap((name) => {
    const value = valueOf[name]
    return value === undefined || value === '' ? [] : [{ text: `${name}: ${value}` }]
  })
  const subject = email.subject === undefined ? [] : [{ text: email.subject, level: 1 }]
  const body =
    email.text === undefined
      ? readHtml(email.html ?? '')
      : email.text.split(/\r?\n/).map((text) => ({ text: text.trimEnd() }))
  const files = email.attachments.map(({ filename }) => ({ text: `attachment: ${filename ?? ''}` }))
  return [...subject, ...head, ...body, ...files]
}

function addressOf(address: Address | undefined): string {
  if (address === undefined) return ''
  return [address.name, address.address]
    .filter((part) => part !== undefined && part !== '')
    .join(' ')
}
