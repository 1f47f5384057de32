/**
 * The candidate that a name was probably meant to be.
 *
 * @returns undefined where none is near: more than a third of the letters would have to change
 */
export function nearestName(name: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined
  let least = Math.max(1, Math.floor(name.length / 3)) + 1
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - name.length) >= least) continue
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase())
    if (distance >= least) continue
    best = candidate
    least = distance
  }
  return best
}

/** Damerau's distance: one letter more, less or other, or two neighbours swapped, counts 1. */
function editDistance(left: string, right: string): number {
  const table = [Array.from({ length: right.length + 1 }, (_, column) => column)]
  const at = (row: number, column: number) => table[row]?.[column] ?? Infinity
  for (let row = 1; row <= left.length; row += 1) {
    const line = [row]
    table.push(line)
    for (let column = 1; column <= right.length; column += 1) {
      const replaced = at(row - 1, column - 1) + (left[row - 1] === right[column - 1] ? 0 : 1)
      const swapped = isSwap(left.slice(row - 2, row), right.slice(column - 2, column))
        ? at(row - 2, column - 2) + 1
        : Infinity
      line.push(Math.min(at(row - 1, column) + 1, at(row, column - 1) + 1, replaced, swapped))
    }
  }
  return at(left.length, right.length)
}

const isSwap = (left: string, right: string) =>
  left.length === 2 && left[0] === right[1] && left[1] === right[0]
