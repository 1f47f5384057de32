import { byType } from './by-type.ts'
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

export function linesOfBlock(block: Block): Inline[][] {
  return lines(block)
}

const lines = byType<Block, [], Inline[][]>({
  paragraph: ({ content }) => [[...content]],
  heading: ({ content }) => [inBold(content)],
  'code-block': ({ text: words }) =>
    words.split('\n').map((line) => [text(line, { type: 'code' })]),
  quote: ({ blocks }) => linesOfBlocks(blocks),
  panel: ({ title, blocks }) => linesOfBlocks([...titleLine(title), ...blocks]),
  expand: ({ title, blocks }) => linesOfBlocks([...titleLine(title), ...blocks]),
  list: linesOfList,
  table: ({ rows }) => rows.map(rowLine),
  layout: ({ columns }) => columns.flatMap(({ blocks }) => linesOfBlocks(blocks)),
  rule: () => [],
  image: (image) => [[image]],
  macro: (macro) => [
    [text(leafText(macro))],
    ...(macro.body?.kind === 'rich'
      ? linesOfBlocks(macro.body.blocks)
      : linesOfBody(macro.body?.text)),
  ],
  opaque: (leaf) => [[text(leafText(leaf))]],
})

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
