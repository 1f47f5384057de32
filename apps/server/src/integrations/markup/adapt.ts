import { byType, someByType } from './by-type.ts'
import { adaptInlines, type Hand, imageInWiki, sizedFor } from './adapt-inlines.ts'
import { adaptTable } from './adapt-table.ts'
import type { Feature } from './capabilities.ts'
import { columnWidths } from './column-widths.ts'
import {
  type Block,
  boxOf,
  type CodeBlock,
  inlineText,
  type Inline,
  type Kept,
  leafText,
  type Layout,
  type List,
  type ListItem,
  type Macro,
  type MarkupDocument,
  type MarkupFormat,
  type Panel,
  paragraph,
  text,
} from './document.ts'
import { linesOfBlock, linesOfBlocks, titleLine } from './lines-of-blocks.ts'
import { isEmptyParagraph, joinLines, normalizeBlocks, normalizeDocument } from './normalize.ts'
import { wikiPanelColors } from './wiki-colors.ts'
import { wikiLanguage } from './wiki-languages.ts'

/** Something of a document that a format cannot say. */
export type Loss = {
  /** A row of docs/markup.md. */
  readonly feature: Feature
  readonly count: number
}

/**
 * The document as far as a format can say it, in its own means: this is what its renderer writes and
 * its parser reads back, exactly.
 */
export function adapt(
  document: MarkupDocument,
  format: MarkupFormat,
): { readonly document: MarkupDocument; readonly losses: readonly Loss[] } {
  const counts = new Map<Feature, number>()
  const hand: Hand = {
    format,
    lose: (feature) => counts.set(feature, (counts.get(feature) ?? 0) + 1),
  }
  const blocks = adaptBlocks(normalizeDocument(document).blocks, 'root', hand)
  return {
    document: { blocks: normalizeBlocks(blocks) },
    losses: [...counts].map(([feature, count]) => ({ feature, count })),
  }
}

/** What of a document `format` cannot say; empty means that it comes back whole. */
export function losses(document: MarkupDocument, format: MarkupFormat): readonly Loss[] {
  return adapt(document, format).losses
}

/** Where a block stands. */
type Place =
  | 'root'
  | 'item'
  | 'quote'
  | 'panel'
  | 'expand'
  | 'nested-expand'
  | 'cell'
  | 'column'
  | 'macro'

type Kind = Exclude<Block['type'], 'list'> | 'list' | 'task-list' | 'rich-macro'

const simple = ['paragraph', 'code-block', 'list', 'image', 'macro', 'opaque'] as const
const inPanel = [...simple, 'heading', 'task-list', 'rule'] as const
const inCell = [...inPanel, 'panel', 'quote', 'expand'] as const
const every: readonly Kind[] = [...inCell, 'table', 'layout', 'rich-macro']
const inMarkdown: readonly Kind[] = every.filter(
  (kind) => !['layout', 'macro', 'rich-macro'].includes(kind),
)
const inWiki: readonly Kind[] = inMarkdown.filter((kind) => kind !== 'expand')
const without = (kinds: readonly Kind[], ...taken: Kind[]) =>
  kinds.filter((kind) => !taken.includes(kind))

/** What may stand where; a place that is not named takes all that the root takes. */
const places: Readonly<
  Record<
    MarkupFormat,
    Readonly<{ root: readonly Kind[] }> & Partial<Record<Place, readonly Kind[]>>
  >
> = {
  markdown: { root: inMarkdown },
  adf: {
    root: every,
    item: [...simple, 'task-list'],
    quote: simple,
    panel: inPanel,
    expand: [...inCell, 'table'],
    'nested-expand': without(inCell, 'expand'),
    cell: inCell,
    column: without(every, 'layout'),
    macro: [...without(inCell, 'expand'), 'table'],
  },
  wiki: {
    root: inWiki,
    quote: without(inWiki, 'quote', 'panel'),
    panel: without(inWiki, 'panel'),
  },
  storage: {
    root: every,
    item: without(every, 'layout'),
    quote: without(every, 'layout'),
    panel: without(every, 'layout'),
    expand: without(every, 'layout'),
    cell: without(every, 'layout'),
    column: without(every, 'layout'),
    macro: without(every, 'layout'),
  },
}

