import { randomBytes } from 'node:crypto'
import { mkdir, open } from 'node:fs/promises'
import { join } from 'node:path'
import { DataDirectoryError } from './data-directory-error.ts'
import { writeDurably } from './durable-file.ts'

const keyBytes = 32
const namePattern = /^[a-z][a-z0-9-]{0,40}$/

/** Keys by name in one directory. Two questions for the same name at the same time get one key. */
export function createKeyRing(directory: string): (name: string) => Promise<Buffer> {
  const known = new Map<string, Promise<Buffer>>()
  return async (name) => {
    if (!namePattern.test(name)) throw new TypeError(`"${name}" is no name for a key`)
    const asked = known.get(name) ?? loadOrCreate(directory, name)
    known.set(name, asked)
    try {
      return Buffer.from(await asked)
    } catch (error) {
      known.delete(name)
      throw error
    }
  }
}

async function loadOrCreate(directory: string, name: string): Promise<Buffer> {
  const path = join(directory, `${name}.key`)
  const existing = await load(path)
  if (existing !== undefined) return existing
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const key = randomBytes(keyBytes)
  await writeDurably(path, key, 0o600)
  return key
}

async function load(path: string): Promise<Buffer | undefined> {
  const file = await open(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw new DataDirectoryError(
      `The key file ${path} cannot be read (${error.message}). It must belong to the user that starts StudioOps.`,
      { cause: error },
    )
  })
  if (file === undefined) return undefined
  try {
    const { mode, size } = await file.stat()
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
      throw new DataDirectoryError(
        `The key file ${path} can be read by others (mode ${(mode & 0o777).toString(8)}). ` +
          `Close it, then start again: chmod 600 '${path}'`,
      )
    }
    if (size !== keyBytes) {
      throw new DataDirectoryError(
        `The key file ${path} holds ${size} bytes instead of ${keyBytes}. Put the right one back from a ` +
          'backup: what it has locked cannot be opened with another key.',
      )
    }
    return await file.readFile()
  } finally {
    await file.close()
  }
}
