import type { ErrorCode, Facts } from '@studioops/contracts/errors'

/**
 * Why a write to the outside has no good answer.
 *
 * `not-done`: it provably did not happen and may be tried again. `refused`: the other side said no,
 * a person must change something. `ambiguous`: it may have happened.
 */
export class OutsideError extends Error {
  override readonly name = 'OutsideError'
  readonly certainty: 'not-done' | 'refused' | 'ambiguous'
  readonly code: ErrorCode
  readonly facts: Facts
  readonly retryAfterMs: number | undefined

  constructor(
    certainty: OutsideError['certainty'],
    details: { code: ErrorCode; facts?: Facts; retryAfterMs?: number; cause?: unknown },
  ) {
    super(`${certainty}: ${details.code}`, { cause: details.cause })
    this.certainty = certainty
    this.code = details.code
    this.facts = details.facts ?? {}
    this.retryAfterMs = details.retryAfterMs
  }
}
