import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createGzip } from 'node:zlib'

/** What tells one content from another. */
export type Digest = {
  readonly rows: number
  /** Of the uncompressed content, in hex. */
  readonly sha256: string
  readonly sizeBytes: number
}

/** Counts and hashes lines as they stand in a file. */
export function createDigester() {
  const hash = createHash('sha256')
  let rows = 0
  let sizeBytes = 0
  return {
    /** Gives the lines as the bytes of the file. */
    add(lines: readonly string[]): Buffer {
      const bytes = Buffer.from(`${lines.join('\n')}\n`)
      hash.update(bytes)
      rows += lines.length
      sizeBytes += bytes.length
      return bytes
    },
    digest: (): Digest => ({ rows, sha256: hash.digest('hex'), sizeBytes }),
  }
}

/** Writes lines, compressed; when this is done they are on the disk. Only the owner can read them. */
export async function writeLines(
  path: string,
  batches: AsyncIterable<readonly string[]>,
): Promise<Digest> {
  const digester = createDigester()
  async function* bytes() {
    for await (const lines of batches) yield digester.add(lines)
  }
  await pipeline(
    bytes(),
    createGzip({ level: 4 }),
    createWriteStream(path, { flags: 'wx', mode: 0o600, flush: true }),
  )
  return digester.digest()
}

/**
 * Reads lines back, as many at once as one block of the file holds.
 *
 * @throws Error of `zlib` or the file system where the file is damaged or missing
 */
export async function* readFileLines(path: string): AsyncGenerator<readonly string[]> {
  const source = createReadStream(path)
  const unzipped = createGunzip()
  const ended = pipeline(source, unzipped)
  // Whoever reads hears of the error; this only keeps it from being heard twice.
  ended.catch(() => undefined)
  let parts: Buffer[] = []
  for await (const chunk of unzipped as AsyncIterable<Buffer>) {
    const end = chunk.lastIndexOf(10)
    if (end < 0) {
      parts.push(chunk)
      continue
    }
    const text = Buffer.concat([...parts, chunk.subarray(0, end)]).toString('utf8')
    parts = [chunk.subarray(end + 1)]
    yield text.split('\n')
  }
  const rest = Buffer.concat(parts)
  if (rest.length > 0) throw new Error('the last line has no end')
  await ended
}

/** @throws as `readFileLines` */
export async function digestOfFile(path: string): Promise<Digest> {
  const digester = createDigester()
  for await (const lines of readFileLines(path)) digester.add(lines)
  return digester.digest()
}

export function sameDigest(a: Digest, b: Digest): boolean {
  return a.rows === b.rows && a.sha256 === b.sha256 && a.sizeBytes === b.sizeBytes
}

/** Makes the names in a directory durable. Windows does not know that, and does not need it. */
export async function syncDirectory(path: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Writes a small file that is on the disk when this is done. */
export async function writeDurably(path: string, text: string): Promise<void> {
  const handle = await open(path, 'wx', 0o600)
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
}
