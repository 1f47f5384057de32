import { LRUCache } from 'lru-cache'
import { createRetryBudget } from '../../platform/outbound/retries.ts'
import type { ModelError, ModelErrorKind } from './model-error.ts'

/**
 * How each provider with each credential stands, so that one that just failed is not asked first
 * again: with somebody else to ask, a single failure is reason enough to wait (the breaker of
 * `platform/outbound` needs five). One question tries it again after its time.
 */
export type Standings = {
  /** The places of `keys` in the order in which they are to be asked, those that rest last. */
  order(keys: readonly string[]): number[]
  /** Whether one more model may be asked for a question: one in ten questions, ten in a burst. */
  mayAskAgain(): boolean
  asked(key: string): void
  answered(key: string): void
  failed(key: string, error: ModelError): void
  /** The question ended without a verdict. */
  left(key: string): void
  /** What is known of one; undefined where it was never asked. */
  of(key: string): Standing | undefined
}

export type Standing = {
  readonly lastGoodAt: Date | undefined
  readonly lastFailedAt: Date | undefined
  readonly failure: ModelErrorKind | undefined
  /** When it will be asked first again; undefined while it is well. */
  readonly restsUntil: Date | undefined
}

/** Failures that say something of the provider, or of this credential. */
const restingKinds: ReadonlySet<ModelErrorKind> = new Set([
  'transport',
  'first-token',
  'stalled',
  'truncated',
  'server',
  'rate',
  'quota',
  'auth',
  'model',
  'not-allowed',
  'tls',
  'unexpected-answer',
])

const firstRestMs = 5_000
const longestRestMs = 60_000
/** Waiting does not help these; somebody has to do something. */
const longKinds: ReadonlySet<ModelErrorKind> = new Set(['quota', 'auth', 'model', 'not-allowed'])

type Known = {
  lastGoodAt: number | undefined
  lastFailedAt: number | undefined
  failure: ModelErrorKind | undefined
  restMs: number
  restsUntil: number
  /** A question is trying whether it is back. */
  isTried: boolean
}

export function createStandings(clock: () => number = Date.now): Standings {
  const known = new LRUCache<string, Known>({ max: 1_000 })
  const budget = createRetryBudget()

  function of(key: string): Known {
    const found = known.get(key)
    if (found !== undefined) return found
    const made: Known = {
      lastGoodAt: undefined,
      lastFailedAt: undefined,
      failure: undefined,
      restMs: 0,
      restsUntil: 0,
      isTried: false,
    }
    known.set(key, made)
    return made
  }

  const rests = (key: string) => {
    const { restMs, restsUntil, isTried } = of(key)
    return restMs > 0 && (isTried || restsUntil > clock())
  }

  return {
    order(keys) {
      budget.earn('all')
      const places = keys.map((_, index) => index)
      const well = places.filter((place) => !rests(keys[place] ?? ''))
      return [...well, ...places.filter((place) => !well.includes(place))]
    },
    mayAskAgain: () => budget.spend('all'),
    asked(key) {
      const standing = of(key)
      standing.isTried = standing.restMs > 0
    },
    answered(key) {
      const standing = of(key)
      Object.assign(standing, { lastGoodAt: clock(), restMs: 0, restsUntil: 0, isTried: false })
    },
    failed(key, { kind, retryAfterMs = 0 }) {
      const standing = of(key)
      standing.isTried = false
      if (!restingKinds.has(kind)) return
      standing.lastFailedAt = clock()
      standing.failure = kind
      const doubled = Math.min(longestRestMs, Math.max(firstRestMs, standing.restMs * 2))
      standing.restMs = longKinds.has(kind) ? longestRestMs : Math.max(doubled, retryAfterMs)
      standing.restsUntil = clock() + standing.restMs
    },
    left(key) {
      of(key).isTried = false
    },
    of(key) {
      const standing = known.get(key)
      if (standing === undefined) return undefined
      const { lastGoodAt, lastFailedAt, failure, restMs, restsUntil } = standing
      const date = (at: number | undefined) => (at === undefined ? undefined : new Date(at))
      const isResting = restMs > 0
      return {
        lastGoodAt: date(lastGoodAt),
        lastFailedAt: date(lastFailedAt),
        failure: isResting ? failure : undefined,
        restsUntil: isResting ? date(restsUntil) : undefined,
      }
    },
  }
}
