import { byType } from './by-type.ts'
import { adapt } from './adapt.ts'
import {
  type Block,
  boxOf,
  type Cell,
  type CodeBlock,
  type Image,
  type Inline,
  inlineText,
  type List,
  type ListItem,
  type Mark,
  type MarkupDocument,
  type Mention,
  type Panel,
  type Table,
  text,
} from './document.ts'
import { wikiSymbolOf } from './emoticons.ts'
import { inlineTree, type InlineTree } from './inline-tree.ts'
import { linesOf } from './normalize.ts'
import { wikiPanelColors } from './wiki-colors.ts'
import { escapeStart, escapeWiki, type WikiPlace } from './wiki-text.ts'

/**
 * The document as Jira Data Center takes it. Text is escaped, so that nothing of it becomes markup.
 *
 * @returns an empty text for an empty document. Never throws.
 */
export function renderWiki(document: MarkupDocument): string {
  return blocksWiki(adapt(document, 'wiki').document.blocks)
}

function blocksWiki(blocks: readonly Block[]): string {
  return blocks.map(blockWiki).join('\n\n')
}

const blockWiki = byType<Block, [], string>({
  paragraph: ({ content }) => paragraphWiki(content),
  heading: ({ level, content }) => `h${level}. ${oneLine(content, plain)}`,
  'code-block': codeWiki,
  quote: ({ blocks }) => `{quote}\n${blocksWiki(blocks)}\n{quote}`,
  panel: panelWiki,
  list: (list) => listLines(list, '').join('\n'),
  table: tableWiki,
  rule: () => '----',
  image: imageWiki,
  opaque: ({ source }) => source,
  // They were taken apart before.
  expand: () => '',
  layout: () => '',
  macro: () => '',
})

const plain: WikiPlace = { within: new Set(), inCell: false, inLabel: false }
const forcedBreak = String.raw` \\ `

function paragraphWiki(content: readonly Inline[]): string {
  const lines = linesOf(content)
  // A blank line would be the end of the paragraph.
  const written = lines.map((line) => inlineWiki(line, plain))
  if (lines.some((line) => line.length === 0)) return escapeStart(written.join(forcedBreak))
  return written.map(escapeStart).join('\n')
}

function codeWiki(code: CodeBlock): string {
  const { language, title, text: words } = code
  const macro = language === undefined ? 'noformat' : 'code'
  const parameters = [
    ...(language === undefined ? [] : [language]),
    ...(title === undefined ? [] : [`title=${title}`]),
    ...keptParameters(code),
  ]
  const head = parameters.length === 0 ? '' : `:${parameters.join('|')}`
  return `{${macro}${head}}\n${words}\n{${macro}}`
}

function keptParameters({ kept }: CodeBlock | Panel | Image): string[] {
  if (kept?.format !== 'wiki') return []
  return Object.entries(kept.attributes).map(([name, value]) =>
    value === true ? name : `${name}=${String(value)}`,
  )
}

function panelWiki(panel: Panel): string {
  const { kind, title, color, blocks } = panel
  const background = kind === 'custom' ? color : wikiPanelColors[kind]
  const parameters = [
    ...(title === undefined ? [] : [`title=${title}`]),
    ...(background === undefined ? [] : [`bgColor=${background}`]),
    ...keptParameters(panel),
  ]
  const head = parameters.length === 0 ? '' : `:${parameters.join('|')}`
  return `{panel${head}}\n${blocksWiki(blocks)}\n{panel}`
}

function listLines({ ordered, items }: List, above: string): string[] {
  const bullets = `${above}${ordered ? '#' : '*'}`
  return items.flatMap((item) => itemLines(item, bullets))
}

function itemLines({ done, blocks }: ListItem, bullets: string): string[] {
  const [first] = blocks
  const box = done === undefined ? '' : boxOf(done)
  const hasLine = first?.type === 'paragraph' || first?.type === 'image'
  const opening = hasLine ? lineWiki(first) : box === '' ? '\u00A0' : ''
  const rest = hasLine ? blocks.slice(1) : blocks
  return [
    `${bullets} ${box}${opening}`.replace(/ $/, ''),
    ...rest.flatMap((block) => {
      if (block.type === 'list') return listLines(block, bullets)
      return block.type === 'code-block' ? [codeWiki(block)] : [escapeStart(lineWiki(block))]
    }),
  ]
}

/** Each block of an item is one line. */
function lineWiki(block: Block): string {
  if (block.type === 'image') return imageWiki(block)
  return block.type === 'paragraph' ? oneLine(block.content, plain) : ''
}

function tableWiki({ rows }: Table): string {
  return rows
    .map(({ cells }) => {
      const written = cells.map((cell) => `${borderOf(cell)}${cellWiki(cell)}`)
      return `${written.join('')}${borderOf(cells.at(-1))}`
    })
    .join('\n')
}

function borderOf(cell: Cell | undefined): string {
  return cell?.header === true ? '||' : '|'
}

function cellWiki({ blocks }: Cell): string {
  const [line] = blocks
  const content = line?.type === 'paragraph' ? line.content : line?.type === 'image' ? [line] : []
  const words = escapeStart(oneLine(content, { ...plain, inCell: true }))
  return words === '' ? ' ' : words
}

