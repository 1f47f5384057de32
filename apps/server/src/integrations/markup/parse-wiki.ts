import {
  type Block,
  type Cell,
  type CodeBlock,
  type HeadingLevel,
  type Inline,
  type Kept,
  type List,
  type ListItem,
  type MarkupDocument,
  type Panel,
  type PanelKind,
  paragraph,
  type TableRow,
} from './document.ts'
import { depthMax, textLengthMax } from './limits.ts'
import { cleanLines, normalizeBlocks, normalizeInlines } from './normalize.ts'
import { plainDocument } from './parse-markdown.ts'
import { colorOf } from './colors.ts'
import { wikiPanelColors } from './wiki-colors.ts'
import { readWikiInlines, wikiCells } from './wiki-inlines.ts'
import { type WikiSegment, wikiSegments } from './wiki-segments.ts'

/**
 * Reads wiki markup as Jira's renderer does ("Text Formatting Notation Help" of Jira Data Center).
 * Macros that the model does not know are kept as they are written.
 *
 * @returns always a document; text that is too long becomes plain paragraphs. Never throws.
 */
export function parseWiki(source: string): MarkupDocument {
  const clean = cleanLines(source)
  if (clean.length > textLengthMax) return plainDocument(clean)
  const reader: Reader = { segments: wikiSegments(clean), at: 0, depth: 0 }
  return { blocks: normalizeBlocks(blocksUntil(reader)).filter(isSomething) }
}

function isSomething(block: Block): boolean {
  return block.type !== 'paragraph' || block.content.length > 0
}

type Reader = { readonly segments: readonly WikiSegment[]; at: number; depth: number }

/** Up to the border that ends the quote or panel, which is taken too. */
function blocksUntil(reader: Reader): Block[] {
  const blocks: Block[] = []
  while (reader.at < reader.segments.length) {
    const segment = reader.segments[reader.at]
    if (segment === undefined) break
    if (segment.kind === 'close') {
      reader.at += 1
      if (reader.depth > 0) break
    } else if (segment.kind === 'open') blocks.push(...enclosed(reader, segment))
    else if (segment.kind === 'code') {
      reader.at += 1
      blocks.push(codeOf(segment))
    } else blocks.push(...linesFrom(reader, segment.text))
  }
  return blocks
}

function enclosed(
  reader: Reader,
  { macro, parameters }: Extract<WikiSegment, { kind: 'open' }>,
): Block[] {
  reader.at += 1
  reader.depth += 1
  const blocks = reader.depth > depthMax ? [] : blocksUntil(reader).filter(isSomething)
  reader.depth -= 1
  return [macro === 'quote' ? { type: 'quote', blocks } : panelOf(parameters, blocks)]
}

type Parameters = { readonly first?: string; readonly named: ReadonlyMap<string, string> }

function parametersOf(written: string, divider: RegExp): Parameters {
  const named = new Map<string, string>()
  let first: string | undefined
  for (const [index, part] of written.split(divider).entries()) {
    const sign = part.indexOf('=')
    if (sign > 0) named.set(part.slice(0, sign).trim(), part.slice(sign + 1).trim())
    else if (index === 0 && part !== '') first = part.trim()
    else if (part !== '') named.set(part.trim(), '')
  }
  return { ...(first === undefined ? {} : { first }), named }
}

function keptOf(named: ReadonlyMap<string, string>, taken: readonly string[]): Kept {
  const rest = [...named].filter(([name]) => !taken.includes(name))
  if (rest.length === 0) return {}
  const attributes = Object.fromEntries(
    rest.map(([name, value]) => [name, value === '' ? true : value]),
  )
  return { kept: { format: 'wiki', attributes } }
}

function codeOf({ macro, parameters, text }: Extract<WikiSegment, { kind: 'code' }>): CodeBlock {
  const { first, named } = parametersOf(parameters, /\|/)
  const title = named.get('title')
  const language = macro === 'code' ? first?.toLowerCase() : undefined
  return {
    type: 'code-block',
    ...(language === undefined ? {} : { language }),
    ...(title === undefined || title === '' ? {} : { title }),
    text,
    ...keptOf(named, ['title']),
  }
}

function panelOf(parameters: string, blocks: readonly Block[]): Panel {
  const { first, named } = parametersOf(parameters, /\|/)
  const title = named.get('title') ?? first
  const written = named.get('bgColor')
  const color = written === undefined ? undefined : colorOf(written)
  const kind = Object.entries(wikiPanelColors).find(([, known]) => known === color)?.[0]
  return {
    type: 'panel',
    kind: (kind ?? 'custom') as PanelKind,
    ...(title === undefined || title === '' ? {} : { title }),
    ...(kind === undefined && color !== undefined ? { color } : {}),
    blocks,
    ...keptOf(named, color === undefined ? ['title'] : ['title', 'bgColor']),
  }
}

