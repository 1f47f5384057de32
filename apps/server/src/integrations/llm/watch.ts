import type { ModelErrorKind } from './model-error.ts'

export type WatchTimes = {
  /** Until text, reasoning or a tool call. */
  readonly firstTokenMs: number
  /** Between two events from then on. */
  readonly idleMs: number
  readonly totalMs: number
}

/** Why the watch stopped the call. */
export type Expiry = { readonly kind: ModelErrorKind; readonly detail: string }

export type Watch = {
  /** Aborts when a clock runs out or the caller stops. */
  readonly signal: AbortSignal
  expiry(): Expiry | undefined
  /** An event of a model that is alive: the idle clock begins again. */
  heard(): void
  /** The whole answer is on its way in one piece: only the end of all time counts. */
  settle(): void
  /** The answer is whole; what may still follow is waited for so long. */
  finish(trailerMs: number): void
  /** Stops the clocks, and the request if it is still under way. */
  stop(): void
}

/**
 * The clocks of one call (`reliability.md` 3.1). What runs out, and the caller's own signal, abort
 * the request at once.
 */
export function startWatch(times: WatchTimes, caller: AbortSignal | undefined): Watch {
  const controller = new AbortController()
  let expiry: Expiry | undefined
  let spoke = false
  /** Looked at when the idle clock strikes: setting a clock with every token costs more. */
  let heardAt = 0

  const expire = (kind: ModelErrorKind, detail: string) => {
    expiry ??= { kind, detail }
    controller.abort()
  }
  const onAbort = () => expire('aborted', 'the caller stopped')
  const onTotal = () => {
    expire(spoke ? 'stalled' : 'first-token', `it took longer than ${times.totalMs} ms in all`)
  }
  const onIdle = () => {
    const restMs = heardAt + times.idleMs - performance.now()
    if (restMs > 0) clock = setTimeout(onIdle, restMs)
    else expire('stalled', `nothing came for ${times.idleMs} ms`)
  }

  let clock = setTimeout(
    () => expire('first-token', `nothing came within ${times.firstTokenMs} ms`),
    times.firstTokenMs,
  )
  const total = setTimeout(onTotal, times.totalMs)
  if (caller?.aborted === true) onAbort()
  caller?.addEventListener('abort', onAbort, { once: true })

  return {
    signal: controller.signal,
    expiry: () => expiry,
    heard() {
      heardAt = performance.now()
      if (spoke) return
      spoke = true
      clearTimeout(clock)
      clock = setTimeout(onIdle, times.idleMs)
    },
    settle: () => clearTimeout(clock),
    finish(trailerMs) {
      clearTimeout(clock)
      clock = setTimeout(() => expire('stalled', 'the end did not come'), trailerMs)
    },
    stop() {
      clearTimeout(clock)
      clearTimeout(total)
      caller?.removeEventListener('abort', onAbort)
      controller.abort()
    },
  }
}
