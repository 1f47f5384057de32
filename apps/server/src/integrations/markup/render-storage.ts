import { byType } from './by-type.ts'
import { adapt } from './adapt.ts'
import { rgbOf } from './colors.ts'
import { layoutTypes } from './column-widths.ts'
import type {
  Alignment,
  Block,
  Cell,
  CodeBlock,
  Column,
  Emoji,
  Expand,
  Image,
  Inline,
  Kept,
  Layout,
  List,
  ListItem,
  Macro,
  Mark,
  MarkupDocument,
  Mention,
  Panel,
  Table,
} from './document.ts'
import { emoticons } from './emoticons.ts'
import { inlineTree, type InlineTree } from './inline-tree.ts'
import { linesOfBlocks } from './lines-of-blocks.ts'
import { joinLines, normalizeInlines } from './normalize.ts'
import { cdata, escapeXml } from './storage-xml.ts'

/** Names below which a parser keeps what is no attribute. */
export const keptSource = '$source'
export const keptParameters = '$parameters'
export const keptElement = '$element'
export const keptColumns = '$columns'

/**
 * The document as Confluence stores it (its "Confluence Storage Format", Data Center 10.1 and Cloud).
 *
 * @returns well-formed XML content, empty for an empty document. Never throws.
 */
export function renderStorage(document: MarkupDocument): string {
  const { blocks } = adapt(document, 'storage').document
  if (!blocks.some(({ type }) => type === 'layout')) return blocksXml(blocks)
  return `<ac:layout>${sectionsOf(blocks).map(sectionXml).join('')}</ac:layout>`
}

/** The blocks for the inside of a page: columns stand one below the other. */
export function renderBlocks(document: MarkupDocument): string {
  return blocksXml(adapt(document, 'storage').document.blocks)
}

/** The same as one line of text, for a place that takes nothing else. */
export function inlineStorage(document: MarkupDocument): string {
  return inlinesXml(
    normalizeInlines(joinLines(linesOfBlocks(adapt(document, 'storage').document.blocks))),
  )
}

/** Beside columns everything else stands in a section of one column. */
function sectionsOf(blocks: readonly Block[]): (Layout | readonly Block[])[] {
  const sections: (Layout | Block[])[] = []
  for (const block of blocks) {
    const last = sections.at(-1)
    if (block.type === 'layout') sections.push(block)
    else if (Array.isArray(last)) last.push(block)
    else sections.push([block])
  }
  return sections
}

function sectionXml(section: Layout | readonly Block[]): string {
  if (!('type' in section)) {
    const cell = `<ac:layout-cell>${blocksXml(section)}</ac:layout-cell>`
    return `<ac:layout-section ac:type="single">${cell}</ac:layout-section>`
  }
  const widths = section.columns.map(({ width }) => width)
  const type = layoutTypes.find(([, known]) => known.join() === widths.join())?.[0] ?? 'two_equal'
  const cells = section.columns.map((column: Column) =>
    tag('ac:layout-cell', keptAttributes(column), blocksXml(column.blocks)),
  )
  return tag('ac:layout-section', { 'ac:type': type, ...keptAttributes(section) }, cells.join(''))
}

type Attributes = Readonly<Record<string, string | undefined>>

function tag(name: string, attributes: Attributes, inner: string): string {
  const written = openTag(name, attributes)
  return inner === '' ? `${written} />` : `${written}>${inner}</${name}>`
}

function openTag(name: string, attributes: Attributes): string {
  const list = Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined ? [] : [` ${key}="${escapeXml(value)}"`],
  )
  return `<${name}${list.join('')}`
}

function keptAttributes({ kept }: Kept): Attributes {
  if (kept?.format !== 'storage') return {}
  const list = Object.entries(kept.attributes).filter(([name]) => !name.startsWith('$'))
  return Object.fromEntries(list.map(([name, value]) => [name, String(value)]))
}

function keptValue({ kept }: Kept, name: string): unknown {
  return kept?.format === 'storage' ? kept.attributes[name] : undefined
}

function blocksXml(blocks: readonly Block[]): string {
  return blocks.map(blockXml).join('')
}

const blockXml = byType<Block, [], string>({
  paragraph: (line) => tag('p', lineAttributes(line), inlinesXml(line.content)),
  heading: (line) => tag(`h${line.level}`, lineAttributes(line), inlinesXml(line.content)),
  'code-block': codeXml,
  quote: (quote) =>
    `${openTag('blockquote', keptAttributes(quote))}>${blocksXml(quote.blocks)}</blockquote>`,
  panel: panelXml,
  expand: expandXml,
  list: (list) => (isTaskList(list) ? taskListXml(list) : listXml(list)),
  table: tableXml,
  image: imageXml,
  rule: (rule) => tag('hr', keptAttributes(rule), ''),
  layout: ({ columns }) => columns.map(({ blocks }) => blocksXml(blocks)).join(''),
  macro: macroXml,
  opaque: ({ source }) => source,
})

