/** One line of a comparison, in the order in which it is read. */
export type DiffLine = {
  readonly kind: 'same' | 'added' | 'removed'
  readonly text: string
}

/** Larger texts are shown as removed and added whole: the table below grows with both. */
const cellsMax = 4_000_000

/**
 * Compares two texts line by line: the longest common subsequence stays, the rest was removed from
 * the first or added by the second. Equal texts give lines of `same` only. Never throws.
 */
export function diffLines(before: string, after: string): DiffLine[] {
  const old = before.split('\n')
  const young = after.split('\n')
  if (old.length * young.length > cellsMax)
    return [
      ...old.map((text) => line('removed', text)),
      ...young.map((text) => line('added', text)),
    ]
  const lengths = commonLengths(old, young)
  const at = (row: number, column: number) => lengths[row]?.[column] ?? 0
  const lines: DiffLine[] = []
  let row = 0
  let column = 0
  while (row < old.length || column < young.length) {
    const [left, right] = [old[row], young[column]]
    if (left !== undefined && left === right) {
      lines.push(line('same', left))
      row += 1
      column += 1
    } else if (
      right === undefined ||
      (left !== undefined && at(row + 1, column) >= at(row, column + 1))
    ) {
      lines.push(line('removed', left ?? ''))
      row += 1
    } else {
      lines.push(line('added', right))
      column += 1
    }
  }
  return lines
}

function line(kind: DiffLine['kind'], text: string): DiffLine {
  return { kind, text }
}

/** How many lines the rests of both texts have in common, from each pair of places on. */
function commonLengths(old: readonly string[], young: readonly string[]): number[][] {
  const lengths: number[][] = Array.from({ length: old.length + 1 }, () => [])
  for (let row = old.length - 1; row >= 0; row -= 1) {
    const below = lengths[row + 1] ?? []
    const own = lengths[row] ?? []
    for (let column = young.length - 1; column >= 0; column -= 1)
      own[column] =
        old[row] === young[column]
          ? (below[column + 1] ?? 0) + 1
          : Math.max(below[column] ?? 0, own[column + 1] ?? 0)
  }
  return lengths
}
