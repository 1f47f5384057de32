import { createReadStream } from 'node:fs'
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'
import { draftSuffix, syncDirectory } from '../instance/durable-file.ts'

/** Bytes of a known length, to be read once. */
export type StoredFile = {
  /** Below its place, with `/` between the parts. */
  readonly key: string
  readonly size: number
  read(): AsyncIterable<Buffer>
}

/** Where the product keeps bytes beside its rows. */
export type FilePlace = {
  /** In the archive, such as `blobs`; lower-case words. */
  readonly name: string
  /** `missing` tells keys that should be there. */
  list(missing: (key: string) => void): AsyncIterable<StoredFile>
  /** Puts the file there whole or not at all. */
  write(key: string, size: number, body: AsyncIterable<Buffer>): Promise<void>
}

/** A directory and everything below it; absent is empty. What cannot be a name of ours is refused. */
export function directoryPlace(name: string, directory: string): FilePlace {
  const pathOf = (key: string) => {
    const parts = key.split('/')
    if (parts.some((part) => part === '' || part === '.' || part === '..' || part.includes('\\')))
      throw new RangeError(`${key} is no name for a file`)
    return join(directory, ...parts)
  }
  return {
    name,
    async *list() {
      for (const path of await filesBelow(directory)) {
        const found = await stat(path).catch(() => undefined)
        if (found === undefined || path.endsWith(draftSuffix)) continue
        // A file that grows meanwhile is taken as long as it was; one that shrinks fails.
        const read = () => rangeOf(path, found.size)
        yield { key: relative(directory, path).split(sep).join('/'), size: found.size, read }
      }
    },
    async write(key, _size, body) {
      const path = pathOf(key)
      await mkdir(dirname(path), { recursive: true, mode: 0o700 })
      const draft = `${path}${draftSuffix}`
      try {
        const file = await open(draft, 'w', 0o600)
        try {
          for await (const chunk of body) await file.writeFile(chunk)
          await file.sync()
        } finally {
          await file.close()
        }
        await rename(draft, path)
      } catch (error) {
        await rm(draft, { force: true })
        throw error
      }
      await syncDirectory(dirname(path))
    },
  }
}

function rangeOf(path: string, size: number): AsyncIterable<Buffer> {
  return size === 0
    ? emptyBytes()
    : (createReadStream(path, { end: size - 1 }) as AsyncIterable<Buffer>)
}

async function* emptyBytes(): AsyncGenerator<Buffer> {}

async function filesBelow(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => [])
  const paths: string[] = []
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(directory, entry.name)
    if (entry.isDirectory()) paths.push(...(await filesBelow(path)))
    else if (entry.isFile()) paths.push(path)
  }
  return paths
}
