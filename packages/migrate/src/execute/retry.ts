/** How long and how often something is tried again. Milliseconds. */
export type RetryLimits = {
  /** `lock_timeout` of the first try; each further try doubles it. */
  readonly lockTimeoutMinMs: number
  readonly lockTimeoutMaxMs: number
  /** Longest pause between two tries. */
  readonly pauseMaxMs: number
  /** From the first failure of a step; when it is used up, the step has failed. */
  readonly budgetMs: number
}

/** Half a second at first, five at most, for five minutes. */
export const defaultRetryLimits: RetryLimits = {
  lockTimeoutMinMs: 500,
  lockTimeoutMaxMs: 5_000,
  pauseMaxMs: 5_000,
  budgetMs: 300_000,
}

/** What to do about a failure of the server. */
export type Reaction =
  /** Somebody held a lock for too long, or our own deadline ended the statement. */
  | 'wait-and-retry'
  /** Two transactions met; the next time they need not. */
  | 'retry-at-once'
  /** The new value of an enum is not committed: what follows belongs into another transaction. */
  | 'split'
  | 'give-up'

/**
 * Decides by SQLSTATE.
 *
 * @param cancelledByUs whether the executor's own watcher has ended the statement
 */
export function reactionTo(sqlstate: string | undefined, cancelledByUs = false): Reaction {
  if (sqlstate === '55P03') return 'wait-and-retry'
  if (sqlstate === '57014' && cancelledByUs) return 'wait-and-retry'
  if (sqlstate === '40P01' || sqlstate === '40001') return 'retry-at-once'
  if (sqlstate === '55P04') return 'split'
  return 'give-up'
}

/** Whether a connection that was refused may be granted a moment later. */
export function isPassing(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  if (/^(53300|57P0[123]|08...)$/.test(code)) return true
  if (['ECONNREFUSED', 'ECONNRESET', 'ENOENT', 'EPIPE', 'ETIMEDOUT', 'EAGAIN'].includes(code))
    return true
  return /terminated|timeout/i.test(error.message)
}

/** `lock_timeout` of the n-th try, from 0. */
export function lockTimeoutMs(limits: RetryLimits, tries: number): number {
  const grown = limits.lockTimeoutMinMs * 2 ** Math.min(tries, 30)
  return Math.min(limits.lockTimeoutMaxMs, grown)
}

/** Pause before the n-th repetition, from 0: exponential, with full jitter. */
export function pauseMs(
  limits: Pick<RetryLimits, 'pauseMaxMs'>,
  repetition: number,
  random: () => number,
): number {
  const grown = 100 * 2 ** Math.min(repetition, 30)
  return Math.round(Math.min(limits.pauseMaxMs, grown) * random())
}
