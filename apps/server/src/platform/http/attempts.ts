import { limits } from '@studioops/contracts/limits'
import { LRUCache } from 'lru-cache'
import { AppError } from '../errors/app-error.ts'

/** Limits how often something that costs, or guesses, may be tried (SEC-9). */
export type Attempts = {
  /** Counts one try. @throws AppError `login.too-many`, `request.too-many` */
  take(kind: AttemptKind, who: string): void
  /** A success: the next failure begins anew. */
  clear(kind: AttemptKind, who: string): void
}

type AttemptKind = keyof typeof rules

const rules = {
  login: { most: 10, perMs: 60_000, code: 'login.too-many' },
  // Many people may share one address, so this only slows down who goes through many names.
  'login-address': { most: 60, perMs: 60_000, code: 'login.too-many' },
  registration: { most: 20, perMs: 60_000, code: 'request.too-many' },
  'connection-test': {
    most: limits.connectionTestsPerMinute,
    perMs: 60_000,
    code: 'request.too-many',
  },
} as const

export function createAttempts(clock: () => number = Date.now): Attempts {
  const buckets = new LRUCache<string, { left: number; at: number }>({ max: 10_000 })
  return {
    take(kind, who) {
      const { most, perMs, code } = rules[kind]
      const now = clock()
      const key = `${kind} ${who}`
      const bucket = buckets.get(key) ?? { left: most, at: now }
      const left = Math.min(most, bucket.left + ((now - bucket.at) / perMs) * most)
      buckets.set(key, { left: Math.max(0, left - 1), at: now })
      if (left >= 1) return
      const seconds = Math.ceil(((1 - left) * perMs) / most / 1_000)
      throw new AppError(code, { facts: { seconds }, retryAfterSeconds: seconds })
    },
    clear: (kind, who) => void buckets.delete(`${kind} ${who}`),
  }
}
