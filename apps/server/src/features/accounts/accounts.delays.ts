import { LRUCache } from 'lru-cache'
import { AppError } from '../../platform/errors/app-error.ts'

/** Failures make the next try wait: 1, 2, 4 … 60 seconds, each for itself, and nobody for ever. */
export type Delays = {
  /** @throws AppError `login.too-many` while one of the keys has to wait */
  require(keys: readonly DelayKey[]): void
  fail(keys: readonly DelayKey[]): void
  succeed(keys: readonly DelayKey[]): void
}

export type DelayKey = {
  readonly key: string
  /** Failures that cost nothing yet: many people share an address, and each may mistype. */
  readonly free: number
}

const longestSeconds = 60
/** A quarter of an hour without a failure, and the next one is the first again. */
const forgottenMs = 15 * 60_000

export function createDelays(clock: () => number = Date.now): Delays {
  const failures = new LRUCache<string, { count: number; until: number }>({
    max: 20_000,
    ttl: forgottenMs,
  })
  return {
    require(keys) {
      const now = clock()
      const until = Math.max(...keys.map(({ key }) => failures.get(key)?.until ?? 0))
      if (until <= now) return
      const seconds = Math.ceil((until - now) / 1_000)
      throw new AppError('login.too-many', { facts: { seconds }, retryAfterSeconds: seconds })
    },
    fail(keys) {
      for (const { key, free } of keys) {
        const count = (failures.get(key)?.count ?? 0) + 1
        const seconds = count <= free ? 0 : Math.min(longestSeconds, 2 ** (count - free - 1))
        failures.set(key, { count, until: clock() + seconds * 1_000 })
      }
    },
    succeed(keys) {
      for (const { key } of keys) failures.delete(key)
    },
  }
}
