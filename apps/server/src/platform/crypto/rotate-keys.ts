import type { Database } from '../db/database.ts'
import { keyIdOf } from './envelope.ts'
import { ownerOf } from './keyring.ts'
import type { MasterKey, MasterKeys } from './master-keys.ts'
import { ownerOfRoot } from './open-keyring.ts'
import {
  countDataKeys,
  dataKeysNotOf,
  readRoots,
  type Rewrapped,
  rewrapDataKeys,
  rewrapRoot,
  type WrappedKey,
} from './root-secrets.store.ts'

type Options = {
  readonly database: Database
  /** Knows the earlier keys too. */
  readonly masterKeys: MasterKeys
  readonly to: MasterKey
  readonly batchSize?: number
  /** Called after each batch with how many data keys are wrapped anew. */
  readonly onProgress?: (rewrapped: number) => void
}

export type Rotated = {
  readonly rewrapped: number
  /** People whose data key no master key here opens; it was left as it is. */
  readonly unreadable: readonly string[]
}

const firstId = '00000000-0000-0000-0000-000000000000'

/**
 * Wraps every key anew with another master key, while the product runs: it reads both. May be
 * killed at any time and goes on where it was, because each key says by which it is wrapped.
 *
 * @throws where the roots cannot be opened; nothing was changed then
 */
export async function rotateKeys(options: Options): Promise<Rotated> {
  const { database, to, batchSize = 500, onProgress } = options
  await rotateRoots(options)
  let rewrapped = 0
  for (;;) {
    const unreadable: string[] = []
    let changed = 0
    let after = firstId
    for (;;) {
      const wanted = { fingerprint: to.fingerprint, after, limit: batchSize }
      const batch = await database.asMaintenance((db) => dataKeysNotOf(db, wanted))
      const last = batch.at(-1)
      if (last === undefined) break
      after = last.id
      const next = batch.flatMap((key) => rewrap(key, options) ?? (unreadable.push(key.id), []))
      if (next.length > 0) changed += await database.asMaintenance((db) => rewrapDataKeys(db, next))
      onProgress?.(rewrapped + changed)
    }
    rewrapped += changed
    // Once more: somebody may have registered with a server that had not heard of the new key yet.
    if (changed === 0) return { rewrapped, unreadable }
  }
}

async function rotateRoots({ database, masterKeys, to }: Options): Promise<void> {
  const rows = await database.asMaintenance(readRoots)
  const next = rows
    .filter(({ wrapped }) => keyIdOf(wrapped) !== to.fingerprint)
    .map(({ name, wrapped }) => {
      const owner = ownerOfRoot(name)
      return { name, wrapped, next: to.wrap(masterKeys.unwrap(wrapped, owner), owner) }
    })
  await database.asMaintenance(async (db) => {
    for (const row of next) await rewrapRoot(db, row)
  })
}

function rewrap(key: WrappedKey, { masterKeys, to }: Options): Rewrapped | undefined {
  const owner = ownerOf(key.id)
  try {
    return { ...key, next: to.wrap(masterKeys.unwrap(key.wrapped, owner), owner) }
  } catch {
    return undefined
  }
}

export type KeyStatus = {
  /** Fingerprint of the configured master key; absent where it could not be had. */
  readonly own: string | undefined
  readonly roots: readonly { name: string; fingerprint: string; wrappedAt: Date }[]
  readonly people: readonly { fingerprint: string; people: number; isHere: boolean }[]
}

/** Which master key wraps what. */
export async function keyStatus(database: Database, masterKeys: MasterKeys): Promise<KeyStatus> {
  const { roots, people } = await database.asMaintenance(async (db) => ({
    roots: await readRoots(db),
    people: await countDataKeys(db),
  }))
  return {
    own: masterKeys.own()?.fingerprint,
    roots: roots.map(({ name, wrapped, wrapped_at: wrappedAt }) => ({
      name,
      fingerprint: keyIdOf(wrapped),
      wrappedAt,
    })),
    people: people.map((row) => ({
      ...row,
      isHere: masterKeys.find(row.fingerprint) !== undefined,
    })),
  }
}
