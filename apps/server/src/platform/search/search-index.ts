import { LRUCache } from 'lru-cache'
import type { Db } from '../db/database.ts'
import { mergeSegments } from './merge.ts'
import { nearTerms } from './near-terms.ts'
import {
  fillRange,
  noPlaces,
  openList,
  type PostingList,
  rangesOf,
  type SegmentItems,
  unpackItems,
} from './posting-list.ts'
import { type Hit, rank, type RankedSegment, type Unread } from './rank.ts'
import * as store from './search-index.store.ts'
import { buildSegment, type SearchItem } from './segment.ts'
import { partTerms, type QuestionTerm, questionTerms } from './text-terms.ts'

export type { Hit } from './rank.ts'
export type { SearchItem } from './segment.ts'

export type Search = {
  /** Projects; those of others are invisible to `db` whatever is asked. */
  readonly scopeIds: readonly string[]
  readonly question: string
  readonly limit: number
}

export type SearchIndex = {
  /** Adds items, at a cost that does not depend on what is there. In the transaction that writes them. */
  add(db: Db, scopeId: string, items: readonly SearchItem[]): Promise<void>
  /**
   * The best items by BM25, best first, over everything in the scopes. An item that was deleted is
   * found until `forget`: the caller reads the items anyway, and asks for more where some are gone.
   */
  search(db: Db, search: Search): Promise<Hit[]>
  /** Merges segments of like size, so that there are never many. One step; call again while it says true. */
  merge(db: Db, scopeId: string, findAlive: FindAlive): Promise<boolean>
  /**
   * Writes a segment again that holds items which no longer exist, so that nothing of them stays, or that
   * was made by older rules. One step; call again while it names a scope: that of the segment.
   */
  renew(db: Db, source: ItemSource): Promise<string | undefined>
}

/** Which of these items still exist. */
export type FindAlive = (db: Db, ids: readonly number[]) => Promise<ReadonlySet<number>>

export type ItemSource = {
  readonly findAlive: FindAlive
  /** Those of these items that still exist, as they were added. */
  readonly readItems: (db: Db, ids: readonly number[]) => Promise<readonly SearchItem[]>
}

/** Segments of one level become one of the next: each item is written again once per level. */
const mergedAtOnce = 8
const candidatesMax = 4_000
/** What a word counts that was meant instead of the one that nobody has written. */
const nearWeight = 0.7

/** What is read of a list before it is known what is needed of it. */
const beginningBytes = 4_096
/** What a list costs in memory beside its bytes. */
const entryBytes = 200
/** As many items are read again at once, by other rules. */
const renewedAtOnce = 500

/** So often a merge may come between the steps of a search. */
const readsMax = 5

/** A segment was merged away between two statements: what it held is in another one by now. */
class SegmentGoneError extends Error {}