function lineAttributes(line: Kept & { readonly align?: Alignment }): Attributes {
  const { style, ...others } = keptAttributes(line)
  const align =
    line.align === undefined ? '' : `text-align: ${line.align === 'end' ? 'right' : 'center'};`
  const styles = [align, style].filter((part) => part !== undefined && part !== '').join(' ')
  return { ...(styles === '' ? {} : { style: styles }), ...others }
}

type MacroParts = {
  readonly name: string
  readonly parameters: readonly (readonly [name: string, value: string | undefined])[]
  readonly body: string
}

function macroOf(node: Kept, { name, parameters, body }: MacroParts): string {
  const others = keptValue(node, keptParameters)
  const all = [...parameters, ...(Array.isArray(others) ? (others as [string, string][]) : [])]
  const inner = all.flatMap(([key, value]) =>
    value === undefined
      ? []
      : [`${openTag('ac:parameter', { 'ac:name': key })}>${escapeXml(value)}</ac:parameter>`],
  )
  const attributes = { 'ac:name': name, 'ac:schema-version': '1', ...keptAttributes(node) }
  return tag('ac:structured-macro', attributes, inner.join('') + body)
}

function richBody(blocks: readonly Block[]): string {
  return `<ac:rich-text-body>${blocksXml(blocks)}</ac:rich-text-body>`
}

function plainBody(words: string): string {
  return `<ac:plain-text-body>${cdata(words)}</ac:plain-text-body>`
}

function codeXml(code: CodeBlock): string {
  const element = keptValue(code, keptElement)
  if (element === 'pre')
    return `${openTag('pre', keptAttributes(code))}>${escapeXml(code.text)}</pre>`
  return macroOf(code, {
    name: element === 'noformat' ? 'noformat' : 'code',
    parameters: [
      ['language', code.language],
      ['title', code.title],
    ],
    body: plainBody(code.text),
  })
}

/** Macros that Confluence draws as panels; the kinds that it has no macro for are coloured ones. */
export const panelMacros = {
  info: 'info',
  success: 'tip',
  warning: 'note',
  error: 'warning',
} as const
export const noteColor = '#eae6ff'

function panelXml(panel: Panel): string {
  const { kind, title, color } = panel
  const body = richBody(panel.blocks)
  if (kind !== 'note' && kind !== 'custom')
    return macroOf(panel, { name: panelMacros[kind], parameters: [['title', title]], body })
  const background = kind === 'note' ? noteColor : color
  return macroOf(panel, {
    name: 'panel',
    parameters: [
      ['title', title],
      ['bgColor', background],
    ],
    body,
  })
}

function expandXml(expand: Expand): string {
  return macroOf(expand, {
    name: 'expand',
    parameters: [['title', expand.title]],
    body: richBody(expand.blocks),
  })
}

function isTaskList({ ordered, items }: List): boolean {
  return !ordered && items.every(({ done }) => done !== undefined)
}

function taskListXml(list: List): string {
  return tag('ac:task-list', keptAttributes(list), list.items.map(taskXml).join(''))
}

function taskXml(item: ListItem): string {
  const { 'task-id': id, 'task-uuid': uuid, ...others } = keptAttributes(item)
  const ids = [
    ...(id === undefined ? [] : [`<ac:task-id>${escapeXml(id)}</ac:task-id>`]),
    ...(uuid === undefined ? [] : [`<ac:task-uuid>${escapeXml(uuid)}</ac:task-uuid>`]),
  ]
  const status = `<ac:task-status>${item.done === true ? 'complete' : 'incomplete'}</ac:task-status>`
  const body = `<ac:task-body>${openingLine(item.blocks)}</ac:task-body>`
  return tag('ac:task', others, ids.join('') + status + body)
}

/** The first line of a task stands in it without a paragraph around it. */
// oxlint-disable-next-line complexity -- one condition after the other, each of its own
function openingLine(blocks: readonly Block[]): string {
  const [first, ...rest] = blocks
  const isLine =
    first?.type === 'paragraph' && first.align === undefined && first.kept === undefined
  // Between blocks images and macros are blocks themselves.
  const isWords = first?.type === 'paragraph' && first.content.every(isWord)
  return isLine && isWords && first.content.length > 0 && rest[0]?.type !== 'image'
    ? inlinesXml(first.content) + blocksXml(rest)
    : blocksXml(blocks)
}

function isWord({ type }: Inline): boolean {
  return type !== 'image' && type !== 'macro' && type !== 'opaque'
}

function listXml(list: List): string {
  const start = list.ordered && list.start !== 1 ? { start: String(list.start) } : {}
  const items = list.items.map(
    (item) => `${openTag('li', keptAttributes(item))}>${blocksXml(item.blocks)}</li>`,
  )
  return tag(list.ordered ? 'ol' : 'ul', { ...start, ...keptAttributes(list) }, items.join(''))
}

