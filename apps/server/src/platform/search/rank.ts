import { eachPosting, type SegmentItems } from './posting-list.ts'
import type { QuestionTerm } from './text-terms.ts'

/** How soon more of the same word stops counting, and how much the length of an item counts. */
const k1 = 1.2
const b = 0.75

export type RankedSegment = {
  readonly items: SegmentItems
  readonly itemCount: number
  readonly wordCount: number
  /** The lists of the terms of the question that this segment knows. */
  readonly terms: ReadonlyMap<string, { readonly df: number; readonly postings: Uint8Array }>
}

export type Hit = { readonly id: number; readonly score: number }

/** The weight of a rare term is high; never below 0 (Lucene's form of the BM25 idf). */
export function idfOf(df: number, itemCount: number): number {
  return Math.log(1 + (itemCount - df + 0.5) / (df + 0.5))
}

/** The most that a term with weight 1 and idf 1 adds to an item of `length` words in which it stands `count` times. */
export function saturation(count: number, length: number, averageLength: number): number {
  return (count * (k1 + 1)) / (count + k1 * (1 - b + (b * length) / averageLength))
}

/** Better first; of equals the older. */
export const byRank = (one: Hit, other: Hit): number => other.score - one.score || one.id - other.id

/** The best `limit` of what was seen, kept in order. */
function createBest(limit: number) {
  const hits: Hit[] = []
  return {
    hits,
    offer(hit: Hit) {
      const last = hits.at(-1)
      if (hits.length === limit && last !== undefined && byRank(last, hit) < 0) return
      let at = hits.length
      while (at > 0 && byRank(hit, hits[at - 1] ?? hit) < 0) at -= 1
      hits.splice(at, 0, hit)
      if (hits.length > limit) hits.pop()
    },
  }
}

type Weighing = { readonly weights: ReadonlyMap<string, number>; readonly averageLength: number }

/** Adds up what each term gives to each item of a segment. */
function scoresOf(
  { items, itemCount, terms }: RankedSegment,
  { weights, averageLength }: Weighing,
) {
  const scores = new Float64Array(itemCount)
  const touched: number[] = []
  for (const [term, weight] of weights) {
    const known = terms.get(term)
    if (known === undefined) continue
    eachPosting(known.postings, (ordinal, count) => {
      if (scores[ordinal] === 0) touched.push(ordinal)
      const length = items.lengths[ordinal] ?? 0
      scores[ordinal] = (scores[ordinal] ?? 0) + weight * saturation(count, length, averageLength)
    })
  }
  return { scores, touched }
}

export type Ranking = {
  readonly limit: number
  /** Where given, no other item is a hit. */
  readonly only?: ReadonlySet<number>
}

/** BM25 over all segments as if they were one: their numbers of items, words and places are added up first. */
export function rank(
  segments: readonly RankedSegment[],
  question: readonly QuestionTerm[],
  { limit, only }: Ranking,
): Hit[] {
  const total = (of: (segment: RankedSegment) => number) =>
    segments.reduce((sum, segment) => sum + of(segment), 0)
  const itemCount = total((segment) => segment.itemCount)
  const averageLength = total((segment) => segment.wordCount) / itemCount
  const weights = new Map<string, number>()
  for (const { term, weight } of question) {
    const df = total(({ terms }) => terms.get(term)?.df ?? 0)
    if (df > 0) weights.set(term, (weights.get(term) ?? 0) + weight * idfOf(df, itemCount))
  }
  const best = createBest(limit)
  for (const segment of segments) {
    const { scores, touched } = scoresOf(segment, { weights, averageLength })
    for (const ordinal of touched) {
      const id = segment.items.ids[ordinal] ?? 0
      if (only === undefined || only.has(id)) best.offer({ id, score: scores[ordinal] ?? 0 })
    }
  }
  return best.hits
}
