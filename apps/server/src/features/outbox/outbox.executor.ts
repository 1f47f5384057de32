import type { ErrorCode } from '@studioops/contracts/errors'
import type { OperationSystem, OperationThing } from '@studioops/contracts/operations'
import type { OperationRow } from './outbox.store.ts'

export type Found = { readonly key: string; readonly url: string }

/** A step of the same parent that is done, in the order of the steps. */
export type EarlierStep = Found & {
  readonly kind: string
  readonly step: number
  readonly target: unknown
  readonly payload: unknown
}

export type Scope = {
  readonly signal: AbortSignal
  /** What earlier steps of the same parent have made; empty for a write of one step. */
  readonly earlier: readonly EarlierStep[]
}

/** How one kind of write is carried out and found again. Runs as the person who approved it. */
export type Executor = {
  /** A person's writes to one system are sent one after the other, in the order of approval. */
  readonly system: OperationSystem
  readonly thing: OperationThing
  /** The code that says that the outcome is not known. */
  readonly unclear: ErrorCode
  /**
   * True where `find` reads what is written at once: what is absent when everything under way must
   * have ended did not happen, and is sent again. Otherwise a person is asked.
   */
  readonly absenceProves: boolean
  /** Where it is made, in words: such as the key of the project and the address. */
  present(row: OperationRow): { readonly target: string }
  /** The key in what a person typed or pasted; undefined where there is none. */
  readKey(typed: string): string | undefined
  /** What a key looks like, for the person who typed none. */
  readonly keyExample: string
  /** A mark of the present state of the target, from which `find` looks upwards. @throws OutsideError */
  highWater(row: OperationRow, scope: Scope): Promise<string | undefined>
  /** The write, if its marker is there. @throws OutsideError when the other side cannot be asked */
  find(row: OperationRow, scope: Scope): Promise<Found | undefined>
  /** Sends it, once. @throws OutsideError */
  send(row: OperationRow, scope: Scope): Promise<Found>
  /** Whether what is there under this key carries the marker. @throws OutsideError */
  verify(row: OperationRow, key: string): Promise<Found | undefined>
  /** The payload with another marker, for "create anyway". */
  withMarker(row: OperationRow, marker: string): unknown
}

/** By the kind of operation. */
export type Executors = Readonly<Record<string, Executor>>
