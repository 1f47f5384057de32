import { adfToText } from './adf-text.ts'
import {
  type Alignment,
  type Block,
  type Cell,
  type Column,
  type HeadingLevel,
  type Image,
  type Inline,
  type Kept,
  type ListItem,
  type Mark,
  type MarkupDocument,
  type Opaque,
  type PanelKind,
  type SimpleMark,
  type StatusColor,
  type TableRow,
} from './document.ts'
import { nodeDepthMax } from './limits.ts'
import { isSafeLink } from './links.ts'
import { normalizeDocument } from './normalize.ts'
import { keptMarks, keptParameters, macroExtension, plainBody } from './render-adf.ts'

type Attributes = Readonly<Record<string, unknown>>

/** A node as it came: anything may be missing or of another type. */
type Node = {
  readonly type: string
  readonly attrs: Attributes
  readonly content: readonly unknown[]
  readonly marks: readonly unknown[]
  readonly text: string
  readonly raw: unknown
}

/**
 * Reads a document of ADF. Nodes and marks that the model does not know are kept as they are.
 *
 * @param value a document, or anything at all
 * @returns an empty document for what is none. Never throws.
 */
export function parseAdf(value: unknown): MarkupDocument {
  const node = nodeOf(value)
  if (node === undefined || node.type !== 'doc') return { blocks: [] }
  return normalizeDocument({ blocks: blocksOf(node.content, 0) })
}

function nodeOf(raw: unknown): Node | undefined {
  if (!isRecord(raw)) return undefined
  const { type, attrs, content, marks, text } = raw
  if (typeof type !== 'string') return undefined
  return {
    type,
    attrs: isRecord(attrs) ? attrs : {},
    content: Array.isArray(content) ? (content as unknown[]) : [],
    marks: Array.isArray(marks) ? (marks as unknown[]) : [],
    text: typeof text === 'string' ? text : '',
    raw,
  }
}

