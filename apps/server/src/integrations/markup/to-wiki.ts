import {
  type Block,
  type Cell,
  type CodeBlock,
  type Emphasis,
  type Inline,
  inlineText,
  joinTexts,
  type List,
  type ListItem,
  type MarkupDocument,
  type Table,
  toNestable,
} from './document.ts'
import { escapeStart, escapeWiki, type WikiPlace } from './wiki-text.ts'

/**
 * The document as Jira Data Center takes it. Text is escaped, so that nothing of it becomes markup.
 *
 * @returns an empty text for an empty document. Never throws.
 */
export function toWiki({ blocks }: MarkupDocument): string {
  return blocksWiki(blocks)
}

function blocksWiki(blocks: readonly Block[]): string {
  return blocks.map(blockWiki).join('\n\n')
}

function blockWiki(block: Block): string {
  switch (block.type) {
    case 'paragraph':
      return linesOf(block.content)
        .map((line) => escapeStart(inlineWiki(line, plain)))
        .join('\n')
    case 'heading':
      return `h${block.level}. ${oneLine(block.content, { place: plain, lineBreak: ' ' })}`
    case 'code-block':
      return codeWiki(block)
    case 'quote':
      return `{quote}\n${blocksWiki(toNestable(block.blocks))}\n{quote}`
    case 'list':
      return listLines(block, '').join('\n')
    case 'table':
      return tableWiki(block)
    case 'rule':
      return '----'
  }
}

const plain: WikiPlace = { within: new Set(), inCell: false, inLabel: false }
const forcedBreak = String.raw` \\ `

/** Jira colours these; for any other name it shows an error above the code. */
const languages = new Set(
  (
    'actionscript ada applescript bash c c# c++ cpp css erlang go groovy haskell html java ' +
    'javascript js json lua objc perl php python r ruby scala sh sql swift visualbasic xml yaml'
  ).split(' '),
)
const otherNames: Readonly<Record<string, string>> = {
  ts: 'javascript',
  typescript: 'javascript',
  jsx: 'javascript',
  tsx: 'javascript',
  py: 'python',
  rb: 'ruby',
  shell: 'bash',
  zsh: 'bash',
  yml: 'yaml',
  csharp: 'c#',
  golang: 'go',
}

function codeWiki({ language = '', text }: CodeBlock): string {
  const name = otherNames[language] ?? language
  const macro = languages.has(name) ? 'code' : 'noformat'
  const open = macro === 'code' ? `{code:${name}}` : '{noformat}'
  // Nothing is an escape inside these macros, so an end in the middle gets an invisible space.
  const safe = text.replaceAll(`{${macro}`, `{\u200B${macro}`)
  return `${open}\n${safe}\n{${macro}}`
}

function listLines({ ordered, items }: List, above: string): string[] {
  const bullets = `${above}${ordered ? '#' : '*'}`
  return items.flatMap((item) => itemLines(item, bullets))
}

function itemLines({ blocks }: ListItem, bullets: string): string[] {
  const lines: string[] = []
  for (const block of toNestable(blocks)) {
    if (block.type === 'list') lines.push(...listLines(block, bullets))
    else addToItem(lines, { bullets, block })
  }
  return lines
}

/** An item is one line; code may follow on the next ones, everything else after a forced break. */
function addToItem(
  lines: string[],
  { bullets, block }: { readonly bullets: string; readonly block: Block },
): void {
  const isCode = block.type === 'code-block'
  const text = isCode ? codeWiki(block) : paragraphLine(block)
  if (text === '') return
  const last = lines.pop()
  if (last === undefined) lines.push(isCode ? `${bullets} \u00A0\n${text}` : `${bullets} ${text}`)
  else lines.push(`${last}${isCode || last.endsWith('}') ? '\n' : forcedBreak}${text}`)
}

function paragraphLine(block: Block): string {
  if (block.type !== 'paragraph') return ''
  return oneLine(block.content, { place: plain, lineBreak: forcedBreak })
}

function tableWiki({ header, rows }: Table): string {
  const row = (border: string) => (cells: readonly Cell[]) =>
    `${border}${cells.map(cellWiki).join(border)}${border}`
  return [row('||')(header), ...rows.map(row('|'))].join('\n')
}

function cellWiki(cell: Cell): string {
  const place = { ...plain, inCell: true }
  const text = escapeStart(oneLine(cell, { place, lineBreak: forcedBreak }).trim())
  return text === '' ? ' ' : text
}

