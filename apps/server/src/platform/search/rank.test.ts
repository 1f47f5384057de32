import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  eachPosting, entryBytes, fillRange, openList, packItems, packPostings, placesPerBlock, type Posting,
  rangesOf, unpackItems,
} from './posting-list.ts' // prettier-ignore
import { type Hit, idfOf, rank, type RankedSegment, saturation } from './rank.ts'
import { buildSegment, type SearchItem } from './segment.ts'
import { questionTerms, termsOf } from './text-terms.ts'

/** A segment of whose lists no more was read than the directories, and what reads the rest. */
async function asRanked(id: number, added: readonly SearchItem[]) {
  const { items, terms, itemCount, wordCount } = await buildSegment(added)
  const packed = new Map(terms.map(({ term, postings }) => [term, postings]))
  const lists = terms.map(({ term, df, postings }) => {
    const directory = postings.subarray(0, Math.ceil(df / placesPerBlock) * entryBytes)
    return [term, openList(df, postings.length, directory)] as const
  })
  const segment: RankedSegment = {
    id, items: unpackItems(items), itemCount, wordCount, lists: new Map(lists),
  } // prettier-ignore
  return { segment, packed }
}

async function rankAll(parts: readonly (readonly SearchItem[])[], question: string) {
  const ranked = await Promise.all(
    parts.filter(({ length }) => length > 0).map((items, id) => asRanked(id, items)),
  )
  let blocksRead = 0
  const hits = await rank(
    ranked.map(({ segment }) => segment),
    questionTerms(question),
    {
      limit: 10,
      read: async (unread) => {
        for (const { segmentId, term, list, blocks } of unread) {
          blocksRead += blocks.length
          const bytes = ranked[segmentId]?.packed.get(term)
          for (const { from, to } of rangesOf(list, blocks))
            fillRange(list, from, bytes?.subarray(from, to) ?? new Uint8Array())
        }
      },
    },
  )
  return { hits, blocksRead }
}

/** BM25 by the book, over the texts themselves. */
function byForce(items: readonly SearchItem[], question: string, limit: number) {
  const read = items.map((item) => ({ id: item.id, ...termsOf(item) }))
  const average = read.reduce((sum, { length }) => sum + length, 0) / read.length
  const asked = questionTerms(question).map((one) => ({
    ...one,
    df: read.filter(({ counts }) => counts.has(one.term)).length,
  }))
  return read
    .map(({ id, counts, length }) => {
      const score = asked.reduce((sum, { term, weight, df }) => {
        const count = counts.get(term) ?? 0
        return count === 0
          ? sum
          : sum + weight * idfOf(df, read.length) * saturation(count, length, average)
      }, 0)
      return { id, score }
    })
    .filter(({ score }) => score > 0)
    .toSorted((one, other) => other.score - one.score || one.id - other.id)
    .slice(0, limit)
}

const closeTo = (hits: readonly Hit[]) =>
  hits.map(({ id, score }) => ({ id, score: expect.closeTo(score, 9) }))

const vocabulary = [
  'חשבונית', 'החשבוניות', 'תקציב', 'בתקציב', 'ספק', 'לספקים', 'תשלום', 'מע"מ', 'invoice', 'invoices',
  'budget', 'supplier', 'paid', 'paying', 'INV-4711', 'שולם', 'השולחן',
] // prettier-ignore
const text = fc
  .array(fc.constantFrom(...vocabulary), { maxLength: 12 })
  .map((words) => words.join(' '))

describe('ranking', () => {
  it('gives the same ten as brute force, however the items lie in segments [DOC-8]', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(text, { maxLength: 12 }), { maxLength: 5 }),
        text,
        async (parts, question) => {
          let id = 0
          const segments = parts.map((texts) => texts.map((one) => ({ id: (id += 3), text: one })))
          const { hits } = await rankAll(segments, question)
          expect(hits).toEqual(closeTo(byForce(segments.flat(), question, 10)))
        },
      ),
    )
  })

  it('reads of common words only the blocks that may matter, and gives the same ten [DOC-8]', async () => {
    const numbers = Array.from({ length: 6_000 }, (_, index) => (index * 7_919) % 1_009)
    const items = numbers.map((number, index) => ({
      id: index + 1,
      text: `the ${'plan '.repeat(1 + (number % 4))}${number < 4 ? `rare${number % 2} ` : ''}${'x '.repeat(number % 90)}`,
    }))
    const parts = [items.slice(0, 4_000), items.slice(4_000)]
    const question = 'plan rare0 rare1'
    const { hits, blocksRead } = await rankAll(parts, question)
    expect(hits).toEqual(closeTo(byForce(items, question, 10)))
    expect(blocksRead).toBeLessThan(40)
  })
})

describe('packed lists', () => {
  it('come back as they were', () => {
    const postings = fc
      .uniqueArray(
        fc.record({ ordinal: fc.nat(5_000_000), count: fc.integer({ min: 1, max: 255 }) }),
        {
          selector: ({ ordinal }) => ordinal,
        },
      )
      .map((list) => list.toSorted((one, other) => one.ordinal - other.ordinal))
    fc.assert(
      fc.property(postings, (list) => {
        const read: Posting[] = []
        const packed = { df: list.length, bytes: packPostings(list, new Uint16Array()) }
        eachPosting(packed, (ordinal, count) => read.push({ ordinal, count }))
        expect(read).toEqual(list)
      }),
    )
    const ids = Float64Array.of(1, 2 ** 53 - 1, 7)
    const lengths = Uint16Array.of(0, 65_535, 300)
    expect(unpackItems(packItems({ ids, lengths }))).toEqual({ ids, lengths })
  })
})
