/** Text with structure, in no vendor's format: what Markdown is read into and Jira's are made from. */
export type MarkupDocument = { readonly blocks: readonly Block[] }

export type Block =
  | { readonly type: 'paragraph'; readonly content: readonly Inline[] }
  | { readonly type: 'heading'; readonly level: HeadingLevel; readonly content: readonly Inline[] }
  | CodeBlock
  | { readonly type: 'quote'; readonly blocks: readonly Block[] }
  | List
  | Table
  | { readonly type: 'rule' }

export type CodeBlock = {
  readonly type: 'code-block'
  /** What stands behind the opening fence, in lower case. */
  readonly language?: string
  readonly text: string
}

export type List = {
  readonly type: 'list'
  readonly ordered: boolean
  /** Number of the first item of an ordered list. */
  readonly start: number
  readonly items: readonly ListItem[]
}

export type ListItem = { readonly blocks: readonly Block[] }

/** Every row has as many cells as the header. */
export type Table = {
  readonly type: 'table'
  readonly header: readonly Cell[]
  readonly rows: readonly (readonly Cell[])[]
}

export type Cell = readonly Inline[]

/** Texts are never empty, hold neither line breaks nor control characters, and never stand side by side. */
export type Inline =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'code'; readonly text: string }
  | { readonly type: Emphasis; readonly content: readonly Inline[] }
  /** `href` begins with `http:`, `https:` or `mailto:`. */
  | { readonly type: 'link'; readonly href: string; readonly content: readonly Inline[] }
  | { readonly type: 'break' }

export type Emphasis = 'strong' | 'emphasis' | 'strike'

export type HeadingLevel = 1 | 2 | 3 | 4 | 5 | 6

/** What a person reads, one line a block, without any markup. */
export function plainText(blocks: readonly Block[]): string {
  return blocks.map(blockText).join('\n')
}

function blockText(block: Block): string {
  switch (block.type) {
    case 'paragraph':
    case 'heading':
      return inlineText(block.content)
    case 'code-block':
      return block.text
    case 'quote':
      return plainText(block.blocks)
    case 'list':
      return block.items.map((item) => plainText(item.blocks)).join('\n')
    case 'table':
      return [block.header, ...block.rows].map((row) => row.map(inlineText).join('\t')).join('\n')
    case 'rule':
      return ''
  }
}

export function inlineText(content: readonly Inline[]): string {
  return content
    .map((inline) => {
      if (inline.type === 'text' || inline.type === 'code') return inline.text
      return inline.type === 'break' ? '\n' : inlineText(inline.content)
    })
    .join('')
}

/** Makes neighbouring texts one, as the model wants them. */
export function joinTexts(content: readonly Inline[]): Inline[] {
  const result: Inline[] = []
  for (const inline of content) {
    const last = result.at(-1)
    if (inline.type === 'text' && last?.type === 'text')
      result[result.length - 1] = { type: 'text', text: last.text + inline.text }
    else result.push(inline)
  }
  return result
}

/**
 * Blocks for a place that takes paragraphs, lists and code only, as list items and quotes do in both
 * of Jira's formats. Nothing is lost: headings become bold, rows of tables become lines.
 */
export function toNestable(blocks: readonly Block[]): Block[] {
  return blocks.flatMap((block): Block[] => {
    switch (block.type) {
      case 'heading':
        return [{ type: 'paragraph', content: [{ type: 'strong', content: block.content }] }]
      case 'quote':
        return toNestable(block.blocks)
      case 'table':
        return [block.header, ...block.rows].map(rowAsParagraph)
      case 'rule':
        return []
      case 'paragraph':
      case 'code-block':
      case 'list':
        return [block]
    }
  })
}

function rowAsParagraph(row: readonly Cell[]): Block {
  const separator: Inline = { type: 'text', text: ' | ' }
  return {
    type: 'paragraph',
    content: joinTexts(row.flatMap((cell, index) => (index === 0 ? cell : [separator, ...cell]))),
  }
}