type Line = { readonly place: WikiPlace; readonly lineBreak: string }

function oneLine(content: readonly Inline[], { place, lineBreak }: Line): string {
  return linesOf(content)
    .map((line) => inlineWiki(line, place))
    .join(lineBreak)
}

type Unbroken = Exclude<Inline, { type: 'break' }>

/** Marks do not reach over line breaks, so each line gets marks of its own. */
function linesOf(content: readonly Inline[]): Unbroken[][] {
  const lines: Unbroken[][] = [[]]
  for (const inline of content) {
    if (inline.type === 'break') lines.push([])
    else {
      const [first = [], ...others] = piecesOf(inline)
      lines.at(-1)?.push(...first)
      lines.push(...others)
    }
  }
  return lines
}

function piecesOf(inline: Unbroken): Unbroken[][] {
  if (inline.type === 'text' || inline.type === 'code') return [[inline]]
  return linesOf(inline.content).map((content): Unbroken[] => [{ ...inline, content }])
}

type Piece =
  | { readonly kind: 'plain'; readonly text: string }
  | { readonly kind: 'mark'; readonly open: string; readonly close: string; readonly text: string }

function inlineWiki(content: readonly Inline[], place: WikiPlace): string {
  const pieces = withoutDoubles(content, place).map((inline) => pieceOf(inline, place))
  let result = ''
  for (const [index, piece] of pieces.entries())
    result += piece.kind === 'plain' ? piece.text : marked(piece, result, pieces[index + 1])
  return result
}

const signs: Readonly<Record<Emphasis, string>> = { strong: '*', emphasis: '_', strike: '-' }

/** Bold in bold is bold: the inner mark goes, and its text joins its neighbours. */
function withoutDoubles(content: readonly Inline[], place: WikiPlace): Inline[] {
  const flat = content.flatMap((inline) =>
    isEmphasis(inline) && place.within.has(signs[inline.type])
      ? withoutDoubles(inline.content, place)
      : [inline],
  )
  return joinTexts(flat)
}

function isEmphasis(inline: Inline): inline is Extract<Inline, { type: Emphasis }> {
  return inline.type in signs
}

function pieceOf(inline: Inline, place: WikiPlace): Piece {
  switch (inline.type) {
    case 'text':
      return { kind: 'plain', text: escapeWiki(inline.text, place) }
    case 'break':
      return { kind: 'plain', text: ' ' }
    case 'code':
      return { kind: 'mark', open: '{{', close: '}}', text: escapeWiki(inline.text, place) }
    case 'link':
      return { kind: 'plain', text: linkWiki(inline, place) }
    case 'strong':
    case 'emphasis':
    case 'strike': {
      const sign = signs[inline.type]
      const within = new Set([...place.within, sign])
      const text = inlineWiki(inline.content, { ...place, within })
      return { kind: 'mark', open: sign, close: sign, text }
    }
  }
}

/** What the renderer looks for between two signs; joiners and direction marks are not in it. */
const markable = /^[\p{L}\p{Nd}\p{Z}\p{S}\p{M}\p{P}]+$/u

/** A sign beside a letter or a digit is no mark; in braces it is one everywhere. */
function marked(
  { open, close, text }: Extract<Piece, { kind: 'mark' }>,
  before: string,
  next: Piece | undefined,
): string {
  const [, left = '', body = '', right = ''] = /^(\s*)([\s\S]*?)(\s*)$/.exec(text) ?? []
  if (body === '' || !markable.test(body)) return text
  const after = right === '' ? firstOf(next) : right
  const isBeside = /[\p{L}\p{Nd}]$/u.test(before + left) || /^[\p{L}\p{Nd}]/u.test(after)
  const [opening, closing] = isBeside ? [`{${open}}`, `{${close}}`] : [open, close]
  return `${left}${opening}${body}${closing}${right}`
}

function firstOf(piece: Piece | undefined): string {
  if (piece === undefined) return ''
  return piece.kind === 'plain' ? piece.text : piece.open
}

function linkWiki({ href, content }: Extract<Inline, { type: 'link' }>, place: WikiPlace): string {
  const url = href.replaceAll(/[\s[\]|{}\\^!]/g, percentEncoded)
  const isBare = inlineText(content) === href
  return isBare ? `[${url}]` : `[${inlineWiki(content, { ...place, inLabel: true })}|${url}]`
}

function percentEncoded(sign: string): string {
  return `%${sign.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`
}
