import { createHash, randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { pipeline, Readable } from 'node:stream'
import { constants, createZstdCompress, createZstdDecompress } from 'node:zlib'
import { z } from 'zod'
import { AppError } from '../errors/app-error.ts'
import type { Secret } from '../secret/secret.ts'
import { deriveKey, freshDerivation, keyDerivation, seal, unseal } from './sealing.ts'
import {
  createByteReader,
  damaged,
  readTar,
  type ReadEntry,
  type TarEntry,
  writeTar,
} from './tar.ts'

/** Raised whenever an older product could not read what is written. */
export const archiveFormat = 1

const table = z.object({ name: z.string(), columns: z.array(z.string()).readonly() })
const sequence = z.object({ name: z.string(), last: z.string(), isCalled: z.boolean() })

/** The first part: everything that has to be known before anything is unpacked. */
export const archiveHeader = z.object({
  format: z.literal(archiveFormat),
  id: z.uuid(),
  createdAt: z.iso.datetime(),
  /** Version of the product. */
  product: z.string(),
  /** Stays with the rows, wherever they go. */
  installationId: z.uuid(),
  postgres: z.string(),
  /** Ids of the migrations that had run. */
  migrations: z.array(z.string()),
  /** Fingerprints of the master keys that open the secrets in it; the keys are not in it. */
  keys: z.array(z.string()),
  tables: z.array(table).readonly(),
  sequences: z.array(sequence).readonly(),
})
export type ArchiveHeader = z.output<typeof archiveHeader>

/** What is told of a sealed archive without its passphrase. */
const sealedLine = z.object({ id: z.uuid(), createdAt: z.iso.datetime(), kdf: keyDerivation })
const sealedMagic = 'STUDIOOPS-SEALED-1 '
const lineMax = 4_096

export const headerName = 'header.json'
export const configurationName = 'configuration.json'
export const manifestName = 'manifest.ndjson'

/** One line of the manifest. */
export type PartLine = {
  readonly name: string
  readonly bytes: number
  readonly rows?: number
  /** Lower-case hexadecimal. */
  readonly sha256: string
}

export function lineOf({ name, bytes, rows, sha256 }: PartLine): string {
  return `${JSON.stringify({ name, bytes, ...(rows === undefined ? {} : { rows }), sha256 })}\n`
}

/** Counts and hashes what goes by. */
export function createMeter() {
  const hash = createHash('sha256')
  let bytes = 0
  let rows = 0
  return {
    take(chunk: Buffer): void {
      hash.update(chunk)
      bytes += chunk.length
    },
    /** The text form of COPY ends each row, and nothing else, with a line feed. */
    takeRows(chunk: Buffer): void {
      this.take(chunk)
      for (let at = chunk.indexOf(0x0a); at >= 0; at = chunk.indexOf(0x0a, at + 1)) rows += 1
    },
    line: (name: string): PartLine => ({ name, bytes, sha256: hash.digest('hex') }),
    lineOfRows: (name: string): PartLine => ({ name, bytes, rows, sha256: hash.digest('hex') }),
  }
}

export type Sealing = {
  readonly passphrase: Secret
  /** Cost of scrypt; tests make it cheap. */
  readonly cost?: number
}

type Writing = {
  readonly header: Pick<ArchiveHeader, 'id' | 'createdAt'>
  readonly sealing?: Sealing | undefined
}

/** The bytes of a file: a tar, compressed with Zstandard, and sealed where it is asked for. */
export async function* writeArchive(
  entries: AsyncIterable<TarEntry>,
  { header: { id, createdAt }, sealing }: Writing,
): AsyncGenerator<Buffer> {
  const packed = throughZstd(writeTar(entries), compressor())
  if (sealing === undefined) {
    yield* withTrailer(packed)
    return
  }
  const kdf = freshDerivation(sealing.cost)
  const header = Buffer.from(`${sealedMagic}${JSON.stringify({ id, createdAt, kdf })}\n`)
  yield header
  yield* seal(packed, { key: await deriveKey(sealing.passphrase, kdf), header })
}

const compressor = () =>
  createZstdCompress({
    params: { [constants.ZSTD_c_compressionLevel]: 3, [constants.ZSTD_c_checksumFlag]: 1 },
  })

function throughZstd(
  bytes: AsyncIterable<Buffer>,
  stream: ReturnType<typeof createZstdCompress>,
): AsyncIterable<Buffer> {
  // What fails before it fails the stream that is read.
  pipeline(Readable.from(bytes, { objectMode: false }), stream, () => undefined)
  return stream
}

export type OpenArchive = {
  readonly header: ArchiveHeader
  readonly isSealed: boolean
  /** What follows the header; to be read in order. */
  readonly entries: AsyncGenerator<ReadEntry>
  /** Of the header, as it stands in the file. */
  readonly headerLine: PartLine
}

/**
 * Opens a file that `writeArchive` has written, and reads its header.
 *
 * @throws AppError `backup.not-found`, `backup.passphrase-needed`, `backup.passphrase`,
 * `backup.newer-format`, `backup.damaged`
 */
export async function openArchive(path: string, passphrase?: Secret): Promise<OpenArchive> {
  const bytes = createByteReader(fileBytes(path))
  const start = await bytes.takeMost(sealedMagic.length)
  const isSealed = start.toString('latin1') === sealedMagic
  const packed = isSealed
    ? await unsealed(start, bytes, passphrase)
    : withoutTrailer(prepended(start, bytes.rest()))
  const entries = readTar(translated(unpacked(packed)))
  const first = await entries.next()
  if (first.done === true || first.value.name !== headerName || first.value.size > 64 * 1024 * 1024)
    throw damaged()
  const text = await wholeOf(first.value)
  const meter = createMeter()
  meter.take(text)
  return { header: parseHeader(text), isSealed, entries, headerLine: meter.line(headerName) }
}

async function* fileBytes(path: string): AsyncGenerator<Buffer> {
  try {
    yield* createReadStream(path, { highWaterMark: 256 * 1024 }) as AsyncIterable<Buffer>
  } catch (cause) {
    const isAbsent = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT'
    throw isAbsent ? new AppError('backup.not-found', { facts: { file: path }, cause }) : cause
  }
}

async function* prepended(start: Buffer, rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield start
  yield* rest
}

async function unsealed(
  start: Buffer,
  bytes: ReturnType<typeof createByteReader>,
  passphrase: Secret | undefined,
): Promise<AsyncGenerator<Buffer>> {
  const line = await bytes.line(lineMax)
  const parsed = sealedLine.safeParse(parseJson(line))
  if (!parsed.success) throw damaged(parsed.error)
  if (passphrase === undefined) throw new AppError('backup.passphrase-needed')
  const key = await deriveKey(passphrase, parsed.data.kdf)
  return unseal(bytes, { key, header: Buffer.concat([start, line]) })
}

/** A skippable frame (RFC 8878, 3.1.2) of 32 bytes, which `zstd` passes over. */
const trailerHead = Buffer.from('502a4d1820000000', 'hex')
const trailerBytes = trailerHead.length + 32

/** Ends an archive that is not sealed by the SHA-256 of its bytes. */
async function* withTrailer(bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const hash = createHash('sha256')
  for await (const chunk of bytes) {
    hash.update(chunk)
    yield chunk
  }
  yield Buffer.concat([trailerHead, hash.digest()])
}

async function* withoutTrailer(bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const hash = createHash('sha256')
  let held: Buffer = Buffer.alloc(0)
  for await (const chunk of bytes) {
    const all = Buffer.concat([held, chunk])
    const free = all.subarray(0, Math.max(0, all.length - trailerBytes))
    held = all.subarray(free.length)
    hash.update(free)
    if (free.length > 0) yield free
  }
  if (!held.equals(Buffer.concat([trailerHead, hash.digest()]))) throw damaged()
}

/**
 * The decompressor stops where it has enough, and then hears of no error any more; what comes before it
 * is read to its end nevertheless.
 */
async function* unpacked(bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const source = bytes[Symbol.asyncIterator]()
  const failures: unknown[] = []
  const next = async (): Promise<Buffer | undefined> => {
    try {
      const { done, value } = await source.next()
      return done === true ? undefined : value
    } catch (error) {
      failures.push(error)
      throw error
    }
  }
  async function* feed(): AsyncGenerator<Buffer> {
    for (let chunk = await next(); chunk !== undefined; chunk = await next()) yield chunk
  }
  yield* throughZstd(feed(), createZstdDecompress())
  for (let chunk = await next(); chunk !== undefined; chunk = await next());
  if (failures.length > 0) throw failures[0]
}

/** What the decompressor refuses was not written by it. */
async function* translated(bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield* bytes
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    throw /^(ZSTD_|Z_|ERR_STREAM_PREMATURE)/.test(code) ? damaged(error) : error
  }
}

/** A part that is small by its nature. */
export async function wholeOf({ body }: ReadEntry): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of body) chunks.push(chunk)
  return Buffer.concat(chunks)
}

function parseHeader(bytes: Buffer): ArchiveHeader {
  const value = parseJson(bytes)
  const format = z.object({ format: z.int() }).safeParse(value)
  if (format.success && format.data.format > archiveFormat)
    throw new AppError('backup.newer-format', { facts: { format: format.data.format } })
  const parsed = archiveHeader.safeParse(value)
  if (!parsed.success) throw damaged(parsed.error)
  return parsed.data
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString())
  } catch {
    return undefined
  }
}

/** An entry of bytes that are at hand. */
export function smallEntry(name: string, bytes: Buffer): TarEntry {
  return { name, size: bytes.length, body: [bytes] }
}

export const freshArchiveId = (): string => randomUUID()
