import { createHash, randomBytes } from 'node:crypto'
import { mkdir, readFile, readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Where images of replayed prefixes are kept. Anything wrong with a file there is a miss. */
export type ImageCacheOptions = {
  readonly directory: string
  /** Newest images to keep beside that of the empty database; default 4. Each is 40 MB and more. */
  readonly keep?: number
}

/** What an image holds is decided by these alone. */
export type ImageBase = {
  readonly pgliteVersion: string
  readonly extensions: readonly string[]
  readonly engineVersion: string
  /** Role that everything was made by; undefined for the superuser. */
  readonly runAs?: string | undefined
}

/** An image of the longest prefix that the cache has. */
export type FoundImage = {
  readonly bytes: Uint8Array
  /** Checksums that it covers. */
  readonly length: number
  /** Removes it, for an image that turned out not to open. */
  readonly discard: () => Promise<void>
}

export type ImageCache = {
  /** Looks for the longest prefix of the checksums, the whole and the empty one included. */
  readonly find: (checksums: readonly string[]) => Promise<FoundImage | undefined>
  /** Never rejects: a full disk makes the next start slower, no more. */
  readonly save: (checksums: readonly string[], bytes: Uint8Array) => Promise<void>
}

const ending = '.pgimage'
const hashLength = 32

export function openImageCache(options: ImageCacheOptions, base: ImageBase): ImageCache {
  const { directory, keep = 4 } = options
  const pathOf = (key: string) => join(directory, `${key}${ending}`)
  return {
    async find(checksums) {
      const keys = prefixKeys(base, checksums)
      const there = new Set(await readdir(directory).catch(() => []))
      for (let length = checksums.length; length >= 0; length--) {
        const key = keys[length] ?? ''
        if (!there.has(`${key}${ending}`)) continue
        const bytes = await readImage(pathOf(key))
        if (bytes === undefined) continue
        return { bytes, length, discard: () => rm(pathOf(key), { force: true }) }
      }
      return undefined
    },
    async save(checksums, bytes) {
      const key = prefixKeys(base, checksums).at(-1) ?? ''
      const empty = prefixKeys(base, [])[0] ?? ''
      try {
        await mkdir(directory, { recursive: true })
        await writeImage(pathOf(key), bytes)
        await removeOldest(directory, { keep, except: `${empty}${ending}` })
      } catch {
        // A cache that cannot be written is an empty cache.
      }
    },
  }
}

/** Key of every prefix, from the empty one on. */
function prefixKeys(base: ImageBase, checksums: readonly string[]): string[] {
  const hash = (...parts: string[]) =>
    createHash('sha256').update(JSON.stringify(parts)).digest('hex')
  const first = hash(
    base.pgliteVersion,
    base.engineVersion,
    base.runAs ?? '',
    ...base.extensions.toSorted(),
  )
  const keys = [first]
  for (const checksum of checksums) keys.push(hash(keys.at(-1) ?? '', checksum))
  return keys
}

/** The file begins with the hash of the rest, so one that was cut off is not mistaken for whole. */
async function readImage(path: string): Promise<Uint8Array | undefined> {
  const file = await readFile(path).catch(() => undefined)
  if (file === undefined) return undefined
  const bytes = file.subarray(hashLength)
  if (!createHash('sha256').update(bytes).digest().equals(file.subarray(0, hashLength))) {
    await rm(path, { force: true })
    return undefined
  }
  const now = new Date()
  await utimes(path, now, now).catch(() => {})
  return bytes
}

async function writeImage(path: string, bytes: Uint8Array): Promise<void> {
  const draft = `${path}.${randomBytes(6).toString('hex')}.draft`
  const hash = createHash('sha256').update(bytes).digest()
  try {
    await writeFile(draft, [hash, bytes])
    await rename(draft, path)
  } finally {
    await rm(draft, { force: true })
  }
}

/** Also drafts of runs that were killed, once they are an hour old. */
async function removeOldest(
  directory: string,
  { keep, except }: { readonly keep: number; readonly except: string },
): Promise<void> {
  const names = (await readdir(directory)).filter((name) => name.includes(ending))
  const files = await Promise.all(
    names.map(async (name) => {
      const { mtimeMs } = await stat(join(directory, name)).catch(() => ({ mtimeMs: 0 }))
      return { name, mtimeMs }
    }),
  )
  const images = files
    .filter(({ name }) => name.endsWith(ending) && name !== except)
    .toSorted((a, b) => b.mtimeMs - a.mtimeMs)
  const drafts = files.filter(
    ({ name, mtimeMs }) => name.endsWith('.draft') && mtimeMs < Date.now() - 60 * 60 * 1000,
  )
  for (const { name } of [...images.slice(keep), ...drafts])
    await rm(join(directory, name), { force: true })
}
