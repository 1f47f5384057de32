/** Vectors of length 1, each packed as a factor and an eighth of the bits. */
export type PackedVectors = {
  readonly dimensions: number
  /** Of the items, in the order of the vectors. */
  readonly ids: readonly number[]
  readonly bytes: Buffer
}

const factorBytes = 4

export function packVectors(vectors: readonly Float32Array[]): Buffer {
  const dimensions = vectors[0]?.length ?? 0
  const bytes = Buffer.alloc(vectors.length * (factorBytes + dimensions))
  vectors.forEach((vector, index) => {
    const start = index * (factorBytes + dimensions)
    const highest = vector.reduce((most, number) => Math.max(most, Math.abs(number)), 0)
    const factor = highest / 127
    bytes.writeFloatLE(factor, start)
    vector.forEach((number, place) =>
      bytes.writeInt8(factor === 0 ? 0 : Math.round(number / factor), start + factorBytes + place),
    )
  })
  return bytes
}

/** The cosine of the angle between `wanted` and each of the others, by item. */
export function* likenesses(
  { dimensions, ids, bytes }: PackedVectors,
  wanted: Float32Array,
): Generator<{ readonly id: number; readonly score: number }> {
  if (wanted.length !== dimensions) return
  const numbers = new Int8Array(bytes.buffer, bytes.byteOffset, bytes.length)
  for (const [index, id] of ids.entries()) {
    const start = index * (factorBytes + dimensions)
    let sum = 0
    for (let place = 0; place < dimensions; place += 1)
      sum += (wanted[place] ?? 0) * (numbers[start + factorBytes + place] ?? 0)
    yield { id, score: sum * bytes.readFloatLE(start) }
  }
}

/** How soon a lower place stops counting (Cormack, Clarke and Büttcher 2009). */
const rankConstant = 60

/**
 * One order of several, by the places that each item has in them: what one way of looking does not know
 * another one may.
 *
 * @param orders ids, best first
 */
export function fuseRanks(
  orders: readonly (readonly number[])[],
): { readonly id: number; readonly score: number }[] {
  const scores = new Map<number, number>()
  for (const order of orders)
    order.forEach((id, place) =>
      scores.set(id, (scores.get(id) ?? 0) + 1 / (rankConstant + place + 1)),
    )
  return [...scores]
    .map(([id, score]) => ({ id, score }))
    .toSorted((one, other) => other.score - one.score || one.id - other.id)
}
