import { setImmediate } from 'node:timers/promises'
import { packItems, packPostings, type Posting } from './posting-list.ts'
import { termsOf } from './text-terms.ts'

export type SearchItem = {
  /** Of a chunk; an integer of at most 2^53. */
  readonly id: number
  readonly text: string
  /** Of what it is a part of: title, file, headings. Also found by parts of its words. */
  readonly name?: string
}

export type Term = { readonly term: string; readonly df: number; readonly postings: Buffer }

/** A part of the index that never changes: lists of places by term, and the items that they number. */
export type Segment = {
  readonly items: Buffer
  readonly itemCount: number
  readonly wordCount: number
  /** By term. */
  readonly terms: readonly Term[]
}

/** What is done between two looks at what else waits, so that a long document holds nobody up. */
const itemsAtOnce = 8
const termsAtOnce = 500

export async function buildSegment(items: readonly SearchItem[]): Promise<Segment> {
  const lists = new Map<string, Posting[]>()
  const ids = new Float64Array(items.length)
  const lengths = new Uint16Array(items.length)
  let wordCount = 0
  for (const [ordinal, item] of items.entries()) {
    if (ordinal % itemsAtOnce === 0) await setImmediate()
    const { counts, length } = termsOf(item)
    ids[ordinal] = item.id
    lengths[ordinal] = Math.min(65_535, length)
    wordCount += lengths[ordinal]
    for (const [term, count] of counts) {
      const list = lists.get(term)
      if (list === undefined) lists.set(term, [{ ordinal, count }])
      else list.push({ ordinal, count })
    }
  }
  const terms: Term[] = []
  for (const [term, list] of lists) {
    if (terms.length % termsAtOnce === 0) await setImmediate()
    terms.push({ term, df: list.length, postings: packPostings(list, lengths) })
  }
  return { items: packItems({ ids, lengths }), itemCount: items.length, wordCount, terms }
}
