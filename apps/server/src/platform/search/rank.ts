import {
  blockCountOf,
  createCursor,
  eachPosting,
  highestCountOf,
  isRead,
  type PostingList,
  type SegmentItems,
  shortestOf,
} from './posting-list.ts'
import type { QuestionTerm } from './text-terms.ts'

/** How soon more of the same word stops counting, and how much the length of an item counts. */
const k1 = 1.2
const b = 0.75

export type RankedSegment = {
  readonly id: number
  readonly items: SegmentItems
  readonly itemCount: number
  readonly wordCount: number
  /** Of the terms of the question that this segment knows. */
  readonly lists: ReadonlyMap<string, PostingList>
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

/** Blocks of a list of a segment that have not been read. */
export type Unread = {
  readonly segmentId: number
  readonly term: string
  readonly list: PostingList
  /** Rising. */
  readonly blocks: readonly number[]
}

export type Ranking = {
  readonly limit: number
  /** Fills these blocks of the lists. */
  readonly read: (unread: readonly Unread[]) => Promise<void>
}

type WeightedTerm = {
  readonly term: string
  readonly weight: number
  /** No item gets more by this term. */
  readonly most: number
}

/** What each term counts, in the order of the question; those that stand nowhere are left out. */
function weigh(
  segments: readonly RankedSegment[],
  question: readonly QuestionTerm[],
  { itemCount, averageLength }: { itemCount: number; averageLength: number },
): WeightedTerm[] {
  const weights = new Map<string, number>()
  for (const { term, weight } of question) weights.set(term, (weights.get(term) ?? 0) + weight)
  return [...weights].flatMap(([term, asked]) => {
    const lists = segments.flatMap(({ lists: known }) => known.get(term) ?? [])
    const df = lists.reduce((sum, list) => sum + list.df, 0)
    if (df === 0) return []
    const weight = asked * idfOf(df, itemCount)
    let most = 0
    for (const list of lists)
      for (let block = 0; block < blockCountOf(list); block += 1)
        most = Math.max(
          most,
          saturation(highestCountOf(list, block), shortestOf(list, block), averageLength),
        )
    return [{ term, weight, most: weight * most }]
  })
}

/** A segment while it is ranked: what the terms so far have given to each item. */
type PartlyRanked = {
  readonly segment: RankedSegment
  readonly scores: Float64Array
}

/** Adds up what a term gives to each item. All of its lists have been read. */
function addTerm(
  partials: readonly PartlyRanked[],
  { term, weight }: WeightedTerm,
  averageLength: number,
) {
  for (const { segment, scores } of partials) {
    const list = segment.lists.get(term)
    const { lengths } = segment.items
    if (list !== undefined)
      eachPosting(list, (ordinal, count) => {
        const gained = weight * saturation(count, lengths[ordinal] ?? 0, averageLength)
        scores[ordinal] = (scores[ordinal] ?? 0) + gained
      })
  }
}

/** The score that as many as `limit` items have reached; 0 while fewer have any. */
function thresholdOf(partials: readonly PartlyRanked[], limit: number): number {
  // The highest ones, the lowest of them first.
  const highest = new Float64Array(limit)
  const keep = (score: number) => {
    let at = 1
    for (; at < limit && (highest[at] ?? 0) < score; at += 1) highest[at - 1] = highest[at] ?? 0
    highest[at - 1] = score
  }
  for (const { scores } of partials)
    for (let ordinal = 0; ordinal < scores.length; ordinal += 1) {
      const score = scores[ordinal] ?? 0
      if (score > (highest[0] ?? 0)) keep(score)
    }
  return highest[0] ?? 0
}

/** Sums of one order differ from those of another by less than this part of them. */
const rounding = 1e-9

type Remaining = {
  readonly terms: readonly WeightedTerm[]
  readonly threshold: number
  readonly averageLength: number
}

/**
 * Ordinals of the items that may still be among the best, by what the directories say of the terms that
 * were not added yet.
 */
function candidatesOf({ segment, scores }: PartlyRanked, remaining: Remaining): number[] {
  const { terms, averageLength } = remaining
  const threshold = remaining.threshold * (1 - rounding)
  const most = terms.reduce((sum, term) => sum + term.most, 0)
  const open = terms.flatMap(({ term, weight }) => {
    const list = segment.lists.get(term)
    return list === undefined ? [] : [{ list, weight, cursor: createCursor(list) }]
  })
  const candidates: number[] = []
  for (let ordinal = 0; ordinal < scores.length; ordinal += 1) {
    const score = scores[ordinal] ?? 0
    if (score === 0 || score + most < threshold) continue
    const length = segment.items.lengths[ordinal] ?? 0
    let reachable = score
    for (const { list, weight, cursor } of open) {
      const block = cursor.blockAt(ordinal)
      if (block !== undefined)
        reachable += weight * saturation(highestCountOf(list, block), length, averageLength)
    }
    if (reachable >= threshold) candidates.push(ordinal)
  }
  return candidates
}

/** Blocks that have to be read to look these items up. */
function unreadOf(
  { segment }: PartlyRanked,
  terms: readonly WeightedTerm[],
  ordinals: readonly number[],
): Unread[] {
  return terms.flatMap(({ term }) => {
    const list = segment.lists.get(term)
    if (list?.read === undefined) return []
    const cursor = createCursor(list)
    const blocks = new Set<number>()
    for (const ordinal of ordinals) {
      const block = cursor.blockAt(ordinal)
      if (block !== undefined && !isRead(list, block)) blocks.add(block)
    }
    return blocks.size === 0 ? [] : [{ segmentId: segment.id, term, list, blocks: [...blocks] }]
  })
}

function allUnreadOf({ segment }: PartlyRanked, { term }: WeightedTerm): Unread[] {
  const list = segment.lists.get(term)
  if (list?.read === undefined) return []
  const blocks = Array.from(list.read.keys()).filter((block) => !isRead(list, block))
  return blocks.length === 0 ? [] : [{ segmentId: segment.id, term, list, blocks }]
}

type Step = { readonly averageLength: number } & Pick<Ranking, 'limit' | 'read'>

/** Adds the terms that can give much, until an item that has none of them cannot be among the best. */
async function addTelling(
  partials: readonly PartlyRanked[],
  asked: readonly WeightedTerm[],
  { averageLength, limit, read }: Step,
): Promise<Remaining> {
  const terms = asked.toSorted((one, other) => other.most - one.most)
  let [threshold, given] = [0, 0]
  let left = terms.reduce((sum, { most }) => sum + most, 0)
  while (threshold * (1 - rounding) <= left) {
    const term = terms.shift()
    if (term === undefined) break
    const unread = partials.flatMap((partial) => allUnreadOf(partial, term))
    if (unread.length > 0) await read(unread)
    addTerm(partials, term, averageLength)
    given += term.most
    left -= term.most
    if (given > left) threshold = thresholdOf(partials, limit)
  }
  return { terms, threshold, averageLength }
}

/** Scores of these items, added up in the order of the question, so that equals stay equal. */
function* score(
  { lists, items }: RankedSegment,
  ordinals: readonly number[],
  { asked, averageLength }: { asked: readonly WeightedTerm[]; averageLength: number },
): Generator<Hit> {
  const cursors = asked.flatMap(({ term, weight }) => {
    const list = lists.get(term)
    return list === undefined ? [] : [{ weight, cursor: createCursor(list) }]
  })
  for (const ordinal of ordinals) {
    const length = items.lengths[ordinal] ?? 0
    let sum = 0
    for (const { weight, cursor } of cursors)
      sum += weight * saturation(cursor.countAt(ordinal), length, averageLength)
    yield { id: items.ids[ordinal] ?? 0, score: sum }
  }
}

/**
 * BM25 over all segments as if they were one: their numbers of items, words and places are added up first.
 *
 * Terms that can give much are added for every item in which they stand, until what is left of the terms
 * cannot lift an item among the best that none of the former have found (MaxScore). The rest, the
 * common words, are only looked up for the items that may be among the best, in the blocks where these are.
 */
export async function rank(
  segments: readonly RankedSegment[],
  question: readonly QuestionTerm[],
  { limit, read }: Ranking,
): Promise<Hit[]> {
  const total = (of: (segment: RankedSegment) => number) =>
    segments.reduce((sum, segment) => sum + of(segment), 0)
  const itemCount = total((segment) => segment.itemCount)
  const averageLength = total((segment) => segment.wordCount) / itemCount
  const asked = weigh(segments, question, { itemCount, averageLength })
  const partials = segments.map((segment) => ({
    segment,
    scores: new Float64Array(segment.itemCount),
  }))
  const remaining = await addTelling(partials, asked, { averageLength, limit, read })
  const hopeful = partials.map((partial) => ({
    partial,
    ordinals: candidatesOf(partial, remaining),
  }))
  const unread = hopeful.flatMap(({ partial, ordinals }) =>
    unreadOf(partial, remaining.terms, ordinals),
  )
  if (unread.length > 0) await read(unread)
  const best = createBest(limit)
  for (const { partial, ordinals } of hopeful)
    for (const hit of score(partial.segment, ordinals, { asked, averageLength })) best.offer(hit)
  return best.hits
}
