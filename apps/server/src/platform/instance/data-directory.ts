import { randomUUID } from 'node:crypto'
import { mkdir, readdir, readFile, realpath, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import {
  DataDirectoryError,
  DataDirectoryInUse,
  instance,
  type Instance,
} from './data-directory-error.ts'
import { tryLockDirectory, type DirectoryLock } from './directory-lock.ts'
import { draftSuffix, writeDurably } from './durable-file.ts'
import { createKeyRing } from './keys.ts'

export { DataDirectoryError, DataDirectoryInUse }

/** Everything that this installation keeps, held by this process alone until `release` or its end. */
export type DataDirectory = AsyncDisposable & {
  /** Absolute, without symbolic links. */
  readonly path: string
  /** A UUID that stays with the directory. */
  readonly nodeId: string
  /** Tells a second start, and tools, where this one can be reached. */
  readonly announce: (where: { readonly url: string }) => Promise<void>
  /**
   * 32 random bytes that stay the same, from `keys/<name>.key`. Made on first use.
   *
   * @param name lower-case words joined by `-`
   * @throws DataDirectoryError when others can read the file or it does not hold 32 bytes
   */
  readonly loadOrCreateKey: (name: string) => Promise<Buffer>
  readonly release: () => Promise<void>
}

export type Claim = {
  /** How long a predecessor may take to end. */
  readonly waitMs?: number
  readonly onProgress?: (message: string) => void
}

const pollMs = 100

/**
 * Makes the directory if it is absent (mode 0700) and takes it for this process.
 *
 * @throws DataDirectoryInUse when another process still holds it after `waitMs`
 * @throws DataDirectoryError when it cannot be made or written
 */
export async function claimDataDirectory(
  directory: string,
  { waitMs = 5_000, onProgress = () => {} }: Claim = {},
): Promise<DataDirectory> {
  const path = await makeDirectory(resolve(directory))
  const lock = await takeLock(path, { waitMs, onProgress })
  try {
    await removeDrafts(path, join(path, 'keys'))
    const nodeId = await loadNodeId(path)
    const own: Instance = { pid: process.pid, startedAt: new Date().toISOString() }
    await writeInstance(path, own)
    let released: Promise<void> | undefined
    const release = () => {
      released ??= (async () => {
        await rm(instancePath(path), { force: true })
        await lock.release()
      })()
      return released
    }
    return {
      path,
      nodeId,
      announce: ({ url }) => writeInstance(path, { ...own, url }),
      loadOrCreateKey: createKeyRing(join(path, 'keys')),
      release,
      [Symbol.asyncDispose]: release,
    }
  } catch (error) {
    await lock.release()
    throw unusable(path, error)
  }
}

async function makeDirectory(path: string): Promise<string> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 })
    return await realpath(path)
  } catch (error) {
    throw unusable(path, error)
  }
}

async function takeLock(
  path: string,
  { waitMs, onProgress }: Required<Claim>,
): Promise<DirectoryLock> {
  const until = Date.now() + waitMs
  for (let told = false; ; told = true) {
    const lock = await tryLockDirectory(path).catch((error: unknown) => {
      throw unusable(path, error)
    })
    if (lock !== undefined) return lock
    if (Date.now() >= until) throw new DataDirectoryInUse(path, await readInstance(path))
    if (!told) onProgress(`Waiting for another StudioOps to leave ${path}`)
    await sleep(pollMs)
  }
}

/** What a process that was killed left half-written. */
async function removeDrafts(...directories: string[]): Promise<void> {
  for (const directory of directories) {
    for (const name of await readdir(directory).catch(() => [])) {
      if (name.endsWith(draftSuffix)) await rm(join(directory, name), { force: true })
    }
  }
}

async function loadNodeId(path: string): Promise<string> {
  const file = join(path, 'node-id')
  const known = (await readFile(file, 'utf8').catch(() => '')).trim()
  if (z.uuid().safeParse(known).success) return known
  const fresh = randomUUID()
  await writeDurably(file, `${fresh}\n`, 0o600)
  return fresh
}

function instancePath(path: string): string {
  return join(path, 'instance.json')
}

async function writeInstance(path: string, own: Instance): Promise<void> {
  await writeDurably(instancePath(path), `${JSON.stringify(own, undefined, 2)}\n`, 0o600)
}

async function readInstance(path: string): Promise<Instance | undefined> {
  try {
    return instance.parse(JSON.parse(await readFile(instancePath(path), 'utf8')))
  } catch {
    return undefined
  }
}

function unusable(path: string, error: unknown): unknown {
  if (error instanceof DataDirectoryError) return error
  return new DataDirectoryError(
    `The data directory ${path} cannot be used (${String(error)}). ` +
      'It must be a directory that this user may write to, with space left on its disk; ' +
      'STUDIOOPS_DATA_DIR names another one.',
    { cause: error },
  )
}
