import { randomInt } from 'node:crypto'
import fc from 'fast-check'
import { inject } from 'vitest'

export type Holding<T> = {
  /** Tries where nobody asks for more; default 100, fewer where each one takes seconds. */
  readonly usual?: number
  /** Which part of these tries; default 1. */
  readonly share?: number
  /** Tries at once: what waits for a server leaves the processor to another; default 4. */
  readonly lanes?: number
  /** Tried before all others, and not counted among them. */
  readonly examples?: T[]
  /** Whether a smaller case that fails is looked for; default yes. */
  readonly shrinks?: boolean
}

/** How often this run of the tests is told to try a property. */
export const runsAsked = (usual = 100) => inject('migratePropertyRuns') || usual

/**
 * Asks a property as often as this run of the tests is told to, several tries at once. What fails says
 * the seed and path by which it is asked again.
 */
export async function hold<T>(
  property: fc.IAsyncProperty<T>,
  { usual, share = 1, lanes = 4, examples = [], shrinks = true }: Holding<T> = {},
): Promise<void> {
  const runs = Math.max(1, Math.floor(runsAsked(usual) * share))
  const first = fc.readConfigureGlobal().seed ?? randomInt(1_000_000_000)
  const count = Math.min(lanes, runs)
  const tries = Array.from({ length: count }, (_, lane) => {
    const given = lane === 0 ? examples : []
    const own = Math.floor(runs / count) + (lane < runs % count ? 1 : 0)
    const numRuns = own + given.length
    const seed = first + lane
    return fc.assert(property, { numRuns, seed, examples: given, endOnFailure: !shrinks })
  })
  for (const one of await Promise.allSettled(tries)) if (one.status === 'rejected') throw one.reason
}
