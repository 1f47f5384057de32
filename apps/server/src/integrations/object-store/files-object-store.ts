import { createHash, randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { access, constants, mkdir, open, opendir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'
import { syncDirectory } from '../../platform/instance/durable-file.ts'
import { ObjectStoreError, type ObjectStore, type StagedFile } from './object-store.ts'

const draftSuffix = '.draft'

/** Objects as files below one directory. The draft is renamed only when its bytes are on the disk. */
export function createFilesObjectStore(directory: string): ObjectStore {
  const pathOf = (key: string) => join(directory, requireKey(key))

  async function put(key: string, file: StagedFile): Promise<void> {
    const path = pathOf(key)
    const draft = `${path}.${randomUUID()}${draftSuffix}`
    await makeDirectory(dirname(path))
    try {
      const sha256 = await copyDurably(file.path, draft)
      if (sha256 !== file.sha256) throw new ObjectStoreError('damaged', 'other bytes were staged')
      await rename(draft, path)
    } catch (error) {
      await rm(draft, { force: true })
      throw error
    }
    await syncDirectory(dirname(path))
  }

  /** A directory that a power cut takes away takes its files with it. */
  async function makeDirectory(path: string): Promise<void> {
    const first = await mkdir(path, { recursive: true, mode: 0o700 })
    if (first === undefined) return
    for (let made = path; made.length >= first.length; made = dirname(made))
      await syncDirectory(dirname(made))
  }

  async function* pathsOf(of: 'objects' | 'drafts', prefix = '') {
    const below = join(directory, prefix.slice(0, prefix.lastIndexOf('/') + 1))
    const entries = await opendir(below, { recursive: true }).catch(unlessMissing)
    for await (const entry of entries ?? []) {
      const isDraft = entry.name.endsWith(draftSuffix)
      if (entry.isFile() && isDraft === (of === 'drafts')) yield join(entry.parentPath, entry.name)
    }
  }

  async function* list(prefix: string) {
    for await (const path of pathsOf('objects', prefix)) {
      const key = relative(directory, path).replaceAll(sep, '/')
      const found = key.startsWith(prefix) ? await stat(path).catch(unlessMissing) : undefined
      if (found !== undefined) yield { key, sizeBytes: found.size }
    }
  }

  async function removeTorn(before: Date): Promise<number> {
    let removed = 0
    for await (const path of pathsOf('drafts')) {
      const found = await stat(path).catch(unlessMissing)
      if (found === undefined || found.mtime >= before) continue
      await rm(path, { force: true })
      removed += 1
    }
    return removed
  }

  return {
    kind: 'files',
    put: (key, file) => told(() => put(key, file)),
    read: (key) =>
      told(async () => {
        const handle = await open(pathOf(key))
        return handle.createReadStream()
      }),
    remove: (key) =>
      told(async () => {
        const path = pathOf(key)
        await rm(path, { force: true })
        await syncDirectory(dirname(path)).catch(unlessMissing)
      }),
    list,
    removeTorn: (before) => told(() => removeTorn(before)),
    check: () =>
      told(async () => {
        await mkdir(directory, { recursive: true, mode: 0o700 })
        await access(directory, constants.W_OK)
      }),
  }
}

/** @returns the hash of what was written, hex */
async function copyDurably(from: string, to: string): Promise<string> {
  const hash = createHash('sha256')
  const target = await open(to, 'wx', 0o600)
  try {
    for await (const chunk of createReadStream(from)) {
      hash.update(chunk)
      await target.writeFile(chunk)
    }
    await target.sync()
  } finally {
    await target.close()
  }
  return hash.digest('hex')
}

/** Keys are ours, but a path is not the place to trust that. */
function requireKey(key: string): string {
  if (/^[0-9a-z-]+(\/[0-9a-z-]+)*$/.test(key)) return key
  throw new Error('a key of the object store has other characters than ours')
}

const codeOf = (error: unknown) =>
  error instanceof Error && 'code' in error ? String(error.code) : ''

function unlessMissing(error: unknown): undefined {
  if (codeOf(error) === 'ENOENT') return undefined
  throw error
}

const failures: Readonly<Record<string, 'missing' | 'full'>> = {
  ENOENT: 'missing',
  ENOSPC: 'full',
  EDQUOT: 'full',
}

async function told<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof ObjectStoreError || codeOf(error) === '') throw error
    throw new ObjectStoreError(failures[codeOf(error)] ?? 'away', codeOf(error), error)
  }
}
