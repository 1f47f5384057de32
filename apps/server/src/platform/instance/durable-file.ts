import { randomUUID } from 'node:crypto'
import { open, rename, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'

export const draftSuffix = '.draft'

/**
 * Replaces a file whole: after a crash or a power cut it holds the old bytes or the new ones.
 *
 * @param mode of the file from its first byte on, such as 0o600
 */
export async function writeDurably(
  path: string,
  bytes: string | Uint8Array,
  mode: number,
): Promise<void> {
  const draft = `${path}.${randomUUID()}${draftSuffix}`
  try {
    await writeFile(draft, bytes, { mode, flag: 'wx', flush: true })
    await rename(draft, path)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
  await syncDirectory(dirname(path))
}

/** Makes a rename inside the directory survive a power cut. Windows does it by itself. */
export async function syncDirectory(path: string): Promise<void> {
  if (process.platform === 'win32') return
  const directory = await open(path)
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}
