import type { SegmentItems } from './posting-list.ts'

/** Segments never change, so what was read of them stays right. The least recently used go first. */
export function createSegmentCache(bytesMax: number) {
  const kept = new Map<number, SegmentItems>()
  let bytes = 0
  const sizeOf = ({ ids }: SegmentItems) => ids.length * 10

  return {
    /** What is there now: it stays readable while the cache moves on. */
    all: (): ReadonlyMap<number, SegmentItems> => new Map(kept),
    keep(id: number, items: SegmentItems): void {
      if (!kept.delete(id)) bytes += sizeOf(items)
      kept.set(id, items)
      for (const [oldest, old] of kept) {
        if (bytes <= bytesMax || oldest === id) break
        kept.delete(oldest)
        bytes -= sizeOf(old)
      }
    },
  }
}