function tableXml(table: Table): string {
  const rows = table.rows.map((row) =>
    tag('tr', keptAttributes(row), row.cells.map(cellXml).join('')),
  )
  const columns = keptValue(table, keptColumns)
  const head = typeof columns === 'string' ? columns : ''
  return tag('table', keptAttributes(table), `${head}<tbody>${rows.join('')}</tbody>`)
}

function cellXml(cell: Cell): string {
  const { header, colspan, rowspan, blocks } = cell
  const name = header ? 'th' : 'td'
  const spans = {
    ...(colspan === undefined ? {} : { colspan: String(colspan) }),
    ...(rowspan === undefined ? {} : { rowspan: String(rowspan) }),
  }
  const inner = blocks.length === 0 ? '<p />' : blocksXml(blocks)
  return `${openTag(name, { ...spans, ...keptAttributes(cell) })}>${inner}</${name}>`
}

function imageXml(image: Image): string {
  const { source, alt, width, height } = image
  const attributes = {
    'ac:alt': alt,
    'ac:width': width?.toString(),
    'ac:height': height?.toString(),
    ...keptAttributes(image),
  }
  const inner =
    source.kind === 'url'
      ? tag('ri:url', { 'ri:value': source.url }, '')
      : tag(
          'ri:attachment',
          { 'ri:filename': source.kind === 'attachment' ? source.name : source.id },
          '',
        )
  return tag('ac:image', attributes, inner)
}

function macroXml(macro: Macro): string {
  const source = keptValue(macro, keptSource)
  if (typeof source === 'string') return source
  const { name, parameters, body } = macro
  const inner = body?.kind === 'rich' ? richBody(body.blocks) : body && plainBody(body.text)
  return macroOf(macro, { name, parameters, body: inner ?? '' })
}

function inlinesXml(content: readonly Inline[]): string {
  return inlineTree(content)
    .map((tree) => treeXml(tree, false))
    .join('')
}

function treeXml(tree: InlineTree, isInLink: boolean): string {
  if (tree.kind === 'leaf') return leafXml(tree.inline)
  const { mark } = tree
  const isLink = mark.type === 'link' || (mark.type === 'foreign' && /^<a[\s>]/.test(mark.source))
  const inner = tree.children.map((child) => treeXml(child, isInLink || isLink)).join('')
  if (mark.type === 'link' && isInLink) return inner
  return `${openOf(mark)}${inner}</${elementOf(mark)}>`
}

const elements = {
  strong: 'strong',
  emphasis: 'em',
  strike: 's',
  underline: 'u',
  superscript: 'sup',
  subscript: 'sub',
  code: 'code',
  color: 'span',
  background: 'span',
  link: 'a',
} as const

function elementOf(mark: Mark): string {
  return mark.type === 'foreign'
    ? (/^<([^\s/>]+)/.exec(mark.source)?.[1] ?? 'span')
    : elements[mark.type]
}

function openOf(mark: Mark): string {
  switch (mark.type) {
    case 'foreign':
      return mark.source
    case 'link':
      return `${openTag('a', { href: mark.href, title: mark.title })}>`
    case 'color':
      return `<span style="color: ${rgbOf(mark.color)};">`
    case 'background':
      return `<span style="background-color: ${rgbOf(mark.color)};">`
    default:
      return `<${elements[mark.type]}>`
  }
}

const leafXml = byType<Inline, [], string>({
  text: ({ text }) => escapeXml(text),
  break: () => '<br />',
  mention: mentionXml,
  emoji: emojiXml,
  date: (date) => tag('time', { datetime: date.date, ...keptAttributes(date) }, ''),
  status: (status) =>
    macroOf(status, {
      name: 'status',
      parameters: [
        ['title', status.text],
        ['colour', statusColors[status.color]],
      ],
      body: '',
    }),
  image: imageXml,
  macro: macroXml,
  opaque: ({ source }) => source,
})

export const statusColors = {
  neutral: undefined,
  purple: 'Purple',
  blue: 'Blue',
  red: 'Red',
  yellow: 'Yellow',
  green: 'Green',
} as const

export const userAttributes = {
  account: 'ri:account-id',
  name: 'ri:username',
  key: 'ri:userkey',
} as const

function mentionXml(mention: Mention): string {
  const user = { [userAttributes[mention.by]]: mention.id, ...keptAttributes(mention) }
  return `<ac:link>${tag('ri:user', user, '')}</ac:link>`
}

/** What Confluence writes for an emoji that has no name of its own there. */
const otherEmoticon = 'blue-star'

export function emoticonName(shortName: string): string {
  return emoticons.find((known) => known.shortName === shortName)?.name ?? otherEmoticon
}

function emojiXml(emoji: Emoji): string {
  const attributes = {
    'ac:name': emoticonName(emoji.shortName),
    'ac:emoji-shortname': emoji.shortName,
    'ac:emoji-fallback': emoji.text,
    ...keptAttributes(emoji),
  }
  return tag('ac:emoticon', attributes, '')
}
