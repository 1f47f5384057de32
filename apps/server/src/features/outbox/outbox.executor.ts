import type { ErrorCode, Facts } from '@studioops/contracts/errors'
import type { OperationRow } from './outbox.store.ts'

export type Found = { readonly key: string; readonly url: string }

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

/** How one kind of write is carried out and found again. Runs as the person who approved it. */
export type Executor = {
  /** A mark of the present state of the target, from which `find` looks upwards. @throws OutsideError */
  highWater(row: OperationRow): Promise<string | undefined>
  /** The write, if its marker is there. @throws OutsideError when the other side cannot be asked */
  find(row: OperationRow): Promise<Found | undefined>
  /** Sends it, once. @throws OutsideError */
  send(row: OperationRow, signal: AbortSignal): Promise<Found>
  /** Whether what is there under this key carries the marker. @throws OutsideError */
  verify(row: OperationRow, key: string): Promise<Found | undefined>
  /** The payload with another marker, for "create anyway". */
  withMarker(row: OperationRow, marker: string): unknown
}
