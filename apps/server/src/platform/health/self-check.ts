import { setTimeout as wait } from 'node:timers/promises'
import type { SelfCheck } from '@studioops/contracts/health'
import type { Log } from '../log/log.ts'

/** One thing that the product needs from its surroundings. */
export type Check = {
  readonly name: string
  /** @returns why it is not well, in a sentence without secrets; undefined when it is. May throw. */
  run(): Promise<string | undefined>
}

type Settings = {
  readonly checks: readonly Check[]
  readonly intervalMs: number
  /** How long one check may take. */
  readonly timeoutMs: number
  readonly log: Log
}

/** @throws Error when the work has not ended after so long; the work itself goes on */
export async function within<T>(timeoutMs: number, work: Promise<T>): Promise<T> {
  const ended = new AbortController()
  const late = wait(timeoutMs, undefined, { signal: ended.signal, ref: false }).then(() => {
    throw new Error(`no answer within ${timeoutMs} ms`)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    ended.abort()
    late.catch(() => undefined)
  }
}

/**
 * Looks again and again whether what the configuration names is there (CFG-20). What changes is
 * logged once, not at every look.
 */
export function createSelfCheck({ checks, intervalMs, timeoutMs, log }: Settings) {
  const results = new Map<string, SelfCheck>()
  let first: Promise<void> | undefined

  async function look({ name, run }: Check): Promise<void> {
    const began = performance.now()
    const reason = await within(timeoutMs, run()).catch((error: unknown) =>
      error instanceof Error ? error.message : String(error),
    )
    const before = results.get(name)
    const state = reason === undefined ? 'passed' : 'failed'
    const checkedAt = new Date().toISOString()
    results.set(name, {
      name,
      state,
      checkedAt,
      since: before?.state === state ? before.since : checkedAt,
      durationMs: Math.round(performance.now() - began),
      ...(reason === undefined ? {} : { reason: reason.slice(0, 300) }),
    })
    if (before?.state === state || (before === undefined && state === 'passed')) return
    if (state === 'failed') log.warn({ check: name, reason }, 'self check failed')
    else log.info({ check: name }, 'self check passed again')
  }

  return {
    results: (): SelfCheck[] => [...results.values()],

    /** What the first look found; it waits for that look. */
    async firstResults(): Promise<SelfCheck[]> {
      first ??= this.runAll()
      await first
      return this.results()
    },

    async runAll(): Promise<void> {
      await Promise.all(checks.map(look))
    },

    /** Begins now, and goes on until it is disposed of. */
    start(): Disposable {
      first ??= this.runAll()
      const timer = setInterval(() => void this.runAll(), intervalMs)
      timer.unref()
      return { [Symbol.dispose]: () => clearInterval(timer) }
    },
  }
}