function oneLine(content: readonly Inline[], place: WikiPlace): string {
  return linesOf(content)
    .map((line) => inlineWiki(line, place))
    .join(forcedBreak)
}

type Piece =
  | { readonly kind: 'plain'; readonly text: string }
  | { readonly kind: 'symbol'; readonly text: string }
  | { readonly kind: 'mark'; readonly open: string; readonly close: string; readonly text: string }

function inlineWiki(content: readonly Inline[], place: WikiPlace): string {
  return treesWiki(inlineTree(content), place)
}

function treesWiki(trees: readonly InlineTree[], place: WikiPlace): string {
  const pieces = trees.map((tree) => pieceOf(tree, place))
  let result = ''
  for (const [index, piece] of pieces.entries()) {
    if (piece.kind === 'mark') {
      // A sign that opens a label would make something else of the link.
      const before = place.inLabel && result === '' ? 'a' : result
      result += marked(piece, before, pieces[index + 1])
    } else if (piece.kind === 'plain') result += piece.text
    else result = `${withoutSymbolStart(result)}${piece.text}`
  }
  return result
}

/** A colon before a symbol would make another one with it; that of a reference never does. */
function withoutSymbolStart(words: string): string {
  if (/&#?\w{1,10};-?$/.test(words)) return words
  return words.replace(/[:;](?=-?$)/, (sign) => `&#${sign.charCodeAt(0)};`)
}

const signs = {
  strong: '*',
  emphasis: '_',
  strike: '-',
  underline: '+',
  superscript: '^',
  subscript: '~',
} as const

function pieceOf(tree: InlineTree, place: WikiPlace): Piece {
  if (tree.kind === 'leaf') return leafPiece(tree.inline, place)
  const { mark, children } = tree
  switch (mark.type) {
    case 'link':
      return { kind: 'plain', text: linkWiki(mark, children, place) }
    case 'color':
      return { kind: 'plain', text: `{color:${mark.color}}${treesWiki(children, place)}{color}` }
    case 'background':
    case 'foreign':
      return { kind: 'plain', text: treesWiki(children, place) }
    case 'code':
      return { kind: 'mark', open: '{{', close: '}}', text: treesWiki(children, place) }
    default: {
      const sign = signs[mark.type]
      const within = new Set([...place.within, sign])
      return {
        kind: 'mark',
        open: sign,
        close: sign,
        text: treesWiki(children, { ...place, within }),
      }
    }
  }
}

const plainPiece = (words: string): Piece => ({ kind: 'plain', text: words })
const nothing = () => plainPiece('')

const leafPiece = byType<Inline, [place: WikiPlace], Piece>({
  text: ({ text: words }, place) => plainPiece(escapeWiki(words, place)),
  mention: (mention) => plainPiece(mentionWiki(mention)),
  emoji: (emoji) => ({ kind: 'symbol', text: wikiSymbolOf(emoji) ?? '' }),
  image: (image) => plainPiece(imageWiki(image)),
  opaque: ({ source }) => plainPiece(source),
  // They became words before.
  break: nothing,
  date: nothing,
  status: nothing,
  macro: nothing,
})

function mentionWiki({ by, id }: Mention): string {
  return by === 'account' ? `[~accountid:${id}]` : `[~${id}]`
}

function imageWiki(image: Image): string {
  const { source, alt, width, height } = image
  const name = source.kind === 'url' ? source.url : source.kind === 'attachment' ? source.name : ''
  const parameters = [
    ...(alt === undefined ? [] : [`alt=${alt}`]),
    ...(width === undefined ? [] : [`width=${width}`]),
    ...(height === undefined ? [] : [`height=${height}`]),
    ...keptParameters(image),
  ]
  return `!${name}${parameters.length === 0 ? '' : `|${parameters.join(',')}`}!`
}

/** A sign beside a letter or a digit is no mark; in braces it is one everywhere. */
function marked(
  { open, close, text: words }: Extract<Piece, { kind: 'mark' }>,
  before: string,
  next: Piece | undefined,
): string {
  const isBeside = /[\p{L}\p{Nd}]$/u.test(before) || /^[\p{L}\p{Nd}]/u.test(firstOf(next))
  const [opening, closing] = isBeside ? [`{${open}}`, `{${close}}`] : [open, close]
  return `${opening}${words}${closing}`
}

function firstOf(piece: Piece | undefined): string {
  if (piece === undefined) return ''
  return piece.kind === 'mark' ? piece.open : piece.text
}

function linkWiki(
  { href, title }: Extract<Mark, { type: 'link' }>,
  children: readonly InlineTree[],
  place: WikiPlace,
): string {
  const [only] = children
  const isBare =
    children.length === 1 && only?.kind === 'leaf' && inlineText([only.inline]) === href
  const label = { ...place, inLabel: true }
  const tip = title === undefined ? '' : `|${inlineWiki([text(title)], label)}`
  if (isBare && tip === '') return `[${href}]`
  // These would make a person or a file of the label.
  const words = treesWiki(children, label).replace(/^[~^#$]/, (sign) => `&#${sign.charCodeAt(0)};`)
  return `[${words}|${href}${tip}]`
}
