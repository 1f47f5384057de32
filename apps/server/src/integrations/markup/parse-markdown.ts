import { someByType } from './by-type.ts'
import { lexer, type MarkedToken, type Token, type Tokens } from 'marked'
import {
  type Alignment,
  type Block,
  type Cell,
  type HeadingLevel,
  inlineText,
  type Inline,
  type List,
  type ListItem,
  type Mark,
  type MarkupDocument,
  paragraph,
  type Paragraph,
  type PanelKind,
  type SimpleMark,
  type TableRow,
  text as textOf,
} from './document.ts'
import { decodeEntities } from './entities.ts'
import { depthMax, textLengthMax } from './limits.ts'
import { isAbsolute } from './links.ts'
import {
  cleanLine,
  cleanLines,
  isEmptyParagraph,
  normalizeBlocks,
  normalizeInlines,
} from './normalize.ts'
import { pairsOf } from './pairs.ts'

/**
 * Reads GitHub-flavoured Markdown. Of raw HTML only `<br>`, `<details>` and the tags of marks are
 * read, without attributes; the rest stays visible text. Links to anything but the web and mail
 * become text.
 *
 * @returns always a document; text that is too long or too deep to parse becomes plain paragraphs
 */
export function parseMarkdown(text: string): MarkupDocument {
  const clean = cleanLines(text)
  if (clean.length > textLengthMax) return plainDocument(clean)
  try {
    return { blocks: withoutEmpty(normalizeBlocks(blocksOf(lexer(clean, { gfm: true }), 0))) }
  } catch (error) {
    // Hundreds of nested quotes exhaust the stack of the parser.
    if (error instanceof RangeError) return plainDocument(clean)
    throw error
  }
}

function withoutEmpty(blocks: readonly Block[]): Block[] {
  return blocks.filter((block) => !isEmptyParagraph(block))
}

/** Blank lines end a paragraph, other line ends are breaks. */
export function plainDocument(text: string): MarkupDocument {
  const paragraphs = text.split(/\n{2,}/).filter((lines) => lines.trim() !== '')
  return {
    blocks: normalizeBlocks(
      paragraphs.map((lines) =>
        paragraph(
          lines
            .split('\n')
            .flatMap((line, index): Inline[] => [
              ...(index === 0 ? [] : [{ type: 'break' as const }]),
              textOf(line),
            ]),
        ),
      ),
    ),
  }
}

const opening = /^<details>\s*(?:<summary>([^\n<]*)<\/summary>)?\s*$/
const closing = /^<\/details>\s*$/

function blocksOf(tokens: readonly Token[], depth: number): Block[] {
  const ends = pairsOf(tokens, (token) => {
    if (token.type !== 'html') return undefined
    if (opening.test(token.raw)) return { name: 'details', opens: true }
    return closing.test(token.raw) ? { name: 'details', opens: false } : undefined
  })
  const blocks: Block[] = []
  for (let index = 0; index < tokens.length; index += 1) {
    const token = tokens[index]
    if (token === undefined) break
    const end = depth > depthMax ? undefined : ends.get(index)
    if (end === undefined) blocks.push(...blockOf(token as MarkedToken, depth))
    else {
      blocks.push(expandOf(token, tokens.slice(index + 1, end), depth))
      index = end
    }
  }
  return withoutEmpty(normalizeBlocks(blocks))
}

function expandOf(token: Token, inner: readonly Token[], depth: number): Block {
  const title = decodeEntities(opening.exec(token.raw)?.[1] ?? '')
  return {
    type: 'expand',
    ...(title === '' ? {} : { title }),
    blocks: blocksOf(inner, depth + 1),
  }
}

function blockOf(token: MarkedToken, depth: number): Block[] {
  return depth > depthMax ? [paragraph([textOf(token.raw)])] : knownBlock(token, depth)
}

const none = () => []

