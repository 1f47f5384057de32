import { byType } from './by-type.ts'
import type {
  Block,
  Cell,
  Expand,
  Inline,
  List,
  ListItem,
  Mark,
  MarkupDocument,
  Panel,
  Paragraph,
  Quote,
  Table,
  Text,
} from './document.ts'
import { inlineTree, type InlineTree } from './inline-tree.ts'
import { sameMarks, sortMarks } from './marks.ts'

/**
 * The one way to say a document: two that look alike are equal. Spaces at the edges of blocks and of
 * marks go, as no format keeps them; a paragraph of one image is that image; what is empty inside a
 * container is nothing.
 */
export function normalizeDocument({ blocks }: MarkupDocument): MarkupDocument {
  return { blocks: normalizeBlocks(blocks) }
}

export function normalizeBlocks(blocks: readonly Block[]): Block[] {
  return blocks.flatMap(normalizeBlock)
}

/** Where an empty paragraph says nothing, because there has to be something. */
function normalizeInner(blocks: readonly Block[]): Block[] {
  const inner = normalizeBlocks(blocks)
  const [only] = inner
  return inner.length === 1 && only !== undefined && isEmptyParagraph(only) ? [] : inner
}

export function isEmptyParagraph(block: Block): boolean {
  return block.type === 'paragraph' && block.content.length === 0 && block.align === undefined
}

const normalizeBlock = byType<Block, [], Block[]>({
  paragraph: normalizeParagraph,
  heading: (line) => [{ ...line, content: normalizeInlines(line.content) }],
  quote: withNormalInside,
  panel: withNormalInside,
  expand: withNormalInside,
  list: normalizeList,
  table: normalizeTable,
  layout(layout) {
    const columns = layout.columns.map((column) => ({
      ...column,
      blocks: normalizeInner(column.blocks),
    }))
    return [{ ...layout, columns }]
  },
  macro(macro) {
    if (macro.body?.kind !== 'rich') return [macro]
    return [{ ...macro, body: { kind: 'rich', blocks: normalizeInner(macro.body.blocks) } }]
  },
  'code-block': (code) => [{ ...code, text: cleanLines(code.text) }],
  image: (image) => [image],
  rule: (rule) => [rule],
  opaque: (leaf) => [leaf],
})

function normalizeParagraph(line: Paragraph): Block[] {
  const content = normalizeInlines(line.content)
  const [only] = content
  const isImage = content.length === 1 && only?.type === 'image' && line.align === undefined
  return [isImage ? only : { ...line, content }]
}

function withNormalInside(block: Quote | Panel | Expand): Block[] {
  return [{ ...block, blocks: normalizeInner(block.blocks) }]
}

function normalizeList(list: List): Block[] {
  if (list.items.length === 0) return []
  const items = list.items.map((item): ListItem => ({
    ...item,
    blocks: normalizeInner(item.blocks),
  }))
  return [{ ...list, start: list.ordered ? list.start : 1, items }]
}

function normalizeTable(table: Table): Block[] {
  const rows = table.rows
    .filter(({ cells }) => cells.length > 0)
    .map((row) => ({
      ...row,
      cells: row.cells.map((cell): Cell => ({ ...cell, blocks: normalizeInner(cell.blocks) })),
    }))
  return rows.length === 0 ? [] : [{ ...table, rows }]
}

export function normalizeInlines(content: readonly Inline[]): Inline[] {
  const cleaned = content.flatMap((inline): Inline[] =>
    inline.type === 'text' ? cleanText(inline) : [inline],
  )
  return trimLines(joinTexts(trimMarks(cleaned)))
}

// oxlint-disable-next-line no-control-regex -- control characters are what is taken out
const controls = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F\uFFFE\uFFFF]/g

/** Text of several lines without what no format may hold. */
export function cleanLines(words: string): string {
  return words.toWellFormed().replaceAll(/\r\n?/g, '\n').replaceAll(controls, '')
}

/** A line break in a source is a space in the text. */
export function cleanLine(words: string): string {
  return cleanLines(words)
    .split(/[\n\u2028\u2029]/)
    .map((line, index, { length }) => {
      const start = index === 0 ? line : line.trimStart()
      return index === length - 1 ? start : start.trimEnd()
    })
    .join(' ')
    .replaceAll('\t', ' ')
}

