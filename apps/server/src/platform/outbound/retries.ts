import { LRUCache } from 'lru-cache'
import { OutboundError } from './outbound-error.ts'

const firstWaitMs = 200
const longestWaitMs = 5_000
const burst = 10
const earnedPerRequest = 0.1

/**
 * Allows one retry per ten requests to a dependency, ten in a burst, so that an outage is not
 * answered with a storm (`reliability.md` 3.2).
 */
export function createRetryBudget() {
  const tokens = new LRUCache<string, number>({ max: 1_000 })
  const left = (dependency: string) => tokens.get(dependency) ?? burst
  return {
    earn(dependency: string): void {
      tokens.set(dependency, Math.min(burst, left(dependency) + earnedPerRequest))
    },
    /** Takes one retry out of the budget; false when there is none left. */
    spend(dependency: string): boolean {
      const rest = left(dependency) - 1
      if (rest < 0) return false
      tokens.set(dependency, rest)
      return true
    },
  }
}

/**
 * Full jitter: anything up to a bound that doubles with each retry, from 200 ms to 5 s.
 *
 * @param retry 0 for the first retry
 * @param random 0 to 1
 * @returns milliseconds
 */
export function retryWaitMs(retry: number, random: number): number {
  return Math.floor(random * Math.min(longestWaitMs, firstWaitMs * 2 ** retry))
}

const passingStatuses: ReadonlySet<number> = new Set([429, 502, 503, 504])

/** A status after which the same safe request may succeed a moment later. */
export function isPassingStatus(status: number): boolean {
  return passingStatuses.has(status)
}

/**
 * Whether a failed attempt may be repeated. What may have reached them is repeated only for calls
 * that change nothing; a connection that was never made, for all.
 */
export function mayRepeat(error: unknown, idempotent: boolean): boolean {
  if (!(error instanceof OutboundError) || (error.sent && !idempotent)) return false
  // An open breaker is `refused` too, and repeating would only wait for it.
  if (error.failure.retryAfterMs !== undefined) return false
  if (error.kind === 'timeout') return !error.sent
  return error.kind === 'refused' || error.kind === 'reset'
}
