import { closeSync, openSync } from 'node:fs'
import { copyFile, open, stat, truncate } from 'node:fs/promises'

const limitBytes = 1_000_000
const shownBytes = 4_000
const shownLines = 12

export type ServerLog = {
  readonly path: string
  /** For the child's output. The caller closes it. */
  openForAppending(): number
  sizeBytes(): Promise<number>
  /** The last lines that were written after `offsetBytes`; empty when there are none. */
  tail(offsetBytes: number): Promise<string>
  /** Keeps the log and one older part of it below about 1 MB each, also while the server writes. */
  bound(): Promise<void>
}

export function createServerLog(path: string): ServerLog {
  const sizeBytes = async () => (await stat(path).catch(() => undefined))?.size ?? 0
  return {
    path,
    sizeBytes,
    openForAppending: () => openSync(path, 'a', 0o600),
    async tail(offsetBytes) {
      const size = await sizeBytes()
      const from = Math.max(offsetBytes > size ? 0 : offsetBytes, size - shownBytes)
      if (size <= from) return ''
      const file = await open(path)
      try {
        const { buffer } = await file.read(Buffer.alloc(size - from), 0, size - from, from)
        return buffer.toString('utf8').trimEnd().split('\n').slice(-shownLines).join('\n')
      } finally {
        await file.close()
      }
    },
    async bound() {
      if ((await sizeBytes()) <= limitBytes) return
      await copyFile(path, `${path}.1`)
      // The server writes in append mode, so after the cut it goes on at the new end.
      await truncate(path, 0)
    },
  }
}

export function closeQuietly(descriptor: number): void {
  try {
    closeSync(descriptor)
  } catch {
    return
  }
}