/** @param cacheBytes for what was read: half of it for items, half for lists */
export function createSearchIndex({ cacheBytes = 64 * 1024 * 1024 } = {}): SearchIndex {
  // A segment never changes, so what was read of it stays right. Who may read it, each search asks anew.
  const itemsCache = new LRUCache<number, SegmentItems>({
    maxSize: cacheBytes / 2,
    sizeCalculation: ({ ids }) => Math.max(1, ids.length * 10),
  })
  const listsCache = new LRUCache<string, PostingList>({
    maxSize: cacheBytes / 2,
    sizeCalculation: ({ bytes }) => entryBytes + bytes.length,
  })

  type Segment = Omit<RankedSegment, 'lists'> & { readonly lists: Map<string, PostingList> }

  async function readSegments(db: Db, { scopeIds }: Search): Promise<Segment[]> {
    // Held here as well: the cache may let go of it while the query runs.
    const known = new Map(itemsCache.entries())
    const found = await store.listSegments(db, { scopeIds, known: [...known.keys()] })
    return found.map((row) => {
      const items = known.get(row.id) ?? unpackItems(row.items ?? Buffer.alloc(0))
      itemsCache.set(row.id, items)
      const { id, item_count: itemCount, word_count: wordCount } = row
      return { id, items, itemCount, wordCount, lists: new Map() }
    })
  }

  /** @throws SegmentGoneError */
  async function readLists(db: Db, segments: readonly Segment[], terms: readonly string[]) {
    const wanted: store.WantedList[] = []
    const lists = new Map(segments.map((segment) => [segment.id, segment.lists]))
    const take = (segmentId: number, term: string, list: PostingList) => {
      if (list.df > 0) lists.get(segmentId)?.set(term, list)
    }
    for (const { id: segmentId } of segments)
      for (const term of terms) {
        const list = listsCache.get(`${segmentId} ${term}`)
        if (list === undefined) wanted.push({ segmentId, term })
        else take(segmentId, term, list)
      }
    if (wanted.length === 0) return
    const found = await store.readLists(db, wanted, beginningBytes)
    if (found.length < wanted.length) throw new SegmentGoneError()
    for (const { segment_id: segmentId, term, df, size, beginning } of found) {
      const isKnown = df !== null && size !== null && beginning !== null
      const list = isKnown ? openList(df, size, beginning) : noPlaces
      listsCache.set(`${segmentId} ${term}`, list)
      take(segmentId, term, list)
    }
  }

  /** @throws SegmentGoneError */
  async function readBlocks(db: Db, unread: readonly Unread[]): Promise<void> {
    const wanted = unread.flatMap(({ list, blocks, ...named }) =>
      rangesOf(list, blocks).map((range) => ({ ...named, ...range, list })),
    )
    const found = await store.readRanges(db, wanted)
    if (found.length < wanted.length) throw new SegmentGoneError()
    wanted.forEach(({ list, from }, index) => {
      fillRange(list, from, found[index] ?? Buffer.alloc(0))
    })
  }

  async function answer(db: Db, search: Search): Promise<Hit[]> {
    const asked = questionTerms(search.question)
    if (asked.length === 0) return []
    const segments = await readSegments(db, search)
    if (segments.length === 0) return []
    const namesOf = (question: readonly QuestionTerm[]) => question.map(({ term }) => term)
    await readLists(db, segments, namesOf(asked))
    const knows = (term: string) => segments.some(({ lists }) => lists.has(term))
    const unknown = asked.filter(({ term }) => term.startsWith('~') && !knows(term))
    const meant = await corrections(db, search, unknown)
    await readLists(db, segments, namesOf(meant))
    const read = (unread: readonly Unread[]) => readBlocks(db, unread)
    return rank(segments, [...asked, ...meant], { ...search, read })
  }

  /** Terms to look for in place of words that the index does not know. */
  async function corrections(db: Db, search: Search, unknown: readonly QuestionTerm[]) {
    const near = unknown.map(async ({ term, weight, token }): Promise<QuestionTerm[]> => {
      // What is wrong in the first letters is not found: most slips are further on.
      const start = term.slice(0, 2)
      const candidates = await store.listTermsFrom(db, { ...search, start, limit: candidatesMax })
      const meant = nearTerms(term, candidates).map((one) => ({
        term: one.term,
        weight: weight * nearWeight ** one.distance,
        token,
      }))
      return [...meant, ...partTerms(token)]
    })
    return (await Promise.all(near)).flat()
  }

  async function add(db: Db, scopeId: string, items: readonly SearchItem[]): Promise<void> {
    if (items.length === 0) return
    const { terms, ...segment } = await buildSegment(items)
    const id = await store.insertSegment(db, { ...segment, scopeId, level: 0 })
    await store.insertTerms(db, id, terms)
  }

  return {
    add,

    async search(db, search) {
      for (let reads = 1; ; reads += 1)
        try {
          return await answer(db, search)
        } catch (error) {
          if (!(error instanceof SegmentGoneError) || reads === readsMax) throw error
        }
    },

    async merge(db, scopeId, findAlive) {
      const held = await store.holdSegments(db, scopeId)
      const levels = [...new Set(held.map(({ level }) => level))]
      const group = levels
        .map((level) => held.filter((segment) => segment.level === level))
        .find(({ length }) => length >= mergedAtOnce)
      if (group === undefined) return false
      const segments = await store.readItems(db, group)
      const alive = await findAlive(db, segments.flatMap(idsOf))
      await mergeSegments(db, { scopeId, level: (group[0]?.level ?? 0) + 1, segments, alive })
      return true
    },

    async renew(db, { findAlive, readItems }) {
      const worn = await store.holdWornSegment(db)
      if (worn === undefined) return undefined
      const { scopeId, level } = worn
      const ids = idsOf(worn)
      if (worn.isOld) {
        for (let from = 0; from < ids.length; from += renewedAtOnce)
          await add(db, scopeId, await readItems(db, ids.slice(from, from + renewedAtOnce)))
        await store.deleteSegments(db, [worn.id])
        return scopeId
      }
      const alive = await findAlive(db, ids)
      if (alive.size < ids.length)
        await mergeSegments(db, { scopeId, level, segments: [worn], alive })
      else await store.markWhole(db, worn.id)
      return scopeId
    },
  }
}

const idsOf = ({ items }: store.StoredSegment) => [...unpackItems(items).ids]
