import { setTimeout as sleep } from 'node:timers/promises'

/** Time and chance, so that tests can hold both in their hands. */
export type Clock = {
  /** Milliseconds since any fixed moment; never goes back. */
  now(): number
  /** Resolves after so many milliseconds, or at once when the signal is given. Never rejects. */
  wait(ms: number, signal?: AbortSignal): Promise<void>
  /** At least 0 and less than 1. */
  random(): number
}

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => performance.now(),
  async wait(ms, signal) {
    await sleep(ms, undefined, signal === undefined ? {} : { signal }).catch(() => undefined)
  },
  random: () => Math.random(),
}
