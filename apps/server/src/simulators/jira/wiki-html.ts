import { escapeHtml } from '../exchange.ts'
import { linkTo } from './adf-html.ts'

/**
 * Jira's wiki markup as safe HTML: headings, lists, tables, quotes, code, rules and inline marks.
 * Macros that it does not know stay as text.
 */
export function wikiToHtml(text: string): string {
  const lines = text.replaceAll('\r\n', '\n').split('\n')
  const parts: string[] = []
  while (lines.length > 0) parts.push(takeBlock(lines))
  return parts.join('')
}

type BlockReader = (lines: string[]) => string | undefined

function takeBlock(lines: string[]): string {
  for (const read of readers) {
    const html = read(lines)
    if (html !== undefined) return html
  }
  return takeParagraph(lines)
}

const readers: readonly BlockReader[] = [
  (lines) => {
    if (lines[0]?.trim() !== '') return undefined
    lines.shift()
    return ''
  },
  (lines) => {
    const match = /^h([1-6])\.\s+(.*)$/.exec(lines[0] ?? '')
    if (match === null) return undefined
    lines.shift()
    const level = Math.min(6, Number(match[1]) + 1)
    return `<h${level} dir="auto">${inlineHtml(match[2] ?? '')}</h${level}>`
  },
  (lines) => {
    if (!/^-{4,}\s*$/.test(lines[0] ?? '')) return undefined
    lines.shift()
    return '<hr>'
  },
  (lines) => {
    const match = /^bq\.\s+(.*)$/.exec(lines[0] ?? '')
    if (match === null) return undefined
    lines.shift()
    return `<blockquote dir="auto">${inlineHtml(match[1] ?? '')}</blockquote>`
  },
  (lines) => {
    const body = takeFenced(lines, codeFence)
    return body === undefined ? undefined : `<pre dir="ltr"><code>${escapeHtml(body)}</code></pre>`
  },
  (lines) => {
    const body = takeFenced(lines, quoteFence)
    return body === undefined
      ? undefined
      : `<blockquote dir="auto">${wikiToHtml(body)}</blockquote>`
  },
  (lines) => {
    const rows = takeWhile(lines, (line) => line.startsWith('|'))
    return rows.length === 0 ? undefined : tableHtml(rows)
  },
  (lines) => {
    const items = takeWhile(lines, (line) => listItem.test(line))
    return items.length === 0 ? undefined : listHtml(items)
  },
]

const listItem = /^\s*([*#-]+)\s+(.*)$/

function takeWhile(lines: string[], belongs: (line: string) => boolean): string[] {
  const end = lines.findIndex((line) => !belongs(line))
  return lines.splice(0, end === -1 ? lines.length : end)
}

const codeFence = /^\{(code|noformat)(?::[^}]*)?\}/
const quoteFence = /^\{(quote|panel)(?::[^}]*)?\}/

function takeFenced(lines: string[], fence: RegExp): string | undefined {
  const [opening, macro] = fence.exec(lines[0] ?? '') ?? []
  if (opening === undefined) return undefined
  const closing = `{${macro}}`
  const rest = [(lines[0] ?? '').slice(opening.length), ...lines.slice(1)]
  const end = rest.findIndex((line) => line.includes(closing))
  if (end === -1) return undefined
  const last = rest[end] ?? ''
  const cut = last.indexOf(closing)
  const after = last.slice(cut + closing.length)
  lines.splice(0, end + 1, ...(after.trim() === '' ? [] : [after]))
  return [...rest.slice(0, end), last.slice(0, cut)].join('\n').replace(/^\n|\n$/g, '')
}

function takeParagraph(lines: string[]): string {
  const body: string[] = []
  do body.push(lines.shift() ?? '')
  while (lines.length > 0 && !startsBlock(lines))
  return `<p dir="auto">${body.map(inlineHtml).join('<br>')}</p>`
}

function startsBlock(lines: readonly string[]): boolean {
  const copy = [...lines]
  return readers.some((read) => read(copy) !== undefined)
}

