/** Where a term stands in a segment: the ordinal of each item, rising, and how often it stands there (1 to 255). */
export type Posting = { readonly ordinal: number; readonly count: number }

/**
 * The places of a term in a segment. A directory first: for each block of 128 places its last ordinal,
 * where it ends, its highest count and the length of its shortest item. Then the blocks: distances as
 * varints of 7 bits, each followed by a byte for the count. What the directory says of a block is enough
 * to pass it over unread.
 */
export type PostingList = {
  /** Number of places. */
  readonly df: number
  /** All of it, zeros where a block was not read. */
  readonly bytes: Uint8Array
  /** 1 for each block that was read; absent where all were. */
  readonly read?: Uint8Array
}

export const noPlaces: PostingList = { df: 0, bytes: new Uint8Array() }

export const placesPerBlock = 128
/** Of a block in the directory. */
export const entryBytes = 11
/** A distance of 32 bits and a count. */
const placeBytesMax = 6

export const blockCountOf = ({ df }: PostingList) => Math.ceil(df / placesPerBlock)

const directoryBytes = (list: PostingList) => blockCountOf(list) * entryBytes

const read32 = (bytes: Uint8Array, at: number) =>
  ((bytes[at] ?? 0) |
    ((bytes[at + 1] ?? 0) << 8) |
    ((bytes[at + 2] ?? 0) << 16) |
    ((bytes[at + 3] ?? 0) << 24)) >>>
  0

const lastOrdinalOf = ({ bytes }: PostingList, block: number) => read32(bytes, block * entryBytes)
const endOf = ({ bytes }: PostingList, block: number) => read32(bytes, block * entryBytes + 4)
export const highestCountOf = ({ bytes }: PostingList, block: number) =>
  bytes[block * entryBytes + 8] ?? 0
export const shortestOf = ({ bytes }: PostingList, block: number) =>
  (bytes[block * entryBytes + 9] ?? 0) | ((bytes[block * entryBytes + 10] ?? 0) << 8)

const startOf = (list: PostingList, block: number) =>
  block === 0 ? directoryBytes(list) : endOf(list, block - 1)

/** @param lengths of the items, by ordinal */
export function packPostings(postings: readonly Posting[], lengths: Uint16Array): Buffer {
  const blocks = Math.ceil(postings.length / placesPerBlock)
  const packed = Buffer.alloc(blocks * entryBytes + postings.length * placeBytesMax)
  let at = blocks * entryBytes
  let last = 0
  for (let block = 0; block < blocks; block += 1) {
    let highest = 0
    let shortest = 65_535
    for (const { ordinal, count } of postings.slice(
      block * placesPerBlock,
      (block + 1) * placesPerBlock,
    )) {
      let distance = ordinal - last
      while (distance > 127) {
        packed[at++] = (distance & 127) | 128
        distance >>>= 7
      }
      packed[at++] = distance
      packed[at++] = count
      last = ordinal
      highest = Math.max(highest, count)
      shortest = Math.min(shortest, lengths[ordinal] ?? 0)
    }
    const entry = block * entryBytes
    packed.writeUInt32LE(last, entry)
    packed.writeUInt32LE(at, entry + 4)
    packed[entry + 8] = highest
    packed.writeUInt16LE(shortest, entry + 9)
  }
  return packed.subarray(0, at)
}

/**
 * A list of which the beginning was read, at least its directory.
 *
 * @param size of all of it, in bytes
 */
export function openList(df: number, size: number, beginning: Uint8Array): PostingList {
  const bytes = new Uint8Array(size)
  bytes.set(beginning)
  if (beginning.length >= size) return { df, bytes }
  const read = new Uint8Array(Math.ceil(df / placesPerBlock))
  const list = { df, bytes, read }
  for (let block = 0; block < read.length; block += 1)
    read[block] = endOf(list, block) <= beginning.length ? 1 : 0
  return list
}

export const isRead = ({ read }: PostingList, block: number) =>
  read === undefined || read[block] === 1

export type Range = { readonly from: number; readonly to: number }

