import { byType } from './by-type.ts'
import { adapt } from './adapt.ts'
import type {
  Block,
  Cell,
  CodeBlock,
  Emoji,
  Image,
  Inline,
  Kept,
  List,
  Macro,
  Mark,
  MarkupDocument,
  Mention,
  Panel,
  Table,
  TableRow,
  Text,
} from './document.ts'

/** A node of the Atlassian Document Format; ours use what its schema allows in that place. */
export type AdfNode = {
  readonly type: string
  readonly version?: 1
  readonly attrs?: Readonly<Record<string, unknown>>
  readonly content?: readonly AdfNode[]
  readonly text?: string
  readonly marks?: readonly AdfMark[]
}

export type AdfMark = {
  readonly type: string
  readonly attrs?: Readonly<Record<string, unknown>>
}

export type AdfDocument = AdfNode & { readonly type: 'doc'; readonly version: 1 }

/** Where marks and parameters that the model does not know are kept among the attributes. */
export const keptMarks = '$marks'
export const keptParameters = '$parameters'

/** The parameter that holds the plain body of a macro. */
export const plainBody = '__bodyContent'

/** Macros of Confluence are extensions of this type in ADF. */
export const macroExtension = 'com.atlassian.confluence.macro.core'

/**
 * The document as Jira Cloud and Confluence Cloud take it, valid by the schema
 * `@atlaskit/adf-schema` 57.
 *
 * @returns an empty document for an empty one. Never throws.
 */
export function renderAdf(document: MarkupDocument): AdfDocument {
  const { blocks } = adapt(document, 'adf').document
  const ids = createIds()
  return { type: 'doc', version: 1, content: blocks.map((block) => blockNode(block, ids)) }
}

/** Nodes for the inside of another node, the same as `renderAdf` makes of the document. */
export function adfNodes(document: MarkupDocument): readonly AdfNode[] {
  return renderAdf(document).content ?? []
}

/** Task lists must have ids; the same document gets the same. */
type Ids = { readonly next: (kind: string) => string; readonly isNested?: boolean }

function createIds(): Ids {
  let count = 0
  return { next: (kind) => `${kind}-${(count += 1)}` }
}

const blockNode = byType<Block, [ids: Ids], AdfNode>({
  paragraph: (line) => withKept(line, { type: 'paragraph', ...lineOf(line) }),
  heading: (line) =>
    withKept(line, { type: 'heading', attrs: { level: line.level }, ...lineOf(line) }),
  'code-block': codeNode,
  quote: (quote, ids) => withKept(quote, { type: 'blockquote', content: inner(quote.blocks, ids) }),
  panel: panelNode,
  expand(expand, ids) {
    const attrs = expand.title === undefined ? {} : { title: expand.title }
    const type = ids.isNested === true ? 'nestedExpand' : 'expand'
    const content = inner(expand.blocks, { ...ids, isNested: true })
    return withKept(expand, { type, attrs, content })
  },
  list: (list, ids) => (isTaskList(list) ? taskListNode(list, ids) : listNode(list, ids)),
  table: tableNode,
  image: mediaSingle,
  rule: (rule) => withKept(rule, { type: 'rule' }),
  layout(layout, ids) {
    const content = layout.columns.map((column) =>
      withKept(column, {
        type: 'layoutColumn',
        attrs: { width: column.width },
        content: inner(column.blocks, ids),
      }),
    )
    return withKept(layout, { type: 'layoutSection', content })
  },
  macro: macroNode,
  opaque: ({ source }) => JSON.parse(source) as AdfNode,
})

function inner(blocks: readonly Block[], ids: Ids): AdfNode[] {
  return blocks.length === 0
    ? [{ type: 'paragraph', content: [] }]
    : blocks.map((block) => blockNode(block, ids))
}

function lineOf({ align, content }: Extract<Block, { type: 'paragraph' | 'heading' }>) {
  return {
    content: inlineNodes(content),
    ...(align === undefined ? {} : { marks: [{ type: 'alignment', attrs: { align } }] }),
  }
}

