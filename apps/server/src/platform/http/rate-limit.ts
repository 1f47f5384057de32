import { LRUCache } from 'lru-cache'
import { AppError } from '../errors/app-error.ts'
import type { Authenticator, HttpRequest } from './principal.ts'

/**
 * How often one person, or one address before anybody is known, may ask one route (SEC-9). The bucket
 * of each holds a minute's worth and fills evenly.
 */
export type RateLimit = {
  /** @throws AppError `request.too-many` */
  take(request: HttpRequest, who: string): void
}

/** @param perMinute 0 for no limit */
export function createRateLimit(perMinute: number, clock: () => number = Date.now): RateLimit {
  const buckets = new LRUCache<string, { left: number; at: number }>({ max: 20_000 })
  return {
    take({ method, routeOptions }, who) {
      if (perMinute === 0) return
      const now = clock()
      const key = `${who} ${method} ${routeOptions.url ?? ''}`
      const bucket = buckets.get(key) ?? { left: perMinute, at: now }
      const left = Math.min(perMinute, bucket.left + ((now - bucket.at) / 60_000) * perMinute)
      buckets.set(key, { left: left >= 1 ? left - 1 : left, at: now })
      if (left >= 1) return
      const seconds = Math.max(1, Math.ceil(((1 - left) * 60) / perMinute))
      throw new AppError('request.too-many', { facts: { seconds }, retryAfterSeconds: seconds })
    },
  }
}

/** Every route asks who is there before it does anything, so this is where all of them are counted. */
export function limited(authenticator: Authenticator, limit: RateLimit): Authenticator {
  return {
    ...authenticator,
    async identify(request) {
      const principal = await authenticator.identify(request)
      limit.take(request, principal?.userId ?? request.ip)
      return principal
    },
  }
}
