/** A file that lies ready on this machine, with what is known of its bytes. */
export type StagedFile = {
  readonly path: string
  readonly sizeBytes: number
  /** Hex. */
  readonly sha256: string
}

export type StoredObject = { readonly key: string; readonly sizeBytes: number }

/**
 * Bytes by key. Keys are made by us from ids and hashes: `[0-9a-z/-]`, never a name that somebody
 * typed. One that is written again with the same bytes changes nothing.
 */
export type ObjectStore = {
  /** Where this is, as the rows of files remember it. */
  readonly kind: 'files' | 's3'
  /**
   * Returns when the bytes survive a power cut and were found to be there whole.
   *
   * @throws ObjectStoreError
   */
  put(key: string, file: StagedFile): Promise<void>
  /**
   * The bytes as they are stored; whoever needs them whole compares the hash.
   *
   * @throws ObjectStoreError, `missing` at once and not in the middle of reading
   */
  read(key: string): Promise<AsyncIterable<Uint8Array>>
  /** Does not mind one that is not there. @throws ObjectStoreError */
  remove(key: string): Promise<void>
  /** Everything below a prefix, in any order. @throws ObjectStoreError */
  list(prefix: string): AsyncIterable<StoredObject>
  /**
   * Removes what writes have left that were cut off before this time: no `list` shows it.
   *
   * @returns how many
   * @throws ObjectStoreError
   */
  removeTorn(before: Date): Promise<number>
  /** Whether it can be reached and written. @throws ObjectStoreError */
  check(): Promise<void>
}

/**
 * `missing`: nothing under this key. `damaged`: other bytes than were written. `full`: no room.
 * `away`: it does not answer, or refuses whatever we ask.
 */
export type ObjectStoreFailure = 'missing' | 'damaged' | 'full' | 'away'

export class ObjectStoreError extends Error {
  override readonly name = 'ObjectStoreError'
  readonly failure: ObjectStoreFailure

  constructor(failure: ObjectStoreFailure, detail: string, cause?: unknown) {
    super(`object store: ${detail}`, { cause })
    this.failure = failure
  }
}