function kindOf(block: Block): Kind {
  if (block.type === 'list') return isTaskList(block) ? 'task-list' : 'list'
  return block.type === 'macro' && block.body?.kind === 'rich' ? 'rich-macro' : block.type
}

function isTaskList({ ordered, items }: List): boolean {
  return !ordered && items.every(({ done }) => done !== undefined)
}

function mayStand(block: Block, place: Place, { format }: Hand): boolean {
  if (!isSayable(block, format)) return false
  return (places[format][place] ?? places[format].root).includes(kindOf(block))
}

const isSayable = someByType<Block, [format: MarkupFormat], boolean>(
  {
    opaque: (leaf, format) => leaf.format === format,
    panel: ({ kind }, format) => format !== 'markdown' || kind !== 'custom',
    layout: hasColumns,
    image: ({ source }, format) => mayShow(source.kind, format),
  },
  () => true,
)

function hasColumns({ columns }: Layout, format: MarkupFormat): boolean {
  return columns.length > 1 && columns.length < 4 && (format === 'adf' || format === 'storage')
}

function mayShow(kind: 'url' | 'attachment' | 'media', format: MarkupFormat): boolean {
  if (kind === 'url') return true
  return kind === 'media' ? format === 'adf' : format === 'wiki' || format === 'storage'
}

function adaptBlocks(blocks: readonly Block[], place: Place, hand: Hand): Block[] {
  return blocks.flatMap((block) => {
    if (mayStand(block, place, hand)) return adaptInside(keptOf(block, hand), place, hand)
    hand.lose(lossOf(block, place, hand))
    return adaptBlocks(simpler(block), place, hand)
  })
}

const lossOf = someByType<Block, [place: Place, hand: Hand], Feature>(
  {
    opaque: ({ type }) => type,
    macro: ({ type }) => type,
    image: ({ source }) => `image-${source.kind === 'media' ? 'media' : 'attachment'}`,
    layout: ({ type }) => type,
    panel: ({ kind }, place, { format }) =>
      kind === 'custom' && format === 'markdown' ? 'panel-kind' : lossIn(place),
    expand: (_expand, place, { format }) => (format === 'wiki' ? 'expand' : lossIn(place)),
  },
  (_block, place) => lossIn(place),
)

function lossIn(place: Place): Feature {
  return place === 'item' ? 'item-blocks' : place === 'cell' ? 'cell-blocks' : 'nesting'
}

/** One step down, until something may stand there; the words stay. */
const simpler = byType<Block, [], Block[]>({
  heading: linesAlone,
  image: linesAlone,
  table: linesAlone,
  quote: ({ blocks }) => [...blocks],
  panel: ({ kind, title, blocks }) =>
    kind === 'custom' && title === undefined
      ? [{ type: 'quote', blocks }]
      : [...titleLine(title), ...blocks],
  expand: ({ title, blocks }) => [...titleLine(title), ...blocks],
  layout: ({ columns }) => columns.flatMap(({ blocks }) => blocks),
  macro: (macro) => [paragraph([text(leafText(macro))]), ...bodyOf(macro)],
  opaque: (leaf) => [paragraph([text(leafText(leaf))])],
  list: (list) => [{ ...list, items: list.items.map(withBox) }],
  paragraph: (line) => [{ ...line, content: line.content }],
  'code-block': () => [],
  rule: () => [],
})

function linesAlone(block: Block): Block[] {
  return linesOfBlock(block).map(paragraph)
}

function bodyOf({ body }: Macro): readonly Block[] {
  if (body === undefined) return []
  return body.kind === 'rich' ? body.blocks : [{ type: 'code-block', text: body.text }]
}

/** A task where there are no boxes among other items. */
function withBox({ done, blocks, ...item }: ListItem): ListItem {
  if (done === undefined) return { ...item, blocks }
  const [first, ...rest] = blocks
  const box = text(boxOf(done))
  if (first?.type === 'paragraph')
    return { ...item, blocks: [{ ...first, content: [box, ...first.content] }, ...rest] }
  return { ...item, blocks: [paragraph([box]), ...blocks] }
}

