import { inflateRawSync } from 'node:zlib'

/** One file of an archive, as its directory describes it. */
export type ZipEntry = {
  readonly name: string
  readonly packedBytes: number
  /** What the directory says; what is unpacked is held to it. */
  readonly unpackedBytes: number
  readonly method: number
  readonly isEncrypted: boolean
  /** Of its local header. */
  readonly offset: number
}

/** Why an archive is not opened. */
export type ZipProblem = 'damaged' | 'protected' | 'too-large'

const entriesMax = 10_000
const unpackedBytesMax = 500_000_000
/** Of an entry that is large enough to do harm; small ones of blanks pack better than any bomb. */
const ratioMax = 100
const ratioFromBytes = 1_000_000

const endMark = 0x06054b50
const entryMark = 0x02014b50
const localMark = 0x04034b50

/** Reads a piece of the archive; shorter where it ends before. */
export type ReadPiece = (offset: number, length: number) => Promise<Buffer>

/**
 * The directory of an archive, read from its end before anything is unpacked (APPNOTE 4.3).
 *
 * @returns its entries, or why it is not opened
 */
export async function readZipDirectory(
  read: ReadPiece,
  sizeBytes: number,
): Promise<readonly ZipEntry[] | ZipProblem> {
  const tailLength = Math.min(sizeBytes, 65_557)
  const tail = await read(sizeBytes - tailLength, tailLength)
  const end = findEnd(tail)
  if (end === undefined) return 'damaged'
  const count = tail.readUInt16LE(end + 10)
  const length = tail.readUInt32LE(end + 12)
  const start = tail.readUInt32LE(end + 16)
  // What 64 bits would be needed for is larger than anything that is taken.
  if (count > entriesMax || count === 0xffff) return 'too-large'
  if (start + length > sizeBytes) return 'damaged'
  const entries = readEntries(await read(start, length), count)
  return entries === undefined ? 'damaged' : (problemOf(entries, start) ?? entries)
}

function findEnd(tail: Buffer): number | undefined {
  for (let at = tail.length - 22; at >= 0; at -= 1)
    if (tail.readUInt32LE(at) === endMark && at + 22 + tail.readUInt16LE(at + 20) === tail.length)
      return at
  return undefined
}

function readEntries(directory: Buffer, count: number): ZipEntry[] | undefined {
  const entries: ZipEntry[] = []
  let at = 0
  while (entries.length < count) {
    if (at + 46 > directory.length || directory.readUInt32LE(at) !== entryMark) return undefined
    const nameLength = directory.readUInt16LE(at + 28)
    entries.push({
      name: directory.toString('utf8', at + 46, at + 46 + nameLength),
      packedBytes: directory.readUInt32LE(at + 20),
      unpackedBytes: directory.readUInt32LE(at + 24),
      method: directory.readUInt16LE(at + 10),
      isEncrypted: (directory.readUInt16LE(at + 8) & 1) === 1,
      offset: directory.readUInt32LE(at + 42),
    })
    at += 46 + nameLength + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32)
  }
  return entries
}

const isPathTrick = (name: string) => /(^|[/\\])\.\.([/\\]|$)|^[/\\]|^[a-z]:|\0/i.test(name)

function problemOf(entries: readonly ZipEntry[], directoryStart: number): ZipProblem | undefined {
  if (entries.some(({ isEncrypted }) => isEncrypted)) return 'protected'
  if (entries.some(({ name, method }) => isPathTrick(name) || (method !== 0 && method !== 8)))
    return 'damaged'
  const total = entries.reduce((sum, { unpackedBytes }) => sum + unpackedBytes, 0)
  if (total > unpackedBytesMax) return 'too-large'
  if (entries.some(isTooDense)) return 'too-large'
  return overlaps(entries, directoryStart) ? 'too-large' : undefined
}

function isTooDense({ packedBytes, unpackedBytes }: ZipEntry): boolean {
  return unpackedBytes > ratioFromBytes && unpackedBytes > packedBytes * ratioMax
}

/** Entries that share bytes make a bomb of a small file (Fifield, 2019). */
function overlaps(entries: readonly ZipEntry[], directoryStart: number): boolean {
  const sorted = entries.toSorted((one, other) => one.offset - other.offset)
  return sorted.some(({ offset, packedBytes }, index) => {
    const next = sorted[index + 1]?.offset ?? directoryStart
    return offset + 30 + packedBytes > next
  })
}

/**
 * Unpacks one entry of an archive that lies in memory, and not a byte more than its directory says.
 *
 * @returns undefined where it is not what the directory says
 */
export function unpackEntry(archive: Buffer, entry: ZipEntry): Buffer | undefined {
  const { offset, packedBytes, unpackedBytes, method } = entry
  if (offset + 30 > archive.length || archive.readUInt32LE(offset) !== localMark) return undefined
  const start = offset + 30 + archive.readUInt16LE(offset + 26) + archive.readUInt16LE(offset + 28)
  const packed = archive.subarray(start, start + packedBytes)
  if (packed.length !== packedBytes) return undefined
  if (method === 0) return packedBytes === unpackedBytes ? packed : undefined
  try {
    const unpacked = inflateRawSync(packed, { maxOutputLength: Math.max(1, unpackedBytes) })
    return unpacked.length === unpackedBytes ? unpacked : undefined
  } catch {
    return undefined
  }
}
