import { adaptInlines, type Hand } from './adapt-inlines.ts'
import {
  type Alignment,
  type Block,
  type Cell,
  type Paragraph,
  paragraph,
  type Table,
  type TableRow,
} from './document.ts'
import { inBold, linesOfBlocks } from './lines-of-blocks.ts'
import { joinLines, normalizeInlines } from './normalize.ts'

/** @param inner adapts the blocks of a cell, where cells hold blocks */
export function adaptTable(
  table: Table,
  hand: Hand,
  inner: (blocks: readonly Block[]) => Block[],
): Block[] {
  if (hand.format === 'adf' || hand.format === 'storage') {
    const rows = table.rows.map((row) => ({
      ...row,
      cells: row.cells.map((cell) => ({ ...cell, blocks: inner(cell.blocks) })),
    }))
    return [{ ...table, rows }]
  }
  const flat = withoutSpans(table, hand).map((row) =>
    row.map((cell): Cell => ({ header: cell.header, blocks: lineCell(cell, hand) })),
  )
  const rows = hand.format === 'markdown' ? markdownRows(flat, hand) : flat
  return [{ type: 'table', rows: rows.map((cells): TableRow => ({ cells })) }]
}

/** A cell as one paragraph, or as nothing. */
// oxlint-disable-next-line complexity -- one condition after the other, each of its own
function lineCell({ blocks }: Cell, hand: Hand): Paragraph[] {
  const [first] = blocks
  const isLine = blocks.length === 1 && (first?.type === 'paragraph' || first?.type === 'image')
  if (blocks.length > 0 && !isLine) hand.lose('cell-blocks')
  const content = normalizeInlines(adaptInlines(joinLines(linesOfBlocks(blocks)), hand))
  const isBare = content.length === 0 || (content.length === 1 && content[0]?.type === 'image')
  const align = isLine && first.type === 'paragraph' ? first.align : undefined
  if (align !== undefined && (hand.format === 'wiki' || isBare)) hand.lose('alignment')
  if (content.length === 0) return []
  return [
    {
      ...paragraph(content),
      ...(align === undefined || hand.format === 'wiki' || isBare ? {} : { align }),
    },
  ]
}

const columnsMax = 200
const rowsMax = 1_000

/** Every cell of the grid in its place; what a cell reached over is empty. */
function withoutSpans({ rows }: Table, hand: Hand): Cell[][] {
  const isPlain = rows.every(({ cells }) =>
    cells.every(({ colspan = 1, rowspan = 1 }) => colspan === 1 && rowspan === 1),
  )
  if (isPlain) return rows.map(({ cells }) => [...cells])
  const grid: (Cell | undefined)[][] = rows.map(() => [])
  for (const [index, { cells }] of rows.entries()) {
    let column = 0
    for (const cell of cells) {
      while (grid[index]?.[column] !== undefined) column += 1
      if ((cell.colspan ?? 1) > 1 || (cell.rowspan ?? 1) > 1) hand.lose('table-spans')
      occupy(grid, cell, { row: index, column })
    }
  }
  const width = Math.max(...grid.map((row) => row.length))
  return grid.map((row) =>
    Array.from({ length: width }, (_, at) => row[at] ?? { header: false, blocks: [] }),
  )
}

function occupy(
  grid: (Cell | undefined)[][],
  cell: Cell,
  { row, column }: { readonly row: number; readonly column: number },
): void {
  const { header, blocks, colspan = 1, rowspan = 1 } = cell
  for (let down = 0; down < Math.min(rowspan, rowsMax) && row + down < grid.length; down += 1)
    for (let right = 0; right < Math.min(colspan, columnsMax); right += 1) {
      const isFirst = down === 0 && right === 0
      const line = grid[row + down]
      if (line !== undefined)
        line[column + right] = isFirst ? { header, blocks } : { header, blocks: [] }
    }
}

/** GFM: one row of headers, as many cells in each row, one alignment a column. */
function markdownRows(rows: readonly (readonly Cell[])[], hand: Hand): Cell[][] {
  const width = Math.max(...rows.map((row) => row.length))
  if (rows.some((row) => row.length !== width)) hand.lose('table-shape')
  const full = rows.map((row) =>
    Array.from({ length: width }, (_, at): Cell => row[at] ?? { header: false, blocks: [] }),
  )
  const filled = withoutEmptyHead(full, hand)
  const hasHead = filled[0]?.every(({ header }) => header) === true
  const headed = filled.map((row, index) =>
    row.map((cell) => (index === 0 && hasHead ? cell : plainCell(cell, hand))),
  )
  const aligns = Array.from({ length: width }, (_, at) => columnAlign(headed.map((row) => row[at])))
  return headed.map((row) => row.map((cell, at) => withAlign(cell, aligns[at], hand)))
}

/** A table without headers is written with a first row of empty ones. */
function withoutEmptyHead(rows: readonly Cell[][], hand: Hand): readonly Cell[][] {
  const [head, ...rest] = rows
  if (head === undefined || rest.length === 0) return rows
  if (!head.every(({ header, blocks }) => header && blocks.length === 0)) return rows
  hand.lose('table-shape')
  return withoutEmptyHead(rest, hand)
}

function plainCell({ header, blocks }: Cell, hand: Hand): Cell {
  if (!header) return { header, blocks }
  hand.lose('table-header-cells')
  return {
    header: false,
    blocks: blocks.map((block) =>
      block.type === 'paragraph'
        ? { ...block, content: normalizeInlines(inBold(block.content)) }
        : block,
    ),
  }
}

function alignOf(cell: Cell | undefined): Alignment | 'start' | undefined {
  const [line] = cell?.blocks ?? []
  return line?.type === 'paragraph' ? (line.align ?? 'start') : undefined
}

function columnAlign(cells: readonly (Cell | undefined)[]): Alignment | undefined {
  const found = new Set(cells.map(alignOf).filter((align) => align !== undefined))
  const [align] = found
  return found.size === 1 && align !== 'start' ? align : undefined
}

function withAlign(cell: Cell, align: Alignment | undefined, hand: Hand): Cell {
  const [line] = cell.blocks
  if (line?.type !== 'paragraph' || line.align === align) return cell
  hand.lose('alignment')
  const { align: _lost, ...rest } = line
  return { ...cell, blocks: [align === undefined ? rest : { ...rest, align }] }
}
