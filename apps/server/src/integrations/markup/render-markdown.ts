import { byType } from './by-type.ts'
import { adapt } from './adapt.ts'
import type {
  Alignment,
  Block,
  Cell,
  CodeBlock,
  Inline,
  List,
  ListItem,
  Mark,
  MarkupDocument,
  SimpleMark,
  Table,
} from './document.ts'
import { inlineTree, type InlineTree } from './inline-tree.ts'
import {
  escapeLineStart,
  escapeMarkdown,
  markdownTitle,
  markdownUrl,
  type MarkdownPlace,
} from './markdown-text.ts'
import { linesOf } from './normalize.ts'
import { alerts } from './parse-markdown.ts'

/**
 * The document as GitHub-flavoured Markdown. What Markdown has no sign for is HTML without attributes
 * (`<u>`, `<sup>`, `<details>`), or words; see docs/markup.md.
 *
 * @returns an empty text for an empty document. Never throws.
 */
export function renderMarkdown(document: MarkupDocument): string {
  return blocksMarkdown(adapt(document, 'markdown').document.blocks)
}

function blocksMarkdown(blocks: readonly Block[]): string {
  return markdownParts(blocks).join('\n\n')
}

/** Two lists one behind the other are told apart by their bullets. */
function markdownParts(blocks: readonly Block[]): string[] {
  let isOther = false
  return blocks.map((block, index) => {
    const before = blocks[index - 1]
    const follows =
      block.type === 'list' && before?.type === 'list' && before.ordered === block.ordered
    isOther = follows && !isOther
    return block.type === 'list' ? listMarkdown(block, isOther) : blockMarkdown(block)
  })
}

const running: MarkdownPlace = { inCell: false, inHeading: false }

const blockMarkdown = byType<Block, [], string>({
  paragraph: ({ content }) => linesMarkdown(content),
  heading: ({ level, content }) =>
    `${'#'.repeat(level)} ${lineMarkdown(content, { ...running, inHeading: true })}`,
  'code-block': codeMarkdown,
  quote: ({ blocks }) => quoted(blocksMarkdown(blocks)),
  panel: panelMarkdown,
  expand: expandMarkdown,
  list: (list) => listMarkdown(list, false),
  table: tableMarkdown,
  image: (image) => lineMarkdown([image], running),
  rule: () => '___',
  opaque: ({ source }) => source,
  // They were taken apart before.
  layout: () => '',
  macro: () => '',
})

function linesMarkdown(content: readonly Inline[]): string {
  const lines = linesOf(content)
  // A line end behind nothing would be the end of the paragraph.
  const lineBreak = lines.some((line) => line.length === 0) ? '<br>' : '\\\n'
  const written = lines.map((line) => inlineMarkdown(line, running))
  if (lineBreak === '<br>') return escapeLineStart(written.join(lineBreak))
  return written.map(escapeLineStart).join(lineBreak)
}

function lineMarkdown(content: readonly Inline[], place: MarkdownPlace): string {
  return linesOf(content)
    .map((line) => inlineMarkdown(line, place))
    .join('<br>')
}

function quoted(text: string): string {
  return text
    .split('\n')
    .map((line) => (line === '' ? '>' : `> ${line}`))
    .join('\n')
}

function panelMarkdown({ kind, blocks }: Extract<Block, { type: 'panel' }>): string {
  const [alert = 'NOTE'] = Object.entries(alerts).find(([, known]) => known === kind) ?? []
  const isLine = blocks[0]?.type === 'paragraph'
  const inner = blocksMarkdown(blocks)
  // Behind a line end the parser takes any space away.
  const isNext = isLine && !inner.startsWith('&#')
  return quoted(`[!${alert}]${isNext ? '\n' : '\n\n'}${inner}`.trimEnd())
}

function expandMarkdown({ title, blocks }: Extract<Block, { type: 'expand' }>): string {
  const summary = title === undefined ? '' : `\n<summary>${escapeHtml(title)}</summary>`
  const inner = blocks.length === 0 ? '' : `\n\n${blocksMarkdown(blocks)}`
  return `<details>${summary}${inner}\n\n</details>`
}

