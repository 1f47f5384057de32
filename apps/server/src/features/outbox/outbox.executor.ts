import type { OperationRow } from './outbox.store.ts'

export type Found = { readonly key: string; readonly url: string }

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