const headingLine = /^[ \t]*h([1-6])\.(?:[ \t]+(.*))?$/
const quoteLine = /^[ \t]*bq\.[ \t]+(.*)$/
const ruleLine = /^[ \t]*-{4,}[ \t]*$/
const itemLine = /^[ \t]*([*#-]+)[ \t]+(.*)$/
const rowLine = /^[ \t]*\|/

function isBlank(line: string): boolean {
  return /^[ \t]*$/.test(line)
}

/** One block that begins at this line, or none for a blank one. */
function linesFrom(reader: Reader, line: string): Block[] {
  if (isBlank(line)) {
    reader.at += 1
    return []
  }
  if (isItem(line)) return listsFrom(reader)
  if (rowLine.test(line)) return [tableFrom(reader)]
  const single = singleLine(line)
  if (single === undefined) return [paragraphFrom(reader)]
  reader.at += 1
  return [single]
}

function isItem(line: string): boolean {
  return !ruleLine.test(line) && itemLine.test(line)
}

function singleLine(line: string): Block | undefined {
  if (ruleLine.test(line)) return { type: 'rule' }
  const heading = headingLine.exec(line)
  if (heading !== null) {
    const content = inlines(heading[2] ?? '')
    return { type: 'heading', level: Number(heading[1]) as HeadingLevel, content }
  }
  const quote = quoteLine.exec(line)
  return quote === null
    ? undefined
    : { type: 'quote', blocks: [paragraph(inlines(quote[1] ?? ''))] }
}

function inlines(line: string): Inline[] {
  return normalizeInlines(readWikiInlines(line))
}

function nextLine({ segments, at }: Reader): string | undefined {
  const segment = segments[at]
  return segment?.kind === 'line' ? segment.text : undefined
}

function isPlain(line: string): boolean {
  return !isBlank(line) && !isItem(line) && !rowLine.test(line) && singleLine(line) === undefined
}

function paragraphFrom(reader: Reader): Block {
  const content: Inline[] = []
  for (let line = nextLine(reader); line !== undefined; line = nextLine(reader)) {
    if (content.length > 0 && !isPlain(line)) break
    if (content.length > 0) content.push({ type: 'break' })
    content.push(...readWikiInlines(line))
    reader.at += 1
    if (content.length === 0) break
  }
  return paragraph(normalizeInlines(content))
}

function tableFrom(reader: Reader): Block {
  const rows: TableRow[] = []
  for (
    let line = nextLine(reader);
    line !== undefined && rowLine.test(line);
    line = nextLine(reader)
  ) {
    rows.push({
      cells: wikiCells(line).map(({ header, text }): Cell => {
        const content = inlines(text)
        return { header, blocks: content.length === 0 ? [] : [paragraph(content)] }
      }),
    })
    reader.at += 1
  }
  return { type: 'table', rows }
}

type OpenItem = { done?: boolean; blocks: Block[]; lists: OpenList[] }
type OpenList = { readonly ordered: boolean; readonly items: OpenItem[] }

/** Lists up to a blank line; lines and code that follow an item at once belong to it. */
// oxlint-disable-next-line complexity -- one condition after the other, each of its own
function listsFrom(reader: Reader): Block[] {
  const roots: OpenList[] = []
  const path: OpenList[] = []
  while (reader.at < reader.segments.length) {
    const segment = reader.segments[reader.at]
    const item = path.at(-1)?.items.at(-1)
    if (segment?.kind === 'code' && item !== undefined) item.blocks.push(codeOf(segment))
    else if (segment?.kind !== 'line') break
    else if (isItem(segment.text)) addItem(segment.text, path, roots)
    else if (item === undefined || !isPlain(segment.text)) break
    else addLine(item, segment.text)
    reader.at += 1
  }
  return roots.map(closeList)
}

// oxlint-disable-next-line complexity -- one condition after the other, each of its own
function addItem(line: string, path: OpenList[], roots: OpenList[]): void {
  const [, bullets = '*', words = ''] = itemLine.exec(line) ?? []
  const signs = bullets.slice(0, depthMax)
  while (path.length > signs.length) path.pop()
  if (path.length === signs.length && path.at(-1)?.ordered !== signs.endsWith('#')) path.pop()
  while (path.length < signs.length) {
    const list: OpenList = { ordered: signs.charAt(path.length) === '#', items: [] }
    const parent = path.at(-1)
    if (parent === undefined) roots.push(list)
    else {
      if (parent.items.length === 0) parent.items.push({ blocks: [], lists: [] })
      parent.items.at(-1)?.lists.push(list)
    }
    path.push(list)
  }
  path.at(-1)?.items.push(openItem(words))
}

function openItem(words: string): OpenItem {
  const box = /^([☐☑])(?: |$)/.exec(words)?.[1]
  const rest = box === undefined ? words : words.slice(2)
  // An item that begins with code or a list has only this sign in its line.
  const content = rest === '\u00A0' ? [] : inlines(rest)
  return {
    ...(box === undefined ? {} : { done: box === '☑' }),
    blocks: content.length === 0 ? [] : [paragraph(content)],
    lists: [],
  }
}

function addLine({ blocks }: OpenItem, line: string): void {
  const content = inlines(line)
  const last = blocks.at(-1)
  if (last?.type === 'paragraph')
    blocks[blocks.length - 1] = paragraph([...last.content, { type: 'break' }, ...content])
  else blocks.push(paragraph(content))
}

function closeList({ ordered, items }: OpenList): List {
  return {
    type: 'list',
    ordered,
    start: 1,
    items: items.map(({ done, blocks, lists }): ListItem => ({
      ...(done === undefined ? {} : { done }),
      blocks: [...blocks, ...lists.map(closeList)],
    })),
  }
}