function escapeHtml(words: string): string {
  return words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

/** A fence that is longer than any row of its sign in the code. */
function codeMarkdown({ language = '', text }: CodeBlock): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([row]) => row.length))
  const fence = '`'.repeat(longest + 1)
  return `${fence}${language}\n${text === '' ? '' : `${text}\n`}${fence}`
}

function listMarkdown({ ordered, start, items }: List, isOther: boolean): string {
  const written = items.map((item, index) => {
    const number = `${start + index}${isOther ? ')' : '.'}`
    return itemMarkdown(item, ordered ? number : isOther ? '*' : '-')
  })
  const isLoose = written.some((item) => item.includes('\n\n'))
  return written.join(isLoose ? '\n\n' : '\n')
}

// oxlint-disable-next-line complexity -- one condition after the other, each of its own
function itemMarkdown({ done, blocks }: ListItem, bullet: string): string {
  const box = done === undefined ? '' : done ? '[x] ' : '[ ] '
  const indent = ' '.repeat(bullet.length + 1)
  const [first, second] = blocks
  const isShort = blocks.length === 2 && first?.type === 'paragraph' && second?.type === 'list'
  const canFollow =
    isShort && second.start === 1 && second.items[0]?.blocks[0]?.type === 'paragraph'
  const inner = markdownParts(blocks).join(canFollow ? '\n' : '\n\n')
  const [line = '', ...others] = inner.split('\n')
  const rest = others.map((other) => (other === '' ? '' : `${indent}${other}`))
  return [`${bullet} ${box}${line}`.trimEnd(), ...rest].join('\n')
}

function tableMarkdown({ rows }: Table): string {
  const [first, ...rest] = rows
  const head = first?.cells ?? []
  const hasHead = head.every(({ header }) => header)
  const columns = head.map((_, at) =>
    rows.map(({ cells }) => alignOf(cells[at])).find((align) => align !== undefined),
  )
  const rule = rowMarkdown(
    columns.map((align) => (align === 'center' ? ':-:' : align === 'end' ? '--:' : '---')),
  )
  const body = (hasHead ? rest : rows).map(({ cells }) => rowMarkdown(cells.map(cellMarkdown)))
  return [rowMarkdown(head.map((cell) => (hasHead ? cellMarkdown(cell) : ''))), rule, ...body].join(
    '\n',
  )
}

function alignOf(cell: Cell | undefined): Alignment | undefined {
  const [line] = cell?.blocks ?? []
  return line?.type === 'paragraph' ? line.align : undefined
}

