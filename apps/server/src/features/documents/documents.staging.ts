import { createHash, type Hash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { type FileHandle, mkdir, open, readdir, rm, stat, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '../../platform/errors/app-error.ts'

/** Kept free for everything else that writes to this disk. */
const reserveBytes = 200_000_000

type Piece = {
  readonly id: string
  /** Where the bytes belong. */
  readonly offset: number
  readonly bytes: AsyncIterable<Uint8Array>
  /** More than these are not taken. */
  readonly bytesMax: number
}

/**
 * Bytes on their way, a file for each upload. How much of one has arrived is the length of its file,
 * so nothing that was written is lost with the process; the hash grows with it and is computed anew
 * where it was lost.
 */
export function createStaging(directory: string) {
  const hashes = new Map<string, { readonly hash: Hash; readonly length: number }>()
  const pathOf = (id: string) => join(directory, id)

  async function lengthOf(id: string): Promise<number> {
    return (await stat(pathOf(id)).catch(unlessMissing))?.size ?? 0
  }

  /** Of the bytes before a place; undefined where it was lost. */
  function hashFrom(id: string, offset: number): Hash | undefined {
    if (offset === 0) return createHash('sha256')
    const known = hashes.get(id)
    return known?.length === offset ? known.hash : undefined
  }

  return {
    pathOf,
    lengthOf,

    /** @throws AppError `storage.full` */
    async requireRoom(bytes: number): Promise<void> {
      await mkdir(directory, { recursive: true, mode: 0o700 })
      const { bavail, bsize } = await statfs(directory)
      if (bavail * bsize < bytes + reserveBytes) throw new AppError('storage.full')
    },

    /**
     * Adds bytes behind those that are there; what arrived before a cut stays.
     *
     * @returns the length of all
     * @throws AppError `request.too-large`, and then nothing of the piece stays; `storage.full`
     */
    async append(piece: Piece): Promise<number> {
      const { id, offset } = piece
      await mkdir(directory, { recursive: true, mode: 0o700 })
      const hash = hashFrom(id, offset)
      hashes.delete(id)
      const file = await open(pathOf(id), 'a', 0o600)
      try {
        const length = await write(file, piece, hash)
        if (hash !== undefined) hashes.set(id, { hash, length })
        return length
      } catch (error) {
        throw isFull(error) ? new AppError('storage.full', { cause: error }) : error
      } finally {
        await file.close()
      }
    },

    async sha256Of(id: string): Promise<string> {
      const running = hashes.get(id)
      if (running?.length === (await lengthOf(id))) return running.hash.copy().digest('hex')
      const hash = createHash('sha256')
      for await (const chunk of createReadStream(pathOf(id))) hash.update(chunk as Buffer)
      return hash.digest('hex')
    },

    async remove(id: string): Promise<void> {
      hashes.delete(id)
      await rm(pathOf(id), { force: true })
    },

    /** Those whose last byte came before a time. */
    async listOlder(before: Date): Promise<string[]> {
      const names = (await readdir(directory).catch(unlessMissing)) ?? []
      const stats = await Promise.all(names.map((name) => stat(pathOf(name)).catch(unlessMissing)))
      return names.filter((_, index) => (stats[index]?.mtime ?? before) < before)
    },
  }
}

export type Staging = ReturnType<typeof createStaging>

async function write(
  file: FileHandle,
  { offset, bytes, bytesMax }: Piece,
  hash: Hash | undefined,
): Promise<number> {
  let length = offset
  for await (const chunk of bytes) {
    if (length + chunk.length > offset + bytesMax) {
      await file.truncate(offset)
      throw new AppError('request.too-large')
    }
    await file.writeFile(chunk)
    hash?.update(chunk)
    length += chunk.length
  }
  return length
}

const codeOf = (error: unknown) =>
  error instanceof Error && 'code' in error ? String(error.code) : ''
const isFull = (error: unknown) => ['ENOSPC', 'EDQUOT'].includes(codeOf(error))

function unlessMissing(error: unknown): undefined {
  if (codeOf(error) === 'ENOENT') return undefined
  throw error
}
