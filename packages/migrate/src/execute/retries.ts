import type { ServerError } from '../ledger/error-detail.ts'
import type { Step } from './events.ts'
import { describeFailure } from './failure.ts'
import type { Statement } from './migration.ts'
import { lockTimeoutMs, pauseMs, type Reaction, reactionTo } from './retry.ts'
import type { Outcome, Work } from './work.ts'

/** The repetitions of one step. */
export type Retries = {
  /** For the try at hand; it grows with every one. */
  lockTimeoutMs(): number
  /** Waits before the next try; false where none is worth while, or the budget is used up. */
  pause(
    reaction: Reaction,
    failure: { readonly statementNo: number | undefined; readonly sqlstate: string },
  ): Promise<boolean>
}

export function createRetries(
  { clock, limits, emit, signal }: Pick<Work, 'clock' | 'limits' | 'emit' | 'signal'>,
  step: Step,
): Retries {
  let tries = 0
  let firstFailure: number | undefined
  return {
    lockTimeoutMs: () => lockTimeoutMs(limits, tries),
    async pause(reaction, failure) {
      if (reaction === 'give-up' || reaction === 'split') return false
      firstFailure ??= clock.now()
      if (clock.now() - firstFailure > limits.budgetMs) return false
      const isAtOnce = reaction === 'retry-at-once' && tries === 0
      const ms = isAtOnce ? 0 : pauseMs(limits, tries, clock.random)
      tries += 1
      emit({ type: 'retry', ...step, ...failure, repetition: tries, pauseMs: ms })
      if (ms > 0) await clock.wait(ms, signal)
      return true
    },
  }
}

/** A statement that the server refused, before anything is known about the reason. */
export type Refused = {
  readonly error: ServerError
  /** Undefined where no single statement is to blame. */
  readonly statement: Statement | undefined
  /** 1-based, in the text of the statement, in characters. */
  readonly position?: number | undefined
}

/**
 * Decides about a failed step, and waits where it is worth another try.
 *
 * @returns undefined for another try
 */
export async function reactTo(
  work: Work,
  refused: Refused,
  retries: Retries,
): Promise<Exclude<Outcome, { kind: 'done' }> | undefined> {
  const cancelled = work.watcher?.takeCancelled(refused.error)
  if (cancelled === 'fenced' || cancelled === 'stopped') return { kind: cancelled }
  const failure = describeFailure({ ...refused, blockers: work.watcher?.blockers() })
  const { statementNo } = failure
  const sqlstate = refused.error.code ?? ''
  const reaction = reactionTo(sqlstate, cancelled === 'deadline')
  if (reaction === 'split' && statementNo !== undefined)
    return { kind: 'split', before: statementNo, failure }
  const isTriedAgain = await retries.pause(reaction, { statementNo, sqlstate })
  return isTriedAgain ? undefined : { kind: 'failed', failure }
}