function tableHtml(rows: readonly string[]): string {
  const html = rows.map((row) => {
    const isHead = row.startsWith('||')
    const cells = row.trim().split(isHead ? '||' : /(?<!\\)\|/)
    const inner = cells.slice(1, cells.at(-1)?.trim() === '' ? -1 : undefined)
    const name = isHead ? 'th' : 'td'
    return `<tr>${inner.map((cell) => `<${name}>${inlineHtml(cell.trim())}</${name}>`).join('')}</tr>`
  })
  return `<table dir="auto"><tbody>${html.join('')}</tbody></table>`
}

function listHtml(items: readonly string[]): string {
  let html = ''
  let open = ''
  const closeTo = (depth: number): void => {
    while (open.length > depth) {
      html += open.endsWith('#') ? '</li></ol>' : '</li></ul>'
      open = open.slice(0, -1)
    }
  }
  for (const item of items) {
    const [, bullets = '*', text = ''] = listItem.exec(item) ?? []
    closeTo(sharedDepth(open, bullets))
    if (open.length === bullets.length) html += '</li><li>'
    while (open.length < bullets.length) {
      open += bullets[open.length]
      html += open.endsWith('#') ? '<ol dir="auto"><li>' : '<ul dir="auto"><li>'
    }
    html += inlineHtml(text)
  }
  closeTo(0)
  return html
}

function sharedDepth(open: string, bullets: string): number {
  let depth = 0
  while (depth < open.length && open[depth] === bullets[depth]) depth += 1
  return depth
}

/** Escaped characters and code are lifted out first, so that no mark is seen inside them. */
function inlineHtml(text: string): string {
  const kept: string[] = []
  const keep = (html: string): string => {
    kept.push(html)
    return `\uE000${kept.length - 1}\uE001`
  }
  const lifted = text
    .replaceAll(/[\uE000\uE001]/g, '')
    .replaceAll(/\\\\/g, () => keep('<br>'))
    .replaceAll(/\{\{((?:\\.|[^\\])+?)\}\}/g, (_all, code: string) =>
      keep(`<code dir="ltr">${escapeHtml(unescapeWiki(code))}</code>`),
    )
    .replaceAll(/\\([^\p{L}\p{N}\s])/gu, (_all, character: string) => keep(escapeHtml(character)))
    .replaceAll(/\[([^\]|]+)\|([^\]|]+)(?:\|[^\]]*)?\]/g, (_all, label: string, address: string) =>
      keep(linkTo(address.trim(), markPairs(escapeHtml(label)))),
    )
    .replaceAll(/\[((?:https?:\/\/|mailto:)[^\]\s]+)\]/gi, (_all, address: string) =>
      keep(linkTo(address)),
    )
    .replaceAll(/\bhttps?:\/\/[^\s<>\])}]+/gi, (address) => keep(linkTo(address)))
  const marked = markPairs(escapeHtml(lifted.replaceAll(/\{color(:[^}]*)?\}/g, '')))
  let html = marked
  while (html.includes('\uE000'))
    html = html.replaceAll(/\uE000(\d+)\uE001/g, (_all, index: string) => kept[Number(index)] ?? '')
  return html
}

function unescapeWiki(text: string): string {
  return text.replaceAll(/\\([^\p{L}\p{N}\s])/gu, '$1')
}

const pairs: readonly (readonly [RegExp, string])[] = [
  [/(?<![\p{L}\p{N}*])\*(?=\S)([^\n]*?\S)\*(?![\p{L}\p{N}*])/gu, 'strong'],
  [/(?<![\p{L}\p{N}_])_(?=\S)([^\n]*?\S)_(?![\p{L}\p{N}_])/gu, 'em'],
  [/(?<![\p{L}\p{N}+])\+(?=\S)([^\n]*?\S)\+(?![\p{L}\p{N}+])/gu, 'u'],
  [/(?<![\p{L}\p{N}-])-(?=\S)([^\n]*?\S)-(?![\p{L}\p{N}-])/gu, 's'],
  [/(?<![\p{L}\p{N}^])\^(?=\S)([^\n]*?\S)\^(?![\p{L}\p{N}^])/gu, 'sup'],
  [/(?<![\p{L}\p{N}~])~(?=\S)([^\n]*?\S)~(?![\p{L}\p{N}~])/gu, 'sub'],
]

function markPairs(html: string): string {
  let marked = html
  for (const [pattern, name] of pairs) marked = marked.replaceAll(pattern, `<${name}>$1</${name}>`)
  return marked
}
