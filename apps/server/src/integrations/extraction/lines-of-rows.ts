import type { Line } from './chunk-lines.ts'

/** Rows of a table, the first of which is its head, so that each can be understood by itself. */
export function linesOfRows(rows: readonly (readonly string[])[], page?: number): Line[] {
  const [head = [], ...body] = rows.filter((row) => row.some((cell) => cell.trim() !== ''))
  const named = body.map((row) =>
    row
      .flatMap((cell, index) => {
        const name = head[index]?.trim() ?? ''
        if (cell.trim() === '') return []
        return [name === '' ? cell.trim() : `${name}: ${cell.trim()}`]
      })
      .join(' | '),
  )
  const first = head.filter((cell) => cell.trim() !== '').join(' | ')
  return [first, ...named].filter((text) => text !== '').map((text) => ({ text, page }))
}
