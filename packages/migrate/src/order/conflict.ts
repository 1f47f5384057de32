import type { Touches } from '../analyse/analysis.ts'
import { type Key, lastName, starOf } from '../analyse/keys.ts'

/** What two pieces of work cannot both touch in any order. */
export type Conflict = {
  readonly key: Key
  /** `rows`: both work on the same rows, and only their authors know whether the order matters. */
  readonly kind: 'object' | 'rows' | 'opaque'
}

export type Commuting = {
  /** The author of one of them states that its rows may change in any order. */
  readonly rowsCommute?: boolean
}

/**
 * Why the order of two pieces of work matters, as far as their texts tell.
 *
 * @returns the first thing that one changes and the other changes or reads; undefined: none, they
 *   give the same schema in both orders
 */
export function conflictBetween(
  left: Touches,
  right: Touches,
  { rowsCommute = false }: Commuting = {},
): Conflict | undefined {
  return (
    collision(left, right, rowsCommute) ??
    collision(right, left, rowsCommute) ??
    release(left, right) ??
    release(right, left) ??
    hidden(left, right) ??
    hidden(right, left)
  )
}

function collision(writer: Touches, other: Touches, rowsCommute: boolean): Conflict | undefined {
  for (const key of writer.writes) {
    const isRows = key.startsWith('d:')
    if (isRows && rowsCommute) continue
    const kind = isRows ? 'rows' : 'object'
    if (other.writes.has(key) || other.reads.has(key)) return { key, kind }
    const star = starOf(key)
    if (star !== undefined && other.reads.has(star)) return { key, kind }
  }
  return rowsCommute ? undefined : checkedRows(writer, other)
}

/** Values that one checks, where the other changes all of them. */
function checkedRows({ writes }: Touches, { dataReads }: Touches): Conflict | undefined {
  for (const key of dataReads) {
    const star = starOf(key)
    if (star !== undefined && writes.has(star)) return { key, kind: 'rows' }
  }
  return undefined
}

/** One drops or retypes what the other has to let go of first. */
function release({ releases }: Touches, { drops, renames, writes }: Touches): Conflict | undefined {
  for (const key of releases) {
    const ends = drops.has(key) && !renames.has(key)
    if (ends || writes.has(key.includes('#') ? key : '')) return { key, kind: 'object' }
  }
  return undefined
}

/** A word in text that nobody can read, and a thing of that name. */
function hidden({ tokens }: Touches, { writes, reads }: Touches): Conflict | undefined {
  if (tokens.size === 0) return undefined
  for (const key of writes) if (tokens.has(lastName(key))) return { key, kind: 'opaque' }
  for (const key of reads)
    if (key.startsWith('t:') && tokens.has(lastName(key))) return { key, kind: 'opaque' }
  return undefined
}
