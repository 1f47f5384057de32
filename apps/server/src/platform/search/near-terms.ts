/**
 * The number of letters that were added, left out, changed or exchanged with their neighbour
 * (Damerau-Levenshtein, optimal string alignment).
 */
export function editDistance(one: string, other: string): number {
  const width = other.length + 1
  let before: number[] = []
  let last = Array.from({ length: width }, (_, index) => index)
  for (let row = 1; row <= one.length; row += 1) {
    const next = [row]
    for (let column = 1; column < width; column += 1) {
      const same = one[row - 1] === other[column - 1]
      const changed = (last[column - 1] ?? 0) + (same ? 0 : 1)
      const moved = Math.min((last[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1)
      const isSwap =
        row > 1 && one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1]
      const swapped = isSwap ? (before[column - 2] ?? 0) + 1 : Infinity
      next.push(Math.min(changed, moved, swapped))
    }
    before = last
    last = next
  }
  return last.at(-1) ?? 0
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
