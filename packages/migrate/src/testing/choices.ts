/** The numbers behind one generated operation; a shorter or smaller list is a simpler operation. */
export type Step = readonly number[]

/** Decides from a list of numbers; when they run out, everything is the first alternative. */
export type Chooser = {
  /** A whole number from 0 to `count - 1`. */
  below(count: number): number
  pick<T>(list: readonly T[]): T | undefined
  /** True in about `percent` of 100 cases, never once the numbers have run out. */
  chance(percent: number): boolean
}

export function createChooser(step: Step): Chooser {
  let next = 0
  const take = () => {
    const value = step[next] ?? 0
    next += 1
    return value
  }
  return {
    below: (count) => take() % count,
    pick: (list) => (list.length === 0 ? undefined : list[take() % list.length]),
    chance: (percent) => take() % 100 >= 100 - percent,
  }
}

/**
 * Steps for a history without a property-testing library: the same seed gives the same steps.
 *
 * @param seed any whole number
 * @param count how many operations
 */
export function randomSteps(seed: number, count: number): Step[] {
  const random = createRandom(seed)
  return Array.from({ length: count }, () =>
    Array.from({ length: 48 }, () => Math.floor(random() * 1_000_000)),
  )
}

/** Mulberry32: small, fast, and good enough to pick from lists. */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
