import { randomBytes } from 'node:crypto'
import type { Database } from '../db/database.ts'
import { keyIdOf } from './envelope.ts'
import { createKeyring, type Keyring, type Locked, ownerOf, type Roots } from './keyring.ts'
import { type MasterKey, type MasterKeys } from './master-keys.ts'
import { anyDataKey, insertRoots, readRoots, type RootName } from './root-secrets.store.ts'

export function ownerOfRoot(name: RootName): string {
  return `root secret|${name}`
}

export type OpenKeyring = Keyring & {
  /** Takes up the master key that the stored roots are wrapped with by now. */
  refresh(): Promise<void>
}

/**
 * Opens the keys of this installation, and makes them at its first start. Where the master key is
 * not the one that closed them, everything that hangs on it stays closed and says so; nothing fails.
 */
export async function openKeyring(
  database: Database,
  masterKeys: MasterKeys,
): Promise<OpenKeyring> {
  const roots = await readOrMake(database, masterKeys)
  const keyring = createKeyring(masterKeys, roots)
  return Object.assign(keyring, {
    async refresh() {
      const rows = await database.asMaintenance(readRoots)
      const root = rows.find(({ name }) => name === 'root')
      if (root !== undefined) keyring.wrapWith(keyIdOf(root.wrapped))
    },
  })
}

async function readOrMake(database: Database, masterKeys: MasterKeys): Promise<Roots | Locked> {
  const read = async () => rootsOf(await database.asMaintenance(readRoots), masterKeys)
  const known = await read()
  if (known !== undefined) return known
  const own = masterKeys.own()
  const someone = await database.asMaintenance(anyDataKey)
  if (someone !== undefined) {
    const { id, wrapped } = someone
    if (own === undefined || !canUnwrap(own, wrapped, id)) return lockedBy(wrapped, masterKeys)
  }
  if (own === undefined) return { wanted: '', present: undefined }
  // People who registered before there were roots have passwords that the master key peppered.
  const pepper = someone === undefined ? randomBytes(32) : own.earlierPepper()
  await database.asMaintenance((db) => insertRoots(db, wrapRoots(own, randomBytes(32), pepper)))
  return (await read()) ?? { wanted: own.fingerprint, present: own.fingerprint }
}

export function wrapRoots(key: MasterKey, root: Buffer, pepper: Buffer) {
  return [
    { name: 'root' as const, wrapped: key.wrap(root, ownerOfRoot('root')) },
    { name: 'pepper' as const, wrapped: key.wrap(pepper, ownerOfRoot('pepper')) },
  ]
}

type Rows = Awaited<ReturnType<typeof readRoots>>

function rootsOf(rows: Rows, masterKeys: MasterKeys): Roots | Locked | undefined {
  const wrapped = (wanted: RootName) => rows.find(({ name }) => name === wanted)?.wrapped
  const [root, pepper] = [wrapped('root'), wrapped('pepper')]
  if (root === undefined || pepper === undefined) return undefined
  try {
    return {
      wrapsWith: keyIdOf(root),
      root: masterKeys.unwrap(root, ownerOfRoot('root')),
      pepper: masterKeys.unwrap(pepper, ownerOfRoot('pepper')),
    }
  } catch {
    return lockedBy(root, masterKeys)
  }
}

function lockedBy(wrapped: string, masterKeys: MasterKeys): Locked {
  return { wanted: keyIdOf(wrapped), present: masterKeys.own()?.fingerprint }
}

function canUnwrap(key: MasterKey, wrapped: string, userId: string): boolean {
  try {
    key.unwrap(wrapped, ownerOf(userId))
    return true
  } catch {
    return false
  }
}
