import { setTimeout as wait } from 'node:timers/promises'
import { LRUCache } from 'lru-cache'
import { trelloError, waitWhenNoneIsNamedMs } from './trello-error.ts'

/**
 * Trello's own limits are 300 requests in 10 s for a key, 100 in 10 s for a token and 100 in 900 s
 * below `/members/`. Ours lie under them, so that clocks may differ and a second process may ask too.
 */
const windows = {
  key: { requestsMax: 240, windowMs: 10_000 },
  token: { requestsMax: 80, windowMs: 10_000 },
  members: { requestsMax: 80, windowMs: 900_000 },
} as const

type WindowName = keyof typeof windows
type Window = { times: number[]; closedUntil: number }

export type LimitsClock = {
  /** Milliseconds since 1970. */
  now(): number
  wait(ms: number): Promise<unknown>
}

/** What a request counts against; hashes, never the secrets themselves. */
export type LimitsPlace = {
  readonly key: string
  readonly token: string
  readonly host: string
  /** Below `/members/` there is a window of its own. */
  readonly isOfMembers: boolean
}

export type SharedWindow = {
  readonly id: string
  readonly requestsMax: number
  readonly windowMs: number
}

/** The windows of all processes together. Both throw where they cannot be asked. */
export type SharedWindows = {
  /**
   * Reserves one request in each of them, unless it would have to wait longer than that.
   *
   * @returns how long to wait, or would have to be waited
   */
  take(windows: readonly SharedWindow[], patienceMs: number): Promise<number>
  close(ids: readonly string[], pauseMs: number): Promise<void>
}

/**
 * Keeps requests below Trello's limits, so that it never has to refuse one: more than 200 refusals
 * in a window, and it refuses everything. One for the whole process; with `shared` for all
 * processes, and where that cannot be asked, each keeps its own.
 */
export function createTrelloLimits(
  clock: LimitsClock = { now: () => Date.now(), wait: (ms) => wait(ms) },
  shared?: SharedWindows,
) {
  const known = new LRUCache<string, Window>({ max: 2_000 })

  function windowOf(name: WindowName, place: LimitsPlace): Window {
    const id = idOf(name, place)
    const window = known.get(id) ?? { times: [], closedUntil: 0 }
    known.set(id, window)
    return window
  }

  const namesFor = (place: LimitsPlace): WindowName[] =>
    place.isOfMembers ? ['key', 'token', 'members'] : ['key', 'token']

  /** The first moment at which one more request keeps the window. */
  function freeAt(name: WindowName, { times, closedUntil }: Window, now: number): number {
    const { requestsMax, windowMs } = windows[name]
    const oldest = times.at(-requestsMax)
    return Math.max(now, closedUntil, oldest === undefined ? 0 : oldest + windowMs)
  }

  /** @returns milliseconds to wait beside the others; 0 where nobody can tell */
  async function waitBesideOthers(place: LimitsPlace, patienceMs: number): Promise<number> {
    const wanted = namesFor(place).map((name) => ({ id: idOf(name, place), ...windows[name] }))
    const waitMs = await shared?.take(wanted, patienceMs).catch(() => 0)
    if (waitMs !== undefined && waitMs > patienceMs) throw tooSoon(place.host, waitMs)
    return waitMs ?? 0
  }

  return {
    /**
     * Waits for the turn of one request; whoever came first goes first.
     *
     * @param patienceMs how long the caller can wait
     * @throws TrelloError `rate-limited`, not sent, where it would take longer
     */
    async take(place: LimitsPlace, patienceMs: number): Promise<void> {
      const now = clock.now()
      const names = namesFor(place)
      const at = Math.max(...names.map((name) => freeAt(name, windowOf(name, place), now)))
      if (at - now > patienceMs) throw tooSoon(place.host, at - now)
      for (const name of names) {
        const window = windowOf(name, place)
        const { windowMs } = windows[name]
        window.times = [...window.times.filter((time) => time > now - windowMs), at]
      }
      const besideMs = await waitBesideOthers(place, patienceMs).catch((error: unknown) => {
        // What does not leave takes no place.
        for (const name of names) {
          const window = windowOf(name, place)
          window.times = window.times.toSpliced(window.times.lastIndexOf(at), 1)
        }
        throw error
      })
      const waitMs = Math.max(at - now, besideMs)
      if (waitMs > 0) await clock.wait(waitMs)
    },

    /** Trello said 429: nothing of this key and token leaves before that time is over. */
    close(place: LimitsPlace, pauseMs = waitWhenNoneIsNamedMs): void {
      const until = clock.now() + pauseMs
      for (const name of ['key', 'token'] as const) {
        const window = windowOf(name, place)
        window.closedUntil = Math.max(window.closedUntil, until)
      }
      // Whether the others hear of it or not: this process waits.
      shared?.close([idOf('key', place), idOf('token', place)], pauseMs).catch(() => undefined)
    },
  }
}

export type TrelloLimits = ReturnType<typeof createTrelloLimits>

function idOf(name: WindowName, { key, token, host }: LimitsPlace): string {
  return `${name} ${host} ${name === 'key' ? key : token}`
}

function tooSoon(host: string, retryAfterMs: number) {
  const detail = 'our own limit keeps requests below those of Trello'
  return trelloError({ kind: 'rate-limited', host, detail, retryAfterMs })
}
