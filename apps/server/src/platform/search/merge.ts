import { setImmediate } from 'node:timers/promises'
import type { Db } from '../db/database.ts'
import { eachPosting, packItems, packPostings, type Posting, unpackItems } from './posting-list.ts'
import * as store from './search-index.store.ts'
import type { Term } from './segment.ts'

/** What is merged between two looks at what else waits. */
const placesAtOnce = 20_000

type Places = {
  /** Ordinal in the merged segment by ordinal in the old one; -1 where the item is gone. */
  readonly ordinals: Int32Array
}

/** Numbers the items that stay, in the order of their segments. */
function placesOf(segments: readonly store.StoredSegment[], alive: ReadonlySet<number>) {
  const ids: number[] = []
  const lengths: number[] = []
  const places = new Map<number, Places>()
  for (const segment of segments) {
    const items = unpackItems(segment.items)
    const ordinals = new Int32Array(items.ids.length).fill(-1)
    items.ids.forEach((id, index) => {
      if (!alive.has(id)) return
      ordinals[index] = ids.length
      ids.push(id)
      lengths.push(items.lengths[index] ?? 0)
    })
    places.set(segment.id, { ordinals })
  }
  return { places, ids: Float64Array.from(ids), lengths: Uint16Array.from(lengths) }
}

function mergeTerm(
  { term, segment_ids, dfs, postings }: store.MergedTerm,
  places: ReadonlyMap<number, Places>,
  lengths: Uint16Array,
): Term {
  const merged: Posting[] = []
  segment_ids.forEach((segmentId, index) => {
    const ordinals = places.get(segmentId)?.ordinals
    const list = { df: dfs[index] ?? 0, bytes: postings[index] ?? new Uint8Array() }
    eachPosting(list, (old, count) => {
      const ordinal = ordinals?.[old] ?? -1
      if (ordinal >= 0) merged.push({ ordinal, count })
    })
  })
  return { term, df: merged.length, postings: packPostings(merged, lengths) }
}

async function mergeTerms(
  found: readonly store.MergedTerm[],
  merge: (one: store.MergedTerm) => Term,
): Promise<Term[]> {
  const terms: Term[] = []
  let places = 0
  for (const one of found) {
    const term = merge(one)
    if (term.df > 0) terms.push(term)
    places += term.df
    if (places > placesAtOnce) await setImmediate()
    places %= placesAtOnce
  }
  return terms
}

/**
 * Puts segments into one and leaves out items that are gone. In the transaction that holds them.
 *
 * @param alive ids of the items that still exist
 */
export async function mergeSegments(
  db: Db,
  {
    scopeId,
    level,
    segments,
    alive,
  }: {
    scopeId: string
    level: number
    segments: readonly store.StoredSegment[]
    alive: ReadonlySet<number>
  },
): Promise<void> {
  const { places, ids, lengths } = placesOf(segments, alive)
  const segmentIds = segments.map(({ id }) => id)
  if (ids.length > 0) {
    const items = packItems({ ids, lengths })
    const wordCount = lengths.reduce((sum, length) => sum + length, 0)
    const merged = { scopeId, level, items, itemCount: ids.length, wordCount }
    const mergedId = await store.insertSegment(db, merged)
    let after = ''
    for (;;) {
      const found = await store.nextTerms(db, { segmentIds, after })
      const last = found.at(-1)
      if (last === undefined) break
      const terms = await mergeTerms(found, (one) => mergeTerm(one, places, lengths))
      await store.insertTerms(db, mergedId, terms)
      after = last.term
    }
  }
  await store.deleteSegments(db, segmentIds)
}
