import {
  type Block,
  boxOf,
  type Inline,
  leafText,
  type List,
  type Mark,
  type Paragraph,
  paragraph,
  type TableRow,
  text,
} from './document.ts'
import { joinTexts } from './normalize.ts'

/** Any blocks as lines of text, for a place that takes nothing else. */
export function linesOfBlocks(blocks: readonly Block[]): Inline[][] {
  return blocks.flatMap(linesOfBlock)
}

const strong: Mark = { type: 'strong' }

// oxlint-disable-next-line complexity -- one case for each kind of block, none deeper than a line
export function linesOfBlock(block: Block): Inline[][] {
  switch (block.type) {
    case 'paragraph':
      return [[...block.content]]
    case 'heading':
      return [inBold(block.content)]
    case 'code-block':
      return block.text.split('\n').map((line) => [text(line, { type: 'code' })])
    case 'quote':
      return linesOfBlocks(block.blocks)
    case 'panel':
    case 'expand':
      return linesOfBlocks([...titleLine(block.title), ...block.blocks])
    case 'list':
      return linesOfList(block)
    case 'table':
      return block.rows.map(rowLine)
    case 'layout':
      return block.columns.flatMap((column) => linesOfBlocks(column.blocks))
    case 'rule':
      return []
    case 'image':
      return [[block]]
    case 'macro':
      return [
        [text(leafText(block))],
        ...(block.body?.kind === 'rich'
          ? linesOfBlocks(block.body.blocks)
          : linesOfBody(block.body?.text)),
      ]
    case 'opaque':
      return [[text(leafText(block))]]
  }
}

function linesOfBody(body: string | undefined): Inline[][] {
  return body === undefined ? [] : linesOfBlock({ type: 'code-block', text: body })
}

export function titleLine(title: string | undefined): Paragraph[] {
  return title === undefined || title.trim() === '' ? [] : [paragraph([text(title, strong)])]
}

export function inBold(content: readonly Inline[]): Inline[] {
  return content.map((inline) =>
    inline.type === 'text' ? { ...inline, marks: [...inline.marks, strong] } : inline,
  )
}

function linesOfList({ ordered, start, items }: List): Inline[][] {
  return items.flatMap(({ done, blocks }, index) => {
    const bullet = ordered ? `${start + index}. ` : '• '
    const [first = [], ...rest] = linesOfBlocks(blocks)
    return [[text(bullet), ...(done === undefined ? [] : [text(boxOf(done))]), ...first], ...rest]
  })
}

function rowLine({ cells }: TableRow): Inline[] {
  const separator = text(' | ')
  return joinTexts(
    cells.flatMap(({ blocks }, index) => {
      const words = linesOfBlocks(blocks).flatMap((line, at): Inline[] =>
        at === 0 ? line : [text(' '), ...line],
      )
      return index === 0 ? words : [separator, ...words]
    }),
  )
}
