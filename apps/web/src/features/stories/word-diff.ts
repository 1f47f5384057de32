export type DiffPart = { readonly kind: 'same' | 'added' | 'removed'; readonly text: string }

/** Beyond this many comparisons a text counts as rewritten as a whole. */
const comparisonsMax = 4_000_000

const words = new Intl.Segmenter(['he', 'en'], { granularity: 'word' })

/**
 * What changed from one text to the other, word by word (UAX #29), removed before added.
 *
 * @returns parts in reading order, neighbours of one kind joined: those that are not `added` give
 *   `before`, those that are not `removed` give `after`; empty for two empty texts. Never throws.
 */
export function diffWords(before: string, after: string): DiffPart[] {
  const from = split(before)
  const to = split(after)
  const start = commonStart(from, to)
  const end = commonEnd(from.slice(start), to.slice(start))
  const changed = diffMiddle(from.slice(start, from.length - end), to.slice(start, to.length - end))
  return join([
    ...from.slice(0, start).map(same),
    ...changed,
    ...from.slice(from.length - end).map(same),
  ])
}

const same = (text: string): DiffPart => ({ kind: 'same', text })
const added = (text: string): DiffPart => ({ kind: 'added', text })
const removed = (text: string): DiffPart => ({ kind: 'removed', text })

function split(text: string): string[] {
  return Array.from(words.segment(text), ({ segment }) => segment)
}

function commonStart(from: readonly string[], to: readonly string[]): number {
  let count = 0
  while (count < from.length && count < to.length && from[count] === to[count]) count += 1
  return count
}

function commonEnd(from: readonly string[], to: readonly string[]): number {
  let count = 0
  while (count < from.length && count < to.length && from.at(-1 - count) === to.at(-1 - count))
    count += 1
  return count
}

function diffMiddle(from: readonly string[], to: readonly string[]): DiffPart[] {
  if (from.length * to.length > comparisonsMax) return [...from.map(removed), ...to.map(added)]
  const lengths = commonLengths(from, to)
  const parts: DiffPart[] = []
  let left = 0
  let right = 0
  while (left < from.length && right < to.length) {
    if (from[left] === to[right]) {
      parts.push(same(from[left] ?? ''))
      left += 1
      right += 1
    } else if (lengths(left + 1, right) >= lengths(left, right + 1)) {
      parts.push(removed(from[left] ?? ''))
      left += 1
    } else {
      parts.push(added(to[right] ?? ''))
      right += 1
    }
  }
  return [...parts, ...from.slice(left).map(removed), ...to.slice(right).map(added)]
}

/** Length of the longest common subsequence of what follows two places. */
function commonLengths(from: readonly string[], to: readonly string[]) {
  const width = to.length + 1
  const table = new Uint32Array((from.length + 1) * width)
  const at = (left: number, right: number) => table[left * width + right] ?? 0
  for (let left = from.length - 1; left >= 0; left -= 1) {
    for (let right = to.length - 1; right >= 0; right -= 1) {
      table[left * width + right] =
        from[left] === to[right]
          ? at(left + 1, right + 1) + 1
          : Math.max(at(left + 1, right), at(left, right + 1))
    }
  }
  return at
}

/** A blank between two changed words belongs to the change; else the reader sees confetti. */
function join(parts: readonly DiffPart[]): DiffPart[] {
  const joined: DiffPart[] = []
  let run = { removed: '', added: '' }
  const close = () => {
    if (run.removed !== '') joined.push(removed(run.removed))
    if (run.added !== '') joined.push(added(run.added))
    run = { removed: '', added: '' }
  }
  parts.forEach((part, index) => {
    const next = parts[index + 1]
    const isInside = isChanged(run) && next !== undefined && next.kind !== 'same'
    if (part.kind !== 'same') run[part.kind] += part.text
    else if (isInside && part.text.trim() === '') {
      run.removed += part.text
      run.added += part.text
    } else {
      close()
      joined.push(part)
    }
  })
  close()
  return mergeSame(joined)
}

function isChanged(run: { removed: string; added: string }): boolean {
  return run.removed !== '' || run.added !== ''
}

function mergeSame(parts: readonly DiffPart[]): DiffPart[] {
  const merged: DiffPart[] = []
  for (const part of parts) {
    const last = merged.at(-1)
    if (last?.kind === 'same' && part.kind === 'same')
      merged[merged.length - 1] = same(last.text + part.text)
    else merged.push(part)
  }
  return merged
}