function cleanText({ text, marks }: Text): Text[] {
  const words = cleanLine(text)
  return words === '' ? [] : [{ type: 'text', text: words, marks: sortMarks(marks) }]
}

/** Spaces at the ends of a mark are outside of it: most formats cannot say anything else. */
function trimMarks(content: readonly Inline[]): Inline[] {
  const isPlain = content.every((inline) => inline.type !== 'text' || inline.marks.length === 0)
  return isPlain ? [...content] : flatten(trimTrees(inlineTree(content)), [])
}

function trimTrees(trees: readonly InlineTree[]): InlineTree[] {
  return trees.flatMap((tree): InlineTree[] => {
    if (tree.kind === 'leaf') return [tree]
    const children = trimTrees(tree.children)
    if (tree.mark.type === 'foreign') return [{ ...tree, children }]
    const before = peel(children, 0)
    const after = peel(children, -1)
    return [...before, ...(children.length === 0 ? [] : [{ ...tree, children }]), ...after]
  })
}

/** Takes the spaces at one end out of `trees`. */
function peel(trees: InlineTree[], at: 0 | -1): InlineTree[] {
  const peeled: InlineTree[] = []
  for (let edge = trees.at(at); edge?.kind === 'leaf'; edge = trees.at(at)) {
    if (edge.inline.type !== 'text') break
    const words = edge.inline.text
    const core = at === 0 ? words.trimStart() : words.trimEnd()
    if (core === words) break
    const space = at === 0 ? words.slice(0, words.length - core.length) : words.slice(core.length)
    const leaf: InlineTree = { kind: 'leaf', inline: { type: 'text', text: space, marks: [] } }
    if (at === 0) peeled.push(leaf)
    else peeled.unshift(leaf)
    if (core === '') trees.splice(at, 1)
    else trees.splice(at, 1, { kind: 'leaf', inline: { ...edge.inline, text: core } })
  }
  return peeled
}

function flatten(trees: readonly InlineTree[], marks: readonly Mark[]): Inline[] {
  return trees.flatMap((tree): Inline[] => {
    if (tree.kind === 'mark') return flatten(tree.children, [...marks, tree.mark])
    return tree.inline.type === 'text' ? [{ ...tree.inline, marks }] : [tree.inline]
  })
}

/** Makes neighbouring texts one. */
export function joinTexts(content: readonly Inline[]): Inline[] {
  const result: Inline[] = []
  for (const inline of content) {
    const last = result.at(-1)
    if (inline.type === 'text' && last?.type === 'text' && sameMarks(inline.marks, last.marks))
      result[result.length - 1] = { ...last, text: last.text + inline.text }
    else result.push(inline)
  }
  return result
}

/** The parts between breaks. */
export function linesOf(content: readonly Inline[]): Inline[][] {
  const lines: Inline[][] = [[]]
  for (const inline of content) {
    if (inline.type === 'break') lines.push([])
    else lines.at(-1)?.push(inline)
  }
  return lines
}

function trimLines(content: readonly Inline[]): Inline[] {
  const lines = linesOf(content).map(trimLine)
  while (lines.length > 0 && lines[0]?.length === 0) lines.shift()
  while (lines.length > 0 && lines.at(-1)?.length === 0) lines.pop()
  return joinLines(lines)
}

export function joinLines(lines: readonly (readonly Inline[])[]): Inline[] {
  return lines.flatMap((line, index): Inline[] =>
    index === 0 ? [...line] : [{ type: 'break' }, ...line],
  )
}

function trimLine(line: readonly Inline[]): Inline[] {
  const result = [...line]
  for (const [at, edge] of [
    [0, /^[ ]+/],
    [-1, /[ ]+$/],
  ] as const) {
    let inline = result.at(at)
    while (inline?.type === 'text') {
      const words = inline.text.replace(edge, '')
      if (words === '') result.splice(at, 1)
      else result.splice(at, 1, { ...inline, text: words })
      if (words !== '') break
      inline = result.at(at)
    }
  }
  return result
}
