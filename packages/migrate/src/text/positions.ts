export type Position = { readonly line: number; readonly column: number }

/** Finds lines and columns of a text by UTF-8 byte offsets, which is how PostgreSQL counts. */
export type Positions = {
  /** 1-based line and column; columns in characters. Offsets beyond the end mean the end. */
  at(byte: number): Position
  /** The text between two byte offsets. */
  slice(startByte: number, endByte: number): string
  readonly lengthBytes: number
}

export function createPositions(text: string): Positions {
  const bytes = Buffer.from(text)
  const starts = [0]
  for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, at + 1)) starts.push(at + 1)
  return {
    lengthBytes: bytes.length,
    slice: (startByte, endByte) => bytes.toString('utf8', startByte, endByte),
    at(byte) {
      const end = Math.min(Math.max(byte, 0), bytes.length)
      const index = lastAtMost(starts, end)
      const before = bytes.toString('utf8', starts[index] ?? 0, end)
      return { line: index + 1, column: Array.from(before).length + 1 }
    },
  }
}

/** Index of the last number that is not greater; the list rises and begins with 0. */
function lastAtMost(numbers: readonly number[], limit: number): number {
  let low = 0
  let high = numbers.length - 1
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if ((numbers[middle] ?? 0) <= limit) low = middle
    else high = middle - 1
  }
  return low
}
