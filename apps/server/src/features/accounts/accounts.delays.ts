import { createHmac } from 'node:crypto'
import type { Keyring } from '../../platform/crypto/keyring.ts'
import type { Database } from '../../platform/db/database.ts'
import { AppError } from '../../platform/errors/app-error.ts'
import * as store from './accounts.delays.store.ts'

/**
 * Failures make the next try wait: 1, 2, 4 … 60 seconds, each for itself, and nobody for ever. They
 * are counted in the database, for all servers of the installation together.
 */
export type Delays = {
  /** @throws AppError `login.too-many` while one of the keys has to wait */
  begin(keys: readonly DelayKey[]): Promise<Try>
}

/** One of the two is called when it is known how the try ended. */
export type Try = {
  fail(): Promise<void>
  /** Writes nothing where nothing had failed before. */
  succeed(): Promise<void>
}

export type DelayKey = {
  readonly key: string
  /** Failures that cost nothing yet: many people share an address, and each may mistype. */
  readonly free: number
}

type Dependencies = {
  readonly database: Database
  readonly keyring: Pick<Keyring, 'deriveKey'>
  readonly clock?: (() => number) | undefined
}

export function createDelays({ database, keyring, clock = Date.now }: Dependencies): Delays {
  const hashKey = keyring.deriveKey('failed tries')
  // What was typed as a name may be a password, and an address is personal.
  const hashOf = (key: string) => createHmac('sha256', hashKey).update(key).digest('base64url')

  return {
    async begin(keys) {
      const hashed = keys.map(({ key, free }) => ({ key: hashOf(key), free }))
      const names = hashed.map(({ key }) => key)
      const before = await database.asVisitor((db) =>
        store.findFailedTries(db, names, new Date(clock())),
      )
      const now = clock()
      const until = before.until?.getTime() ?? 0
      if (until > now) {
        const seconds = Math.ceil((until - now) / 1_000)
        throw new AppError('login.too-many', { facts: { seconds }, retryAfterSeconds: seconds })
      }
      return {
        fail: () =>
          database.asVisitor((db) => store.noteFailedTries(db, hashed, new Date(clock()))),
        async succeed() {
          if (before.known > 0) await database.asVisitor((db) => store.forgetFailedTries(db, names))
        },
      }
    },
  }
}
