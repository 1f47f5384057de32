import { LRUCache } from 'lru-cache'
import type { Db } from '../db/database.ts'
import { mergeSegments } from './merge.ts'
import { nearTerms } from './near-terms.ts'
import { type SegmentItems, unpackItems } from './posting-list.ts'
import { type Hit, rank, type RankedSegment } from './rank.ts'
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
  /** Where given, nothing else is found. */
  readonly only?: ReadonlySet<number>
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
   * Writes a segment again that holds items which no longer exist: nothing of them stays. One step; call
   * again while it says true.
   */
  forget(db: Db, findAlive: FindAlive): Promise<boolean>
}

/** Which of these items still exist. */
export type FindAlive = (db: Db, ids: readonly number[]) => Promise<ReadonlySet<number>>

/** Segments of one level become one of the next: each item is written again once per level. */
const mergedAtOnce = 8
const candidatesMax = 4_000
/** What a word counts that was meant instead of the one that nobody has written. */
const nearWeight = 0.7

export function createSearchIndex({ cacheBytes = 64 * 1024 * 1024 } = {}): SearchIndex {
  // A segment never changes, so what was read of it stays right.
  const cache = new LRUCache<number, SegmentItems>({
    maxSize: cacheBytes,
    sizeCalculation: ({ ids }) => Math.max(1, ids.length * 10),
  })

  async function read(db: Db, { scopeIds }: Search, terms: readonly string[]) {
    // Held here as well: the cache may let go of it while the query runs.
    const known = new Map(cache.entries())
    const found = await store.findTerms(db, { scopeIds, terms, known: [...known.keys()] })
    return found.map((row): RankedSegment => {
      const items = known.get(row.id) ?? unpackItems(row.items ?? Buffer.alloc(0))
      cache.set(row.id, items)
      const lists = row.terms.map((term, index) => {
        const [df = 0, postings = Buffer.alloc(0)] = [row.dfs[index], row.postings[index]]
        return [term, { df, postings }] as const
      })
      const { item_count: itemCount, word_count: wordCount } = row
      return { items, itemCount, wordCount, terms: new Map(lists) }
    })
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

  return {
    async add(db, scopeId, items) {
      if (items.length === 0) return
      const { terms, ...segment } = await buildSegment(items)
      const id = await store.insertSegment(db, { ...segment, scopeId, level: 0 })
      await store.insertTerms(db, id, terms)
    },

    async search(db, search) {
      const asked = questionTerms(search.question)
      if (asked.length === 0) return []
      const termsOf = (question: readonly QuestionTerm[]) => question.map(({ term }) => term)
      const segments = await read(db, search, termsOf(asked))
      const knows = (term: string) => segments.some(({ terms }) => terms.has(term))
      const unknown = asked.filter(({ term }) => term.startsWith('~') && !knows(term))
      const meant = segments.length === 0 ? [] : await corrections(db, search, unknown)
      if (meant.length === 0) return rank(segments, asked, search)
      const question = [...asked, ...meant]
      return rank(await read(db, search, termsOf(question)), question, search)
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

    async forget(db, findAlive) {
      const worn = await store.holdWornSegment(db)
      if (worn === undefined) return false
      const { scopeId, level } = worn
      const ids = idsOf(worn)
      const alive = await findAlive(db, ids)
      if (alive.size < ids.length)
        await mergeSegments(db, { scopeId, level, segments: [worn], alive })
      else await store.markWhole(db, worn.id)
      return true
    },
  }
}

const idsOf = ({ items }: store.StoredSegment) => [...unpackItems(items).ids]
