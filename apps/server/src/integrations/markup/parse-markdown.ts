import { lexer, type MarkedToken, type Token, type Tokens } from 'marked'
import {
  inlineText,
  joinTexts,
  type Block,
  type Cell,
  type HeadingLevel,
  type Inline,
  type List,
  type ListItem,
  type MarkupDocument,
} from './document.ts'
import { decodeEntities } from './entities.ts'

/** Beyond these the parser's own recursion and backtracking would hold up everybody else. */
const lengthMax = 100_000
const depthMax = 12

/**
 * Reads GitHub-flavoured Markdown. Raw HTML stays visible text, images become links, links to
 * anything but the web and mail become text.
 *
 * @returns always a document; text that is too long or too deep to parse becomes plain paragraphs
 */
export function parseMarkdown(text: string): MarkupDocument {
  const clean = text.toWellFormed().replaceAll(/\r\n?/g, '\n').replaceAll(controls, '')
  if (clean.length > lengthMax) return plainDocument(clean)
  try {
    return { blocks: blocksOf(lexer(clean, { gfm: true }), 0) }
  } catch (error) {
    // Hundreds of nested quotes exhaust the stack of the parser.
    if (error instanceof RangeError) return plainDocument(clean)
    throw error
  }
}

// oxlint-disable-next-line no-control-regex -- control characters are what is taken out
const controls = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F]/g

function plainDocument(text: string): MarkupDocument {
  const paragraphs = text.split(/\n{2,}/).filter((paragraph) => paragraph.trim() !== '')
  return {
    blocks: paragraphs.map((paragraph) => ({
      type: 'paragraph',
      content: paragraph
        .split('\n')
        .flatMap((line, index): Inline[] => [
          ...(index === 0 ? [] : [{ type: 'break' as const }]),
          ...textOf(line),
        ]),
    })),
  }
}

function blocksOf(tokens: readonly Token[], depth: number): Block[] {
  return tokens.flatMap((token) => blockOf(token as MarkedToken, depth)).filter(isNotEmpty)
}

function isNotEmpty(block: Block): boolean {
  return !('content' in block) || block.content.length > 0
}

// oxlint-disable-next-line complexity -- one case for each kind of token, none deeper than a line
function blockOf(token: MarkedToken, depth: number): Block[] {
  if (depth > depthMax) return [{ type: 'paragraph', content: textOf(token.raw) }]
  switch (token.type) {
    case 'heading':
      return [{ type: 'heading', level: levelOf(token.depth), content: inlineOf(token.tokens) }]
    case 'code':
      return [codeBlockOf(token)]
    case 'blockquote':
      return quoteOf(blocksOf(token.tokens, depth + 1))
    case 'list':
      return listOf(token, depth)
    case 'table':
      return [
        {
          type: 'table',
          header: token.header.map(cellOf),
          rows: token.rows.map((row) => row.map(cellOf)),
        },
      ]
    case 'hr':
      return [{ type: 'rule' }]
    case 'space':
    case 'def':
    case 'checkbox':
      return []
    case 'html':
      return [{ type: 'paragraph', content: textOf(token.raw) }]
    default:
      return [{ type: 'paragraph', content: inlineOf('tokens' in token ? token.tokens : [token]) }]
  }
}

function levelOf(depth: number): HeadingLevel {
  return Math.min(6, Math.max(1, depth)) as HeadingLevel
}

function codeBlockOf({ lang = '', text }: Tokens.Code): Block {
  const language = /^[\w#+-]+/.exec(lang.toLowerCase())?.[0]
  return { type: 'code-block', text, ...(language === undefined ? {} : { language }) }
}

function quoteOf(blocks: readonly Block[]): Block[] {
  return blocks.length === 0 ? [] : [{ type: 'quote', blocks }]
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
  return { blocks: item.task ? withBox(blocks, item.checked === true) : blocks }
}

/** Neither of Jira's formats has boxes in ordinary lists; a character says the same. */
function withBox([first, ...rest]: readonly Block[], checked: boolean): Block[] {
  const box: Inline = { type: 'text', text: checked ? '☑ ' : '☐ ' }
  if (first?.type === 'paragraph')
    return [{ type: 'paragraph', content: joinTexts([box, ...first.content]) }, ...rest]
  return [{ type: 'paragraph', content: [box] }, ...(first === undefined ? [] : [first]), ...rest]
}

function cellOf({ tokens }: Tokens.TableCell): Cell {
  return inlineOf(tokens)
}

function inlineOf(tokens: readonly Token[] = []): Inline[] {
  return joinTexts(tokens.flatMap((token) => inlinesOf(token as MarkedToken)))
}

// oxlint-disable-next-line complexity -- one case for each kind of token, none deeper than a line
function inlinesOf(token: MarkedToken): Inline[] {
  switch (token.type) {
    case 'strong':
      return wrapped('strong', token.tokens)
    case 'em':
      return wrapped('emphasis', token.tokens)
    case 'del':
      return wrapped('strike', token.tokens)
    case 'codespan':
      return token.text.trim() === '' ? [] : [{ type: 'code', text: oneLine(token.text) }]
    case 'br':
      return [{ type: 'break' }]
    case 'link':
      return linkOf(token.href, inlineOf(token.tokens))
    case 'image':
      return linkOf(token.href, textOf(token.text === '' ? token.href : token.text))
    case 'html':
      return /^<br\s*\/?>$/i.test(token.raw) ? [{ type: 'break' }] : textOf(token.raw)
    case 'checkbox':
      return []
    case 'escape':
      return textOf(token.text)
    default:
      if ('tokens' in token && token.tokens !== undefined) return inlineOf(token.tokens)
      return textOf('text' in token ? decodeEntities(token.text) : token.raw)
  }
}

function wrapped(type: 'strong' | 'emphasis' | 'strike', tokens: readonly Token[]): Inline[] {
  const content = inlineOf(tokens)
  return content.length === 0 ? [] : [{ type, content }]
}

function linkOf(href: string, content: readonly Inline[]): Inline[] {
  const url = decodeEntities(href)
  const isSafe = ['http:', 'https:', 'mailto:'].includes(URL.parse(url)?.protocol ?? '')
  if (isSafe)
    return [{ type: 'link', href: url, content: content.length > 0 ? content : textOf(url) }]
  if (inlineText(content) === href) return [...content]
  return [...content, ...textOf(content.length > 0 && url !== '' ? ` (${url})` : url)]
}

function textOf(text: string): Inline[] {
  const line = oneLine(text)
  return line === '' ? [] : [{ type: 'text', text: line }]
}

/** A line break in Markdown source is a space in the text. */
function oneLine(text: string): string {
  return text
    .replaceAll(/[\s\u2028\u2029]*\n[\s\u2028\u2029]*/g, ' ')
    .replaceAll(/[\t\u2028\u2029]/g, ' ')
}
