/** Where a term stands in a segment: the ordinal of each item, rising, and how often it stands there (1 to 255). */
export type Posting = { readonly ordinal: number; readonly count: number }

function writeNumber(into: number[], number: number): void {
  let rest = number
  while (rest > 127) {
    into.push((rest & 127) | 128)
    rest >>>= 7
  }
  into.push(rest)
}

/** Distances as varints of 7 bits, each followed by a byte for the count. */
export function packPostings(postings: Iterable<Posting>): Buffer {
  const bytes: number[] = []
  let last = 0
  for (const { ordinal, count } of postings) {
    writeNumber(bytes, ordinal - last)
    bytes.push(count)
    last = ordinal
  }
  return Buffer.from(bytes)
}

/** Calls back for each posting: a list of objects would cost more than the ranking itself. */
export function eachPosting(
  packed: Uint8Array,
  visit: (ordinal: number, count: number) => void,
): void {
  let ordinal = 0
  let at = 0
  while (at < packed.length) {
    let distance = 0
    let shift = 0
    let byte = 128
    while (byte > 127) {
      byte = packed[at] ?? 0
      at += 1
      distance |= (byte & 127) << shift
      shift += 7
    }
    ordinal += distance
    visit(ordinal, packed[at] ?? 0)
    at += 1
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