/** Where these blocks lie, neighbours as one. @param blocks rising */
export function rangesOf(list: PostingList, blocks: Iterable<number>): Range[] {
  const ranges: Range[] = []
  for (const block of blocks) {
    const [from, to] = [startOf(list, block), endOf(list, block)]
    const before = ranges.at(-1)
    if (before?.to === from) ranges[ranges.length - 1] = { from: before.from, to }
    else ranges.push({ from, to })
  }
  return ranges
}

/** Puts in what was read of a range. */
export function fillRange(list: PostingList, from: number, bytes: Uint8Array): void {
  list.bytes.set(bytes, from)
  const to = from + bytes.length
  for (let block = 0; list.read !== undefined && block < list.read.length; block += 1)
    if (startOf(list, block) >= from && endOf(list, block) <= to) list.read[block] = 1
}

/** Calls back for each place: a list of objects would cost more than the ranking itself. */
export function eachPosting(
  list: PostingList,
  visit: (ordinal: number, count: number) => void,
): void {
  const { bytes } = list
  let at = directoryBytes(list)
  let ordinal = 0
  while (at < bytes.length) {
    let byte = bytes[at++] ?? 0
    let distance = byte & 127
    for (let shift = 7; byte > 127; shift += 7) {
      byte = bytes[at++] ?? 0
      distance |= (byte & 127) << shift
    }
    ordinal += distance
    visit(ordinal, bytes[at++] ?? 0)
  }
}

export type Cursor = {
  /** The block in which an ordinal would be; undefined behind the last one. */
  blockAt(ordinal: number): number | undefined
  /** How often the term stands there; 0 where it does not. Its block has been read. */
  countAt(ordinal: number): number
}

/** Looks places up in one walk: ordinals are asked for in their order. */
export function createCursor(list: PostingList): Cursor {
  const { bytes } = list
  const blocks = blockCountOf(list)
  let block = 0
  let at = directoryBytes(list)
  let ordinal = -1
  let base = 0
  let count = 0

  function blockAt(wanted: number): number | undefined {
    if (block < blocks && lastOrdinalOf(list, block) < wanted) {
      while (block < blocks && lastOrdinalOf(list, block) < wanted) block += 1
      if (block === blocks) return undefined
      at = startOf(list, block)
      base = block === 0 ? 0 : lastOrdinalOf(list, block - 1)
      ordinal = -1
    }
    return block < blocks ? block : undefined
  }

  function step(): void {
    let byte = bytes[at++] ?? 0
    let distance = byte & 127
    for (let shift = 7; byte > 127; shift += 7) {
      byte = bytes[at++] ?? 0
      distance |= (byte & 127) << shift
    }
    base += distance
    ordinal = base
    count = bytes[at++] ?? 0
  }

  return {
    blockAt,
    countAt(wanted) {
      if (blockAt(wanted) === undefined) return 0
      while (ordinal < wanted) step()
      return ordinal === wanted ? count : 0
    },
  }
}

/** What a segment knows of its items, by ordinal. */
export type SegmentItems = {
  /** At most 2^53. */
  readonly ids: Float64Array
  /** Words, 65,535 at most. */
  readonly lengths: Uint16Array
}

/** 8 bytes for each id, then 2 for each length, little-endian. */
export function packItems({ ids, lengths }: SegmentItems): Buffer {
  const packed = Buffer.alloc(ids.length * 10)
  ids.forEach((id, index) => packed.writeDoubleLE(id, index * 8))
  lengths.forEach((length, index) => packed.writeUInt16LE(length, ids.length * 8 + index * 2))
  return packed
}

export function unpackItems(packed: Buffer): SegmentItems {
  const count = packed.length / 10
  const ids = new Float64Array(count)
  const lengths = new Uint16Array(count)
  for (let index = 0; index < count; index += 1) {
    ids[index] = packed.readDoubleLE(index * 8)
    lengths[index] = packed.readUInt16LE(count * 8 + index * 2)
  }
  return { ids, lengths }
}
