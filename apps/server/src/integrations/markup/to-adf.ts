import {
  type Block,
  type Cell,
  type CodeBlock,
  type Inline,
  type List,
  type MarkupDocument,
  toNestable,
} from './document.ts'

/** A node of the Atlassian Document Format; ours use what its schema allows in that place. */
export type AdfNode = {
  readonly type: string
  readonly version?: 1
  readonly attrs?: Readonly<Record<string, string | number>>
  readonly content?: readonly AdfNode[]
  readonly text?: string
  readonly marks?: readonly AdfMark[]
}

export type AdfMark = { readonly type: string; readonly attrs?: { readonly href: string } }

export type AdfDocument = AdfNode & { readonly type: 'doc'; readonly version: 1 }

/**
 * The document as Jira Cloud takes it, valid by the schema `@atlaskit/adf-schema` 57.
 *
 * @returns an empty document for an empty one. Never throws.
 */
export function toAdf({ blocks }: MarkupDocument): AdfDocument {
  return { type: 'doc', version: 1, content: blocks.map(blockNode) }
}

function blockNode(block: Block): AdfNode {
  switch (block.type) {
    case 'paragraph':
      return paragraph(block.content)
    case 'heading':
      return { type: 'heading', attrs: { level: block.level }, content: inlineNodes(block.content) }
    case 'code-block':
      return codeNode(block)
    case 'quote':
      return { type: 'blockquote', content: nested(block.blocks) }
    case 'list':
      return listNode(block)
    case 'table':
      return {
        type: 'table',
        content: [
          row('tableHeader', block.header),
          ...block.rows.map((cells) => row('tableCell', cells)),
        ],
      }
    case 'rule':
      return { type: 'rule' }
  }
}

function codeNode({ language, text }: CodeBlock): AdfNode {
  return {
    type: 'codeBlock',
    ...(language === undefined ? {} : { attrs: { language } }),
    content: text === '' ? [] : [{ type: 'text', text }],
  }
}

function listNode({ ordered, start, items }: List): AdfNode {
  return {
    type: ordered ? 'orderedList' : 'bulletList',
    ...(ordered && start !== 1 ? { attrs: { order: start } } : {}),
    content: items.map(({ blocks }) => ({ type: 'listItem', content: itemNodes(blocks) })),
  }
}

function paragraph(content: readonly Inline[]): AdfNode {
  return { type: 'paragraph', content: inlineNodes(content) }
}

function row(type: 'tableHeader' | 'tableCell', cells: readonly Cell[]): AdfNode {
  return {
    type: 'tableRow',
    content: cells.map((cell) => ({ type, content: [paragraph(cell)] })),
  }
}

function nested(blocks: readonly Block[]): AdfNode[] {
  const nodes = toNestable(blocks).map(blockNode)
  return nodes.length === 0 ? [paragraph([])] : nodes
}

/** The editor wants text or code first; a list that opens an item gets an empty line above it. */
function itemNodes(blocks: readonly Block[]): AdfNode[] {
  const nodes = nested(blocks)
  const isList = nodes[0]?.type === 'bulletList' || nodes[0]?.type === 'orderedList'
  return isList ? [paragraph([]), ...nodes] : nodes
}

const markNames = { strong: 'strong', emphasis: 'em', strike: 'strike' } as const

function inlineNodes(content: readonly Inline[], marks: readonly AdfMark[] = []): AdfNode[] {
  return content.flatMap((inline): AdfNode[] => {
    switch (inline.type) {
      case 'text':
        return [textNode(inline.text, marks)]
      case 'code':
        // Code takes no other mark than a link.
        return [textNode(inline.text, [...marks.filter(isLink), { type: 'code' }])]
      case 'break':
        return [{ type: 'hardBreak' }]
      case 'link':
        return inlineNodes(inline.content, withMark(marks, link(inline.href)))
      case 'strong':
      case 'emphasis':
      case 'strike':
        return inlineNodes(inline.content, withMark(marks, { type: markNames[inline.type] }))
    }
  })
}

function textNode(text: string, marks: readonly AdfMark[]): AdfNode {
  return marks.length === 0 ? { type: 'text', text } : { type: 'text', text, marks }
}

function link(href: string): AdfMark {
  return { type: 'link', attrs: { href } }
}

function isLink({ type }: AdfMark): boolean {
  return type === 'link'
}

function withMark(marks: readonly AdfMark[], mark: AdfMark): readonly AdfMark[] {
  return marks.some(({ type }) => type === mark.type) ? marks : [...marks, mark]
}