const adaptInside = byType<Block, [place: Place, hand: Hand], Block[]>({
  paragraph: adaptLine,
  heading: adaptLine,
  'code-block': (code, _place, hand) => [adaptCode(code, hand)],
  quote: (quote, _place, hand) =>
    adaptQuote({ ...quote, blocks: adaptBlocks(quote.blocks, 'quote', hand) }, hand),
  panel: (panel, _place, hand) => [adaptPanel(panel, hand)],
  expand(expand, place, hand) {
    const inner = place === 'expand' || place === 'cell' ? 'nested-expand' : 'expand'
    return [{ ...expand, blocks: adaptBlocks(expand.blocks, inner, hand) }]
  },
  list: (list, _place, hand) => adaptList(list, hand),
  table: (table, _place, hand) =>
    adaptTable(table, hand, (blocks) => adaptBlocks(blocks, 'cell', hand)),
  layout: (layout, _place, hand) => [adaptLayout(layout, hand)],
  macro(macro, _place, hand) {
    if (macro.body?.kind !== 'rich') return [macro]
    const blocks = adaptBlocks(macro.body.blocks, 'macro', hand)
    return [{ ...macro, body: { kind: 'rich', blocks } }]
  },
  image: (image, _place, hand) =>
    imageInWiki(sizedFor(image, hand), hand).map((one) =>
      one.type === 'image' ? one : paragraph([one]),
    ),
  rule: (rule) => [rule],
  opaque: (leaf) => [leaf],
})

type Line = Extract<Block, { type: 'paragraph' | 'heading' }>

// oxlint-disable-next-line complexity -- one condition after the other, each of its own
function adaptLine(line: Line, place: Place, hand: Hand): Block[] {
  const { align, ...rest } = line
  const hasAlign = align !== undefined && mayAlign(place, hand.format)
  if (align !== undefined && !hasAlign) hand.lose('alignment')
  const adapted: Line = {
    ...rest,
    ...(hasAlign ? { align } : {}),
    content: adaptInlines(line.content, hand),
  }
  if (hand.format === 'adf' || hand.format === 'storage') return [adapted]
  const isEmpty = adapted.content.length === 0 && hand.format === 'markdown'
  if (isEmpty || isEmptyParagraph(adapted)) {
    hand.lose('empty-paragraph')
    return []
  }
  return [adapted.type === 'heading' && hand.format === 'wiki' ? oneLine(adapted, hand) : adapted]
}

function mayAlign(place: Place, format: MarkupFormat): boolean {
  if (format === 'adf') return ['root', 'cell', 'column'].includes(place)
  return format === 'storage' || (format === 'markdown' && place === 'cell')
}

function oneLine<L extends Line>(line: L, hand: Hand): L {
  const content = line.content.map((inline): Inline => {
    if (inline.type !== 'break') return inline
    hand.lose('heading-break')
    return text(' ')
  })
  return { ...line, content }
}

function adaptQuote(quote: Extract<Block, { type: 'quote' }>, hand: Hand): Block[] {
  if (quote.blocks.length > 0 || hand.format !== 'markdown') return [quote]
  hand.lose('empty-paragraph')
  return []
}

function adaptCode({ language, title, text: code, ...rest }: CodeBlock, hand: Hand): CodeBlock {
  const spoken = language === undefined ? undefined : languageOf(language, hand.format)
  if (spoken !== language) hand.lose('code-language')
  const named = titleOf(title, hand, 'code-title')
  const safe = hand.format === 'wiki' ? closable(code, spoken) : code
  if (safe !== code) hand.lose('code-text')
  return {
    ...rest,
    text: safe,
    ...(spoken === undefined ? {} : { language: spoken }),
    ...(named === undefined ? {} : { title: named }),
  }
}