const knownBlock = someByType<MarkedToken, [depth: number], Block[]>(
  {
    heading: headingOf,
    code: (token) => [codeBlockOf(token)],
    blockquote: quoteOf,
    list: listOf,
    table: tableOf,
    hr: () => [{ type: 'rule' }],
    space: none,
    def: none,
    checkbox: none,
    html: ({ raw }) => [paragraph([textOf(raw)])],
  },
  (token) => [paragraph(inlinesOf('tokens' in token ? token.tokens : [token]))],
)

function headingOf({ depth, tokens }: Tokens.Heading): Block[] {
  const level = Math.min(6, Math.max(1, depth)) as HeadingLevel
  const content = normalizeInlines(inlinesOf(tokens))
  return content.length === 0 ? [] : [{ type: 'heading', level, content }]
}

function codeBlockOf({ lang = '', text, raw }: Tokens.Code): Block {
  const language = /^[\w#+-]+/.exec(lang.toLowerCase())?.[0]
  return {
    type: 'code-block',
    text: fencedText(raw) ?? text,
    ...(language === undefined ? {} : { language }),
  }
}

/** The lines between fences; the parser miscounts empty ones at the end. */
function fencedText(raw: string): string | undefined {
  const fence = /^(?:`{3,}|~{3,})/.exec(raw)?.[0]
  if (fence === undefined) return undefined
  const lines = raw.trimEnd().split('\n')
  const last = lines.at(-1)?.trim() ?? ''
  const isClosed =
    lines.length > 1 && last.startsWith(fence) && last.replaceAll(fence.charAt(0), '') === ''
  return isClosed ? lines.slice(1, -1).join('\n') : undefined
}

/** The alerts of GitHub. */
export const alerts: Readonly<Record<string, PanelKind>> = {
  NOTE: 'info',
  TIP: 'success',
  IMPORTANT: 'note',
  WARNING: 'warning',
  CAUTION: 'error',
}

function quoteOf(token: Tokens.Blockquote, depth: number): Block[] {
  const blocks = blocksOf(token.tokens, depth + 1)
  const [head] = token.tokens
  const kind =
    head?.type === 'paragraph' ? /^\[!([A-Z]+)\][ \t]*(?:\n|$)/.exec(head.raw)?.[1] : undefined
  const panel = kind !== undefined && Object.hasOwn(alerts, kind) ? alerts[kind] : undefined
  if (panel !== undefined && kind !== undefined)
    return [{ type: 'panel', kind: panel, blocks: withoutMarker(blocks, kind.length + 3) }]
  return blocks.length === 0 ? [] : [{ type: 'quote', blocks }]
}

function withoutMarker([first, ...rest]: readonly Block[], length: number): Block[] {
  if (first?.type !== 'paragraph') return rest
  const [marker, ...content] = first.content
  if (marker?.type !== 'text') return [first, ...rest]
  const words = { ...marker, text: marker.text.slice(length) }
  return withoutEmpty(normalizeBlocks([paragraph([words, ...content]), ...rest]))
}

function listOf({ ordered, start, items }: Tokens.List, depth: number): List[] {
  if (items.length === 0) return []
  return [
    {
      type: 'list',
      ordered,
      start: start === '' ? 1 : start,
      items: items.map((item) => itemOf(item, depth)),
    },
  ]
}

function itemOf(item: Tokens.ListItem, depth: number): ListItem {
  const blocks = blocksOf(item.tokens, depth + 1)
  return item.task ? { done: item.checked === true, blocks } : { blocks }
}

function tableOf({ header, rows }: Tokens.Table): Block[] {
  const head = rowOf(header, true)
  const body = rows.map((row) => rowOf(row, false))
  // GFM has no table without headers, so empty ones stand for none.
  const isBare = head.cells.every(({ blocks }) => blocks.length === 0) && body.length > 0
  return [{ type: 'table', rows: isBare ? body : [head, ...body] }]
}

function rowOf(cells: readonly Tokens.TableCell[], header: boolean): TableRow {
  return { cells: cells.map((cell): Cell => ({ header, blocks: lineOf(cell) })) }
}

function lineOf({ tokens, align }: Tokens.TableCell): Paragraph[] {
  const content = normalizeInlines(inlinesOf(tokens))
  if (content.length === 0) return []
  const isImage = content.length === 1 && content[0]?.type === 'image'
  const side: Alignment | undefined =
    align === 'center' ? 'center' : align === 'right' ? 'end' : undefined
  return [{ ...paragraph(content), ...(side === undefined || isImage ? {} : { align: side }) }]
}

type Marks = readonly Mark[]

const tags: Readonly<Record<string, SimpleMark>> = {
  strong: 'strong',
  em: 'emphasis',
  del: 'strike',
  u: 'underline',
  ins: 'underline',
  sup: 'superscript',
  sub: 'subscript',
  code: 'code',
}
const tag = /^<(\/?)(strong|em|del|u|ins|sup|sub|code)>$/

function inlinesOf(tokens: readonly Token[] = [], marks: Marks = []): Inline[] {
  const ends = pairsOf(tokens, (token) => {
    const found = token.type === 'html' ? tag.exec(token.raw) : null
    return found === null ? undefined : { name: found[2] ?? '', opens: found[1] === '' }
  })
  const closed = new Set(ends.values())
  const active: { readonly mark: Mark; readonly end: number }[] = []
  // oxlint-disable-next-line complexity -- one condition after the other, each of its own
  return tokens.flatMap((token, index): Inline[] => {
    const end = ends.get(index)
    const name = tag.exec(token.raw)?.[2] ?? ''
    if (end !== undefined) active.push({ mark: { type: tags[name] ?? 'code' }, end })
    if (end !== undefined || closed.has(index)) return []
    while ((active.at(-1)?.end ?? index) < index) active.pop()
    const open = active.filter(({ end: last }) => last > index).map(({ mark }) => mark)
    return inlineOf(token as MarkedToken, open.length === 0 ? marks : [...marks, ...open])
  })
}

const inlineOf = someByType<MarkedToken, [marks: Marks], Inline[]>(
  {
    strong: ({ tokens }, marks) => inlinesOf(tokens, [...marks, { type: 'strong' }]),
    em: ({ tokens }, marks) => inlinesOf(tokens, [...marks, { type: 'emphasis' }]),
    del: ({ tokens }, marks) => inlinesOf(tokens, [...marks, { type: 'strike' }]),
    codespan: ({ text }, marks) =>
      text.trim() === '' ? [] : [textOf(text, ...marks, { type: 'code' })],
    br: () => [{ type: 'break' }],
    link: linkOf,
    image: imageOf,
    html: ({ raw }, marks) =>
      /^<br\s*\/?>$/i.test(raw) ? [{ type: 'break' }] : [textOf(raw, ...marks)],
    checkbox: none,
    escape: ({ text }, marks) => [textOf(text, ...marks)],
  },
  (token, marks) => {
    if ('tokens' in token && token.tokens !== undefined) return inlinesOf(token.tokens, marks)
    return [textOf('text' in token ? decodeEntities(token.text) : token.raw, ...marks)]
  },
)

function linkOf({ href, title, tokens }: Tokens.Link | Tokens.Image, marks: Marks): Inline[] {
  const url = decodeEntities(href)
  if (isAbsolute(url)) {
    const named =
      title === null || title === undefined || title === '' ? {} : { title: decodeEntities(title) }
    const content = inlinesOf(tokens, [...marks, { type: 'link', href: url, ...named }])
    return content.length > 0
      ? content
      : [textOf(url, ...marks, { type: 'link', href: url, ...named })]
  }
  const content = inlinesOf(tokens, marks)
  if (inlineText(content) === href) return content
  return [...content, textOf(content.length > 0 && url !== '' ? ` (${url})` : url, ...marks)]
}

function imageOf(token: Tokens.Image, marks: Marks): Inline[] {
  const url = decodeEntities(token.href)
  const alt = cleanLine(decodeEntities(token.text)).trim()
  if (!isAbsolute(url) || !/^https?:/i.test(url)) {
    const tokens = alt === '' ? [] : [{ type: 'escape', raw: alt, text: alt }]
    return linkOf({ ...token, tokens }, marks)
  }
  return [{ type: 'image', source: { kind: 'url', url }, ...(alt === '' ? {} : { alt }) }]
}