function codeNode({ language, text, ...rest }: CodeBlock): AdfNode {
  return withKept(rest, {
    type: 'codeBlock',
    ...(language === undefined ? {} : { attrs: { language } }),
    content: text === '' ? [] : [{ type: 'text', text }],
  })
}

function panelNode(panel: Panel, ids: Ids): AdfNode {
  const color = panel.color === undefined ? {} : { panelColor: panel.color }
  return withKept(panel, {
    type: 'panel',
    attrs: { panelType: panel.kind, ...color },
    content: inner(panel.blocks, ids),
  })
}

function isTaskList({ ordered, items }: List): boolean {
  return !ordered && items.every(({ done }) => done !== undefined)
}

function taskListNode(list: List, ids: Ids): AdfNode {
  const localId = ids.next('list')
  const content = list.items.flatMap((item): AdfNode[] => {
    const [first, ...rest] = item.blocks
    const line =
      first?.type === 'paragraph' ? first.content : first?.type === 'image' ? [first] : []
    const lists = first === undefined || first.type === 'list' ? item.blocks : rest
    const state = item.done === true ? 'DONE' : 'TODO'
    const task = withKept(item, {
      type: 'taskItem',
      attrs: { localId: ids.next('task'), state },
      content: inlineNodes(line),
    })
    return [task, ...lists.map((block) => blockNode(block, ids))]
  })
  return withKept(list, { type: 'taskList', attrs: { localId }, content })
}

function listNode(list: List, ids: Ids): AdfNode {
  const { ordered, start, items } = list
  return withKept(list, {
    type: ordered ? 'orderedList' : 'bulletList',
    ...(ordered && start !== 1 ? { attrs: { order: start } } : {}),
    content: items.map((item) =>
      withKept(item, { type: 'listItem', content: itemNodes(item.blocks, ids) }),
    ),
  })
}

/** The editor wants text or code first; a list that opens an item gets an empty line above it. */
function itemNodes(blocks: readonly Block[], ids: Ids): AdfNode[] {
  const nodes = inner(blocks, ids)
  const isList = blocks[0]?.type === 'list'
  return isList ? [{ type: 'paragraph', content: [] }, ...nodes] : nodes
}

function tableNode(table: Table, ids: Ids): AdfNode {
  return withKept(table, {
    type: 'table',
    content: table.rows.map((row: TableRow) =>
      withKept(row, { type: 'tableRow', content: row.cells.map((cell) => cellNode(cell, ids)) }),
    ),
  })
}

function cellNode(cell: Cell, ids: Ids): AdfNode {
  const { header, colspan, rowspan, blocks } = cell
  const spans = {
    ...(colspan === undefined ? {} : { colspan }),
    ...(rowspan === undefined ? {} : { rowspan }),
  }
  return withKept(cell, {
    type: header ? 'tableHeader' : 'tableCell',
    ...(Object.keys(spans).length === 0 ? {} : { attrs: spans }),
    content: inner(blocks, { ...ids, isNested: true }),
  })
}

function mediaAttributes({ source, alt, width, height }: Image): Readonly<Record<string, unknown>> {
  const size = {
    ...(alt === undefined ? {} : { alt }),
    ...(width === undefined ? {} : { width }),
    ...(height === undefined ? {} : { height }),
  }
  if (source.kind === 'media')
    return { type: 'file', id: source.id, collection: source.collection, ...size }
  return { type: 'external', url: source.kind === 'url' ? source.url : '', ...size }
}

function mediaSingle(image: Image): AdfNode {
  const { kept } = image
  const own = kept?.format === 'adf' ? kept.attributes : {}
  const { media, ...single } = own as { readonly media?: Readonly<Record<string, unknown>> }
  return {
    type: 'mediaSingle',
    attrs: { layout: 'center', ...single },
    content: [{ type: 'media', attrs: { ...mediaAttributes(image), ...media } }],
  }
}