function isRecord(value: unknown): value is Attributes {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function blocksOf(content: readonly unknown[], depth: number): Block[] {
  return content.flatMap((raw) => {
    const node = nodeOf(raw)
    if (node === undefined) return []
    return [(depth < nodeDepthMax ? blockOf(node, depth + 1) : undefined) ?? opaqueOf(node)]
  })
}

const labelLengthMax = 500

function opaqueOf({ type, raw }: Node): Opaque {
  const words = adfToText(raw).replaceAll(/\s+/g, ' ').slice(0, labelLengthMax)
  const label = words === '' ? type : `${type}: ${words}`
  return { type: 'opaque', format: 'adf', source: JSON.stringify(raw), label }
}

type Reader = (node: Node, depth: number) => Block | undefined

/** What a reader gives back as undefined is kept whole. */
const readers: Readonly<Record<string, Reader>> = {
  paragraph: (node, depth) => ({
    type: 'paragraph',
    ...alignOf(node),
    content: inlinesOf(node.content, depth),
  }),
  heading(node, depth) {
    const { level, ...others } = node.attrs
    if (typeof level !== 'number' || ![1, 2, 3, 4, 5, 6].includes(level)) return undefined
    return {
      type: 'heading',
      level: level as HeadingLevel,
      ...alignOf({ ...node, attrs: others }),
      content: inlinesOf(node.content, depth),
    }
  },
  codeBlock(node) {
    const { language, ...others } = node.attrs
    const text = node.content.map((raw) => nodeOf(raw)?.text ?? '').join('')
    const spoken = typeof language === 'string' && language !== '' ? { language } : {}
    return { type: 'code-block', ...spoken, text, ...keptOf(others, node.marks) }
  },
  blockquote: (node, depth) => ({
    type: 'quote',
    blocks: blocksOf(node.content, depth),
    ...keptOf(node.attrs, node.marks),
  }),
  panel: panelOf,
  expand: expandOf,
  nestedExpand: expandOf,
  bulletList: (node, depth) => ({
    type: 'list',
    ordered: false,
    start: 1,
    items: itemsOf(node.content, depth),
    ...keptOf(node.attrs, node.marks),
  }),
  orderedList(node, depth) {
    const { order, ...others } = node.attrs
    const hasStart = typeof order === 'number' && Number.isInteger(order) && order !== 1
    return {
      type: 'list',
      ordered: true,
      start: hasStart ? order : 1,
      items: itemsOf(node.content, depth),
      ...keptOf(hasStart ? others : node.attrs, node.marks),
    }
  },
  taskList: taskListOf,
  table: (node, depth) => ({
    type: 'table',
    rows: node.content.flatMap((raw) => rowOf(raw, depth + 1)),
    ...keptOf(node.attrs, node.marks),
  }),
  rule: (node) => ({ type: 'rule', ...keptOf(node.attrs, node.marks) }),
  mediaSingle: mediaSingleOf,
  layoutSection: (node, depth) => ({
    type: 'layout',
    columns: node.content.flatMap((raw) => columnOf(raw, depth + 1)),
    ...keptOf(node.attrs, node.marks),
  }),
  extension: (node) => macroOf(node, undefined),
  bodiedExtension: (node, depth) =>
    macroOf(node, { kind: 'rich', blocks: blocksOf(node.content, depth) }),
}

function blockOf(node: Node, depth: number): Block | undefined {
  const reader = Object.hasOwn(readers, node.type) ? readers[node.type] : undefined
  return reader?.(node, depth)
}

function keptOf(attributes: Attributes, marks: readonly unknown[] = []): Kept {
  const all = { ...attributes, ...(marks.length === 0 ? {} : { [keptMarks]: marks }) }
  return Object.keys(all).length === 0 ? {} : { kept: { format: 'adf', attributes: all } }
}

function alignOf({ attrs, marks }: Node): { readonly align?: Alignment } & Kept {
  const [first, ...others] = marks
  const mark = nodeOf(first)
  const align = mark?.type === 'alignment' ? mark.attrs['align'] : undefined
  if (align !== 'center' && align !== 'end') return keptOf(attrs, marks)
  return { align, ...keptOf(attrs, others) }
}

const panelKinds: ReadonlySet<string> = new Set<PanelKind>([
  'info',
  'note',
  'success',
  'warning',
  'error',
  'custom',
])

function panelOf(node: Node, depth: number): Block | undefined {
  const { panelType, panelColor, ...others } = node.attrs
  if (typeof panelType !== 'string') return undefined
  const blocks = blocksOf(node.content, depth)
  if (!panelKinds.has(panelType))
    return { type: 'panel', kind: 'success', blocks, ...keptOf(node.attrs, node.marks) }
  const isColor = panelType === 'custom' && isHex(panelColor)
  const rest = isColor || panelColor === undefined ? others : { panelColor, ...others }
  return {
    type: 'panel',
    kind: panelType as PanelKind,
    ...(isColor ? { color: panelColor.toLowerCase() } : {}),
    blocks,
    ...keptOf(rest, node.marks),
  }
}

function isHex(value: unknown): value is string {
  return typeof value === 'string' && /^#[0-9a-f]{6}$/i.test(value)
}

function expandOf(node: Node, depth: number): Block {
  const { title, ...others } = node.attrs
  return {
    type: 'expand',
    ...(typeof title === 'string' ? { title } : {}),
    blocks: blocksOf(node.content, depth),
    ...keptOf(others, node.marks),
  }
}

function itemsOf(content: readonly unknown[], depth: number): ListItem[] {
  return content.flatMap((raw): ListItem[] => {
    const node = nodeOf(raw)
    if (node?.type !== 'listItem') return []
    const blocks = blocksOf(node.content, depth + 1)
    const [first, second] = blocks
    // Above a list that opens an item, the editor wants an empty line.
    const isLine = first?.type === 'paragraph' && first.content.length === 0
    const own = isLine && second?.type === 'list' ? blocks.slice(1) : blocks
    return [{ blocks: own, ...keptOf(node.attrs) }]
  })
}

function taskListOf(node: Node, depth: number): Block | undefined {
  const items: ListItem[] = []
  for (const raw of node.content) {
    const child = nodeOf(raw)
    const last = items.at(-1)
    if (child?.type === 'taskItem') items.push(taskOf(child, depth))
    else if (child?.type === 'taskList' && last !== undefined && depth < nodeDepthMax) {
      const nested = taskListOf(child, depth + 1)
      if (nested === undefined) return undefined
      items[items.length - 1] = { ...last, blocks: [...last.blocks, nested] }
    } else return undefined
  }
  return { type: 'list', ordered: false, start: 1, items, ...keptOf(node.attrs) }
}

function taskOf({ attrs, content }: Node, depth: number): ListItem {
  const { state, ...others } = attrs
  const line = inlinesOf(content, depth)
  return {
    done: state === 'DONE',
    blocks: line.length === 0 ? [] : [{ type: 'paragraph', content: line }],
    ...keptOf(others),
  }
}

function rowOf(raw: unknown, depth: number): TableRow[] {
  const node = nodeOf(raw)
  if (node?.type !== 'tableRow') return []
  const cells = node.content.flatMap((cell) => cellOf(cell, depth + 1))
  return [{ cells, ...keptOf(node.attrs) }]
}

// oxlint-disable-next-line complexity -- one condition after the other, each of its own
function cellOf(raw: unknown, depth: number): Cell[] {
  const node = nodeOf(raw)
  if (node?.type !== 'tableHeader' && node?.type !== 'tableCell') return []
  const { colspan, rowspan, ...others } = node.attrs
  const wide = isSpan(colspan) ? { colspan } : {}
  const high = isSpan(rowspan) ? { rowspan } : {}
  const rest = {
    ...others,
    ...(isSpan(colspan) || colspan === undefined ? {} : { colspan }),
    ...(isSpan(rowspan) || rowspan === undefined ? {} : { rowspan }),
  }
  return [
    {
      header: node.type === 'tableHeader',
      ...wide,
      ...high,
      blocks: blocksOf(node.content, depth),
      ...keptOf(rest),
    },
  ]
}

function isSpan(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value > 1 && value <= 1_000
}

function columnOf(raw: unknown, depth: number): Column[] {
  const node = nodeOf(raw)
  if (node?.type !== 'layoutColumn') return []
  const { width, ...others } = node.attrs
  const percent = typeof width === 'number' ? width : 50
  return [{ width: percent, blocks: blocksOf(node.content, depth), ...keptOf(others) }]
}

function mediaSingleOf(node: Node): Block | undefined {
  const media = nodeOf(node.content[0])
  if (node.content.length !== 1 || media?.type !== 'media') return undefined
  if (node.marks.length > 0 || media.marks.length > 0) return undefined
  const image = imageOf(media)
  if (image === undefined) return undefined
  const { layout, ...single } = node.attrs
  const { image: read, others } = image
  const own = {
    ...single,
    ...(layout === 'center' ? {} : { layout }),
    ...(Object.keys(others).length === 0 ? {} : { media: others }),
  }
  return { ...read, ...keptOf(own) }
}

// oxlint-disable-next-line complexity -- one condition after the other, each of its own
function imageOf({
  attrs,
}: Node): { readonly image: Image; readonly others: Attributes } | undefined {
  const { type, id, collection, url, alt, width, height, ...others } = attrs
  const size = {
    ...(typeof alt === 'string' ? { alt } : {}),
    ...(typeof width === 'number' ? { width } : {}),
    ...(typeof height === 'number' ? { height } : {}),
  }
  if (type === 'external' && typeof url === 'string' && /^https?:/i.test(url))
    return { image: { type: 'image', source: { kind: 'url', url }, ...size }, others }
  if (type === 'link' || typeof id !== 'string' || typeof collection !== 'string') return undefined
  const rest = type === 'file' ? others : { ...others, ...(type === undefined ? {} : { type }) }
  return {
    image: { type: 'image', source: { kind: 'media', id, collection }, ...size },
    others: rest,
  }
}

type MacroBody = { readonly kind: 'rich'; readonly blocks: readonly Block[] }

// oxlint-disable-next-line complexity -- one condition after the other, each of its own
function macroOf({ attrs, marks }: Node, body: MacroBody | undefined) {
  const { extensionType, extensionKey, parameters, ...others } = attrs
  if (extensionType !== macroExtension || typeof extensionKey !== 'string') return undefined
  const { macroParams = {}, ...further } = isRecord(parameters) ? parameters : {}
  const values = parametersOf(macroParams)
  if (values === undefined) return undefined
  const plain = values.find(([name]) => name === plainBody)?.[1]
  const text = plain === undefined ? undefined : ({ kind: 'plain', text: plain } as const)
  const own = body ?? text
  const kept = Object.keys(further).length === 0 ? {} : { [keptParameters]: further }
  return {
    type: 'macro' as const,
    name: extensionKey,
    parameters: values.filter(([name]) => name !== plainBody),
    ...(own === undefined ? {} : { body: own }),
    ...keptOf({ ...others, ...kept }, marks),
  }
}

function parametersOf(values: unknown): (readonly [string, string])[] | undefined {
  if (!isRecord(values)) return undefined
  const result: (readonly [string, string])[] = []
  for (const [name, given] of Object.entries(values)) {
    if (!isRecord(given) || typeof given['value'] !== 'string') return undefined
    if (Object.keys(given).length > 1) return undefined
    result.push([name, given['value']])
  }
  return result
}

function inlinesOf(content: readonly unknown[], depth: number): Inline[] {
  if (depth > nodeDepthMax) return []
  return content.flatMap((raw) => {
    const node = nodeOf(raw)
    return node === undefined ? [] : [inlineOf(node) ?? opaqueOf(node)]
  })
}

const dayMs = 86_400_000

const inlineReaders: Readonly<Record<string, (node: Node) => Inline | undefined>> = {
  text: ({ text, marks }) => ({ type: 'text', text, marks: marks.map(markOf) }),
  hardBreak: () => ({ type: 'break' }),
  mention({ attrs: { id, text, ...others } }) {
    if (typeof id !== 'string') return undefined
    const shown = typeof text === 'string' ? { text } : {}
    return { type: 'mention', by: 'account', id, ...shown, ...keptOf(others) }
  },
  emoji({ attrs: { shortName, text, ...others } }) {
    if (typeof shortName !== 'string') return undefined
    const shown = typeof text === 'string' ? { text } : {}
    return { type: 'emoji', shortName, ...shown, ...keptOf(others) }
  },
  date({ attrs: { timestamp, ...others } }) {
    const ms = Number(timestamp)
    if (!Number.isSafeInteger(ms) || ms < 0 || ms > 253_402_300_799_999) return undefined
    const rest = ms % dayMs === 0 ? others : { timestamp, ...others }
    return { type: 'date', date: new Date(ms).toISOString().slice(0, 10), ...keptOf(rest) }
  },
  status({ attrs: { text, color, ...others } }) {
    if (typeof text !== 'string') return undefined
    const isKnown = ['neutral', 'purple', 'blue', 'red', 'yellow', 'green'].includes(String(color))
    const rest = isKnown ? others : { color, ...others }
    const known = isKnown ? (color as StatusColor) : 'neutral'
    return { type: 'status', text, color: known, ...keptOf(rest) }
  },
  mediaInline(node) {
    const read = node.marks.length === 0 ? imageOf(node) : undefined
    if (read === undefined || read.image.source.kind !== 'media') return undefined
    return { ...read.image, ...keptOf(read.others) }
  },
  inlineCard({ attrs, raw }) {
    const { url } = attrs
    if (typeof url !== 'string' || !isSafeLink(url)) return undefined
    const card: Mark = { type: 'foreign', format: 'adf', source: JSON.stringify(raw) }
    return { type: 'text', text: url, marks: [{ type: 'link', href: url }, card] }
  },
  inlineExtension: (node) => macroOf(node, undefined),
}

function inlineOf(node: Node): Inline | undefined {
  const reader = Object.hasOwn(inlineReaders, node.type) ? inlineReaders[node.type] : undefined
  return reader?.(node)
}

const simpleMarks: Readonly<Record<string, SimpleMark>> = {
  strong: 'strong',
  em: 'emphasis',
  strike: 'strike',
  underline: 'underline',
  code: 'code',
}

function markOf(raw: unknown): Mark {
  const foreign: Mark = { type: 'foreign', format: 'adf', source: JSON.stringify(raw) }
  const node = nodeOf(raw)
  if (node === undefined) return foreign
  const simple = Object.hasOwn(simpleMarks, node.type) ? simpleMarks[node.type] : undefined
  return simple === undefined ? (markWithAttributes(node) ?? foreign) : { type: simple }
}

// oxlint-disable-next-line complexity -- one condition after the other, each of its own
function markWithAttributes({ type, attrs }: Node): Mark | undefined {
  const { href, title, color, type: kind, ...others } = attrs
  if (type === 'subsup') return { type: kind === 'sub' ? 'subscript' : 'superscript' }
  if (type === 'textColor' && isHex(color)) return { type: 'color', color: color.toLowerCase() }
  if (type === 'backgroundColor' && isHex(color))
    return { type: 'background', color: color.toLowerCase() }
  const isLink = type === 'link' && typeof href === 'string' && isSafeLink(href)
  if (!isLink || Object.keys(others).length > 0) return undefined
  return { type: 'link', href, ...(typeof title === 'string' ? { title } : {}) }
}
