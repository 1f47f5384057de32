import { setTimeout as wait } from 'node:timers/promises'

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
