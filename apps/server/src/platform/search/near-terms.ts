/**
 * The number of letters that were added, left out, changed or exchanged with their neighbour
 * (Damerau-Levenshtein, optimal string alignment).
 */
export function editDistance(one: string, other: string): number {
  const width = other.length + 1
  const cells = new Uint8Array((one.length + 1) * width)
  const at = (row: number, column: number) => cells[row * width + column] ?? 0
  const isSwap = (row: number, column: number) =>
    row > 1 &&
    column > 1 &&
    one[row - 1] === other[column - 2] &&
    one[row - 2] === other[column - 1]
  for (let column = 0; column < width; column += 1) cells[column] = column
  for (let row = 1; row <= one.length; row += 1) {
    cells[row * width] = row
    for (let column = 1; column < width; column += 1) {
      const changed = at(row - 1, column - 1) + (one[row - 1] === other[column - 1] ? 0 : 1)
      const moved = Math.min(at(row - 1, column), at(row, column - 1)) + 1
      const swapped = isSwap(row, column) ? at(row - 2, column - 2) + 1 : Infinity
      cells[row * width + column] = Math.min(changed, moved, swapped)
    }
  }
  return at(one.length, other.length)
}

const nearAtMost = 3

/** Terms that the writer of `term` may have meant: one slip, or two in a long word; the nearest first. */
export function nearTerms(
  term: string,
  candidates: readonly { readonly term: string; readonly df: number }[],
): { readonly term: string; readonly distance: number }[] {
  const slips = term.length > 7 ? 2 : 1
  return candidates
    .filter((candidate) => Math.abs(candidate.term.length - term.length) <= slips)
    .map((candidate) => ({ ...candidate, distance: editDistance(term, candidate.term) }))
    .filter(({ distance }) => distance > 0 && distance <= slips)
    .toSorted((one, other) => one.distance - other.distance || other.df - one.df)
    .slice(0, nearAtMost)
}