function languageOf(language: string, format: MarkupFormat): string | undefined {
  if (format === 'wiki') return wikiLanguage(language)
  return format === 'markdown' ? /^[\w#+-]+/.exec(language)?.[0] : language
}

/** Nothing is an escape inside these macros, so an end in the middle gets an invisible space. */
function closable(code: string, language: string | undefined): string {
  const macro = language === undefined ? 'noformat' : 'code'
  return code.replaceAll(`{${macro}`, `{\u200B${macro}`)
}

function titleOf(
  title: string | undefined,
  { format, lose }: Hand,
  feature: 'code-title' | 'panel-title',
): string | undefined {
  const hasTitle = format === 'storage' || (format === 'wiki' && !/[|{}\n\\]/.test(title ?? ''))
  if (title === undefined || hasTitle) return title
  lose(feature)
  return undefined
}

function adaptPanel(panel: Panel, hand: Hand): Panel {
  const { title, blocks, ...given } = panel
  const rest = asKind(given, hand)
  const spoken = titleOf(title, hand, 'panel-title')
  const inner =
    title === undefined || spoken !== undefined ? blocks : [...titleLine(title), ...blocks]
  return {
    ...rest,
    ...(spoken === undefined ? {} : { title: spoken }),
    blocks: adaptBlocks(inner, 'panel', hand),
  }
}

/** A colour that stands for a kind is that kind to whoever reads it. */
function asKind<P extends Omit<Panel, 'title' | 'blocks'>>(panel: P, hand: Hand): P {
  if (panel.kind !== 'custom' || hand.format === 'adf') return panel
  const known = Object.entries(wikiPanelColors).find(([, color]) => color === panel.color)?.[0]
  if (known === undefined || (hand.format === 'storage' && known !== 'note')) return panel
  hand.lose('panel-kind')
  const { color: _color, ...rest } = panel
  return { ...rest, kind: known } as P
}

function adaptLayout(layout: Layout, hand: Hand): Layout {
  const widths = hand.format === 'storage' ? columnWidths(layout) : undefined
  if (widths !== undefined && layout.columns.some(({ width }, index) => width !== widths[index]))
    hand.lose('layout')
  return {
    ...layout,
    columns: layout.columns.map((column, index) => ({
      ...keptOf(column, hand),
      width: widths?.[index] ?? column.width,
      blocks: adaptBlocks(column.blocks, 'column', hand),
    })),
  }
}

function adaptList(list: List, hand: Hand): Block[] {
  if (hand.format === 'wiki') return [wikiList(list, hand)]
  if (hand.format === 'markdown') return [markdownList(list, hand)]
  const isTasks = isTaskList(list)
  const items = list.items.map((item): ListItem => {
    if (isTasks) return taskItem(keptOf(item, hand), hand)
    if (item.done !== undefined) hand.lose('tasks')
    const { blocks, ...rest } = withBox(keptOf(item, hand))
    return { ...rest, blocks: itemBlocks(adaptBlocks(blocks, 'item', hand), hand) }
  })
  return [{ ...list, items }]
}

/** The editor of ADF wants text or code first; a list that opens an item gets an empty line above it. */
function itemBlocks(blocks: readonly Block[], { format, lose }: Hand): readonly Block[] {
  const [first, second] = blocks
  const isLine = first !== undefined && isEmptyParagraph(first) && second?.type === 'list'
  if (format !== 'adf' || !isLine) return blocks
  lose('empty-paragraph')
  return blocks.slice(1)
}

function taskItem({ blocks, ...item }: ListItem, hand: Hand): ListItem {
  if (hand.format !== 'adf') return { ...item, blocks: adaptBlocks(blocks, 'item', hand) }
  const tail = blocks.findLastIndex((block) => kindOf(block) !== 'task-list') + 1
  const [first] = blocks
  const isPlain = tail === 0 || (tail === 1 && first?.type === 'paragraph')
  if (!isPlain) hand.lose('task-blocks')
  const content = adaptInlines(joinLines(linesOfBlocks(blocks.slice(0, tail))), hand)
  if (first?.type === 'paragraph' && first.align !== undefined) hand.lose('alignment')
  return {
    ...item,
    blocks: [
      ...(content.length === 0 ? [] : [paragraph(content)]),
      ...adaptBlocks(blocks.slice(tail), 'item', hand),
    ],
  }
}

function markdownList(list: List, hand: Hand): List {
  return {
    ...list,
    items: list.items.map((item): ListItem => {
      const { blocks, ...rest } = keptOf(item, hand)
      const inner = normalizeBlocks(adaptBlocks(blocks, 'item', hand))
      const [first] = inner
      const canBox = first?.type === 'paragraph'
      if (rest.done === undefined || canBox) return { ...rest, blocks: inner }
      hand.lose('task-blocks')
      return withBox({ ...rest, blocks: inner })
    }),
  }
}

function wikiList(list: List, hand: Hand): List {
  if (list.start !== 1) hand.lose('list-start')
  return { ...list, start: 1, items: list.items.map((item) => wikiItem(keptOf(item, hand), hand)) }
}

/** An item is one line, then code and further lines, then lists. */
function wikiItem({ blocks, ...item }: ListItem, hand: Hand): ListItem {
  const tail = blocks.findLastIndex(({ type }) => type !== 'list') + 1
  const head: Block[] = []
  for (const block of blocks.slice(0, tail)) addToItem(head, block, hand)
  const lists: List[] = []
  for (const block of adaptBlocks(blocks.slice(tail), 'item', hand))
    if (block.type === 'list') addList(lists, block, hand)
  const inner = normalizeBlocks([...head, ...lists])
  const looksLikeTask = item.done === undefined && /^[☐☑](?: |$)/.test(firstWords(inner))
  if (!looksLikeTask) return { ...item, blocks: inner }
  hand.lose('tasks')
  return asTask({ ...item, blocks: inner })
}

function firstWords([first]: readonly Block[]): string {
  const [words] = first?.type === 'paragraph' ? first.content : []
  return words?.type === 'text' && words.marks.length === 0 ? words.text : ''
}

/** A list whose text begins with a box is a task to whoever reads it. */
function asTask({ blocks, ...item }: ListItem): ListItem {
  const [first, ...rest] = blocks
  if (first?.type !== 'paragraph') return { ...item, blocks }
  const [box, ...content] = first.content
  if (box?.type !== 'text') return { ...item, blocks }
  const words = { ...box, text: box.text.slice(2) }
  return {
    ...item,
    done: box.text.startsWith('☑'),
    blocks: [{ ...first, content: words.text === '' ? content : [words, ...content] }, ...rest],
  }
}

function addToItem(head: Block[], block: Block, hand: Hand): void {
  if (block.type === 'code-block') {
    head.push(adaptCode(keptOf(block, hand), hand))
    return
  }
  if (block.type !== 'paragraph' && block.type !== 'image') hand.lose('item-blocks')
  if (block.type === 'paragraph' && block.align !== undefined) hand.lose('alignment')
  const content = adaptInlines(joinLines(linesOfBlock(block)), hand)
  const last = head.at(-1)
  if (content.length === 0) hand.lose('empty-paragraph')
  else if (last?.type === 'paragraph') {
    hand.lose('item-blocks')
    head[head.length - 1] = paragraph([...last.content, { type: 'break' }, ...content])
  } else if (!isSpacer(head, content)) head.push(paragraph(content))
  else hand.lose('empty-paragraph')
}

/** What the renderer writes where an item begins with something else than a line. */
function isSpacer(head: readonly Block[], content: readonly Inline[]): boolean {
  return head.length === 0 && inlineText(content) === '\u00A0'
}

function addList(lists: List[], list: List, hand: Hand): void {
  const last = lists.at(-1)
  if (last === undefined || last.ordered !== list.ordered) lists.push(list)
  else {
    hand.lose('adjacent-blocks')
    lists[lists.length - 1] = { ...last, items: [...last.items, ...list.items] }
  }
}

/** What only makes a node the same one: nobody misses it elsewhere. */
const identity: ReadonlySet<string> = new Set([
  'localId',
  'occurrenceKey',
  'uniqueId',
  'ac:local-id',
  'ac:macro-id',
  'ac:schema-version',
  'local-id',
  'task-id',
  'task-uuid',
])

function keptOf<Node extends Kept | Block>(node: Node, { format, lose }: Hand): Node {
  if (!('kept' in node) || node.kept === undefined || node.kept.format === format) return node
  const { kept, ...rest } = node
  if (Object.keys(kept.attributes).some((name) => !identity.has(name))) lose('foreign-attributes')
  return rest as Node
}
