import { createHash, randomUUID } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import {
  ObjectStoreError,
  type ObjectStore,
  type StagedFile,
} from '../../integrations/object-store/object-store.ts'
import { AppError } from '../../platform/errors/app-error.ts'

type Dependencies = {
  /** In the data directory; there also while S3 is used, for what was stored before. */
  readonly files: ObjectStore
  /** The S3-compatible store that is set up now. */
  readonly s3: () => Promise<ObjectStore | undefined>
  /** Copies of what lies in S3. */
  readonly cacheDirectory: string
}

export type KeptFile = {
  readonly project_id: string
  readonly file_hash: string
  readonly stored_in: 'files' | 's3'
}

type Bytes = AsyncIterable<Uint8Array>

const draftSuffix = '.draft'

/** The stores of files as documents see them: by project and hash, and never other bytes than those. */
export function createShelf({ files, s3, cacheDirectory }: Dependencies) {
  async function storeOf(kind: 'files' | 's3'): Promise<ObjectStore> {
    const store = kind === 'files' ? files : await s3()
    if (store === undefined) throw new AppError('storage.unavailable')
    return store
  }

  /** Bytes of the network are compared once and then lie on this machine. */
  async function cached(file: KeptFile): Promise<string> {
    const path = join(cacheDirectory, `${file.project_id}-${file.file_hash}`)
    if (await matches(createReadStream(path), file.file_hash).catch(() => false)) return path
    await mkdir(cacheDirectory, { recursive: true, mode: 0o700 })
    const draft = `${path}.${randomUUID()}${draftSuffix}`
    try {
      const store = await storeOf('s3')
      await pipeline(await store.read(keyOf(file)), createWriteStream(draft, { mode: 0o600 }))
      if (!(await matches(createReadStream(draft), file.file_hash)))
        throw new AppError('storage.damaged')
      await rename(draft, path)
    } catch (error) {
      await rm(draft, { force: true })
      throw error
    }
    return path
  }

  return {
    /** Where a new file goes. */
    async current(): Promise<'files' | 's3'> {
      return (await s3()) === undefined ? 'files' : 's3'
    },

    /** @returns why files cannot be kept; undefined where they can. May throw. */
    async check(): Promise<undefined> {
      await storeOf(await this.current()).then((store) => store.check())
    },

    /** @throws AppError `storage.unavailable`, `storage.full` */
    put: (file: KeptFile, staged: StagedFile) =>
      told(async () => {
        const store = await storeOf(file.stored_in)
        await store.put(keyOf(file), staged)
      }),

    /**
     * The bytes, whose hash was compared before the first of them is given.
     *
     * @throws AppError `storage.unavailable`, `storage.damaged`
     */
    open: (file: KeptFile) =>
      told(async (): Promise<{ readonly bytes: Bytes; readonly cachePath?: string }> => {
        if (file.stored_in === 's3') {
          const cachePath = await cached(file)
          return { bytes: createReadStream(cachePath), cachePath }
        }
        if (!(await matches(await files.read(keyOf(file)), file.file_hash)))
          throw new AppError('storage.damaged')
        return { bytes: await files.read(keyOf(file)) }
      }),

    /** @throws AppError `storage.unavailable` */
    remove: (kind: 'files' | 's3', key: string) =>
      told(async () => {
        const store = await storeOf(kind)
        await store.remove(key)
      }),

    uncache: (path: string) => rm(path, { force: true }),

    /** What a crash has left half written. @throws AppError `storage.unavailable` */
    removeTorn: (before: Date) =>
      told(async () => {
        let removed = await files.removeTorn(before)
        removed += (await (await s3())?.removeTorn(before)) ?? 0
        for (const name of await readdir(cacheDirectory).catch(() => [])) {
          if (!name.endsWith(draftSuffix)) continue
          const path = join(cacheDirectory, name)
          const { mtime } = await stat(path).catch(() => ({ mtime: before }))
          if (mtime >= before) continue
          await rm(path, { force: true })
          removed += 1
        }
        return removed
      }),
  }
}

export type Shelf = ReturnType<typeof createShelf>

/** Hashes never meet across projects: nobody learns from a store what others have. */
export function keyOf({ project_id: projectId, file_hash: hash }: KeptFile): string {
  return `${projectId}/${hash}`
}

async function matches(bytes: Bytes, sha256: string): Promise<boolean> {
  const hash = createHash('sha256')
  for await (const chunk of bytes) hash.update(chunk)
  return hash.digest('hex') === sha256
}

const codes = {
  missing: 'storage.damaged',
  damaged: 'storage.damaged',
  full: 'storage.full',
  away: 'storage.unavailable',
} as const

async function told<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof ObjectStoreError)
      throw new AppError(codes[error.failure], { cause: error, retryAfterSeconds: 5 })
    throw error
  }
}
