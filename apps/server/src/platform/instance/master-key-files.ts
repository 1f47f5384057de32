import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { syncDirectory, writeDurably } from './durable-file.ts'
import { createKeyRing } from './keys.ts'

const ownName = 'master.key'
const nextName = 'master-next.key'
const keyBytes = 32

/**
 * The master keys in the directory as it is now. While the own one is replaced the next one lies
 * beside it, and afterwards the earlier one.
 */
export function readMasterKeyFiles(directory: string): {
  own: Buffer | undefined
  others: Buffer[]
} {
  const names = existsSync(directory) ? readdirSync(directory) : []
  const others = names.filter((name) => /^master-[a-z0-9-]+\.key$/.test(name))
  const read = (these: readonly string[]) =>
    these
      .map((name) => readFileSync(join(directory, name)))
      .filter((bytes) => bytes.length === keyBytes)
  return { own: read(names.filter((name) => name === ownName))[0], others: read(others) }
}

/** Made once; a rotation that was broken off goes on with the same. */
export function nextMasterKey(directory: string): Promise<Buffer> {
  return createKeyRing(directory)('master-next')
}

/** Keeps the own key under its fingerprint, for older backups, and puts the next in its place. */
export async function takeUpNextMasterKey(directory: string, fingerprint: string): Promise<string> {
  const kept = join(directory, `master-old-${fingerprint}.key`)
  await writeDurably(kept, readFileSync(join(directory, ownName)), 0o600)
  await rename(join(directory, nextName), join(directory, ownName))
  await syncDirectory(directory)
  return kept
}
