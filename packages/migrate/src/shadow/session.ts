import type { Query } from '../catalog/query.ts'
import type { Notice } from './server-error.ts'

/** One connection to a database that nobody else uses and that may be thrown away. */
export type ShadowSession = {
  readonly kind: 'pglite' | 'server'
  readonly query: Query
  /**
   * Runs one statement as its author wrote it, in one message of the simple protocol. Rejects with
   * the driver's error.
   */
  readonly run: (text: string) => Promise<readonly Notice[]>
  /** The whole database as one file; absent where it is a server's. */
  readonly dump?: () => Promise<Uint8Array>
  /** Ends the connection and removes the database. Can be called again. */
  readonly close: () => Promise<void>
}