function macroNode(macro: Macro, ids: Ids): AdfNode {
  const { name, parameters, body, kept } = macro
  const others = kept?.format === 'adf' ? kept.attributes[keptParameters] : undefined
  const values = Object.fromEntries(parameters.map(([key, value]) => [key, { value }]))
  const plain = body?.kind === 'plain' ? { [plainBody]: { value: body.text } } : {}
  const attrs = {
    extensionType: macroExtension,
    extensionKey: name,
    parameters: {
      ...(typeof others === 'object' ? others : {}),
      macroParams: { ...values, ...plain },
    },
  }
  if (body?.kind !== 'rich') return withKept(macro, { type: 'extension', attrs })
  return withKept(macro, { type: 'bodiedExtension', attrs, content: inner(body.blocks, ids) })
}

/** Attributes that the model does not know go back where they came from. */
function withKept({ kept }: Kept, node: AdfNode): AdfNode {
  if (kept?.format !== 'adf') return node
  const { [keptMarks]: marks, [keptParameters]: _parameters, ...attributes } = kept.attributes
  const attrs = { ...node.attrs, ...attributes }
  return {
    ...node,
    ...(Object.keys(attrs).length === 0 ? {} : { attrs }),
    ...(Array.isArray(marks) ? { marks: [...(node.marks ?? []), ...(marks as AdfMark[])] } : {}),
  }
}

function inlineNodes(content: readonly Inline[]): AdfNode[] {
  return content.map(inlineNode)
}

const inlineNode = byType<Inline, [], AdfNode>({
  text: textNode,
  break: () => ({ type: 'hardBreak' }),
  mention: mentionNode,
  emoji: emojiNode,
  date: (date) =>
    withKept(date, {
      type: 'date',
      attrs: { timestamp: String(Date.parse(`${date.date}T00:00:00Z`)) },
    }),
  status: (status) =>
    withKept(status, { type: 'status', attrs: { text: status.text, color: status.color } }),
  image: inlineImage,
  macro: (macro) => ({ ...macroNode(macro, createIds()), type: 'inlineExtension' }),
  opaque: ({ source }) => JSON.parse(source) as AdfNode,
})

function textNode({ text, marks }: Text): AdfNode {
  const nodes = marksOf(marks)
  const card = nodes.find(({ type, attrs }) => type === 'inlineCard' && attrs?.['url'] === text)
  if (card !== undefined) return card
  const others = nodes.filter(({ type }) => type !== 'inlineCard')
  return { type: 'text', text, ...(others.length === 0 ? {} : { marks: others }) }
}

function mentionNode(mention: Mention): AdfNode {
  const text = mention.text === undefined ? {} : { text: mention.text }
  return withKept(mention, { type: 'mention', attrs: { id: mention.id, ...text } })
}

function emojiNode(emoji: Emoji): AdfNode {
  const text = emoji.text === undefined ? {} : { text: emoji.text }
  return withKept(emoji, { type: 'emoji', attrs: { shortName: emoji.shortName, ...text } })
}

function inlineImage(image: Image): AdfNode {
  return withKept(image, { type: 'mediaInline', attrs: mediaAttributes(image) })
}

function marksOf(marks: readonly Mark[]): AdfMark[] {
  return marks.map((mark) => markNode(mark))
}

const sameName = ({ type }: Mark): AdfMark => ({ type })

const markNode = byType<Mark, [], AdfMark>({
  strong: sameName,
  strike: sameName,
  underline: sameName,
  code: sameName,
  emphasis: () => ({ type: 'em' }),
  superscript: () => ({ type: 'subsup', attrs: { type: 'sup' } }),
  subscript: () => ({ type: 'subsup', attrs: { type: 'sub' } }),
  color: ({ color }) => ({ type: 'textColor', attrs: { color } }),
  background: ({ color }) => ({ type: 'backgroundColor', attrs: { color } }),
  link: ({ href, title }) => ({
    type: 'link',
    attrs: { href, ...(title === undefined ? {} : { title }) },
  }),
  foreign: ({ source }) => JSON.parse(source) as AdfMark,
})