function rowMarkdown(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`
}

function cellMarkdown({ blocks }: Cell): string {
  const [line] = blocks
  const content = line?.type === 'paragraph' ? line.content : line?.type === 'image' ? [line] : []
  return lineMarkdown(content, { inCell: true, inHeading: false })
}

/** What stands beside a mark; `mark` is another one that touches it. */
type Beside = 'space' | 'sign' | 'letter' | 'mark'

type Sides = { readonly before: Beside; readonly after: Beside }

function inlineMarkdown(content: readonly Inline[], place: MarkdownPlace): string {
  return treesMarkdown(inlineTree(content), { before: 'space', after: 'space' }, place)
}

function treesMarkdown(trees: readonly InlineTree[], sides: Sides, place: MarkdownPlace): string {
  return trees
    .map((tree, index) => {
      const previous = trees[index - 1]
      const next = trees[index + 1]
      return treeMarkdown(
        tree,
        {
          before: previous === undefined ? sides.before : besideOf(previous, -1),
          after: next === undefined ? sides.after : besideOf(next, 0),
        },
        place,
      )
    })
    .join('')
}

function besideOf(tree: InlineTree, at: 0 | -1): Beside {
  if (tree.kind === 'mark') return 'mark'
  return tree.inline.type === 'text' ? kindOfSign(Array.from(tree.inline.text).at(at)) : 'sign'
}

function kindOfSign(sign: string | undefined): Beside {
  if (sign === undefined || /\s/u.test(sign)) return 'space'
  return /[\p{P}\p{S}]/u.test(sign) ? 'sign' : 'letter'
}

function treeMarkdown(tree: InlineTree, sides: Sides, place: MarkdownPlace): string {
  if (tree.kind === 'leaf') return leafMarkdown(tree.inline, place)
  const { mark, children } = tree
  if (mark.type === 'link') return linkMarkdown(mark, children, place)
  if (mark.type === 'code') return codeSpan(children, place)
  if (mark.type === 'color' || mark.type === 'background' || mark.type === 'foreign')
    return treesMarkdown(children, sides, place)
  const inner = treesMarkdown(children, { before: 'sign', after: 'sign' }, place)
  const sign = signOf(mark.type, { inner, sides })
  return sign === undefined
    ? `<${tagNames[mark.type]}>${inner}</${tagNames[mark.type]}>`
    : `${sign}${inner}${sign}`
}

const tagNames = {
  strong: 'strong',
  emphasis: 'em',
  strike: 'del',
  underline: 'u',
  superscript: 'sup',
  subscript: 'sub',
  code: 'code',
} as const

/** The sign of a mark where Markdown surely reads it as one; elsewhere its tag is written. */
// oxlint-disable-next-line complexity -- one condition after the other, each of its own
function signOf(
  type: SimpleMark,
  { inner, sides }: { readonly inner: string; readonly sides: Sides },
): string | undefined {
  const { before, after } = sides
  if (before === 'mark' || after === 'mark') return undefined
  const isClean = startsWithLetter.test(inner) && endsWithLetter.test(inner) && !/[`<]/.test(inner)
  const isApart = before !== 'letter' && after !== 'letter'
  if (!isClean && !(before === 'space' && after === 'space' && /^_[^_*]+_$/.test(inner)))
    return undefined
  if (type === 'strong') return '**'
  if (type === 'emphasis') return isApart && isClean ? '_' : undefined
  return type === 'strike' && isApart && isClean ? '~~' : undefined
}

const startsWithLetter = /^[\p{L}\p{N}]/u
const endsWithLetter = /[\p{L}\p{N}]$/u

function linkMarkdown(
  { href, title }: Extract<Mark, { type: 'link' }>,
  children: readonly InlineTree[],
  place: MarkdownPlace,
): string {
  const [only] = children
  const isBare =
    children.length === 1 &&
    only?.kind === 'leaf' &&
    only.inline.type === 'text' &&
    only.inline.text === href
  if (isBare && title === undefined && /^https?:[\w\-./?#=%+,;~]*$/.test(href)) return `<${href}>`
  const label = { ...place, inLabel: true }
  const words = treesMarkdown(children, { before: 'sign', after: 'sign' }, label)
  return `[${words}](${markdownUrl(href, place)}${markdownTitle(title, place)})`
}

/** Between back-ticks where they hold it, else between tags. */
function codeSpan(children: readonly InlineTree[], place: MarkdownPlace): string {
  const words = children
    .map((child) =>
      child.kind === 'leaf' && child.inline.type === 'text' ? child.inline.text : '',
    )
    .join('')
  const isSimple =
    !words.includes('`') && !(place.inCell && /[\\|]/.test(words)) && !/\s{2}|[^\S ]/.test(words)
  return isSimple ? `\`${words}\`` : `<code>${escapeMarkdown(words, place)}</code>`
}

const nothing = () => ''

const leafMarkdown = byType<Inline, [place: MarkdownPlace], string>({
  text: ({ text: words }, place) => escapeMarkdown(words, place),
  image({ source, alt = '' }, place) {
    const url = source.kind === 'url' ? source.url : ''
    return `![${escapeMarkdown(alt, { ...place, inLabel: true })}](${markdownUrl(url, place)})`
  },
  opaque: ({ source }) => source,
  break: () => '<br>',
  // They became words before.
  mention: nothing,
  emoji: nothing,
  date: nothing,
  status: nothing,
  macro: nothing,
})
