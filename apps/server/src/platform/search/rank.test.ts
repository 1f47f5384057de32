import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { eachPosting, packItems, packPostings, type Posting, unpackItems } from './posting-list.ts'
import { idfOf, rank, type RankedSegment, saturation } from './rank.ts'
import { buildSegment, type SearchItem } from './segment.ts'
import { questionTerms, termsOf } from './text-terms.ts'

async function asRanked(items: readonly SearchItem[]): Promise<RankedSegment> {
  const { items: packed, terms, itemCount, wordCount } = await buildSegment(items)
  const lists = terms.map(({ term, ...list }) => [term, list] as const)
  return { items: unpackItems(packed), itemCount, wordCount, terms: new Map(lists) }
}

/** BM25 by the book, over the texts themselves. */
function byForce(items: readonly SearchItem[], question: string, limit: number) {
  const read = items.map((item) => ({ id: item.id, ...termsOf(item) }))
  const average = read.reduce((sum, { length }) => sum + length, 0) / read.length
  const asked = questionTerms(question)
  return read
    .map(({ id, counts, length }) => {
      const score = asked.reduce((sum, { term, weight }) => {
        const df = read.filter((one) => one.counts.has(term)).length
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
          const ranked = await Promise.all(
            segments.filter(({ length }) => length > 0).map(asRanked),
          )
          const found = rank(ranked, questionTerms(question), { limit: 10 })
          const expected = byForce(segments.flat(), question, 10)
          expect(found.map((hit) => hit.id)).toEqual(expected.map((hit) => hit.id))
          found.forEach((hit, index) =>
            expect(hit.score).toBeCloseTo(expected[index]?.score ?? 0, 9),
          )
        },
      ),
    )
  })

  it('finds nothing but what it may', async () => {
    const segment = await asRanked([
      { id: 1, text: 'budget budget' },
      { id: 2, text: 'the budget of the summer' },
    ])
    const asked = questionTerms('budget')
    expect(rank([segment], asked, { limit: 10, only: new Set([2]) })).toMatchObject([{ id: 2 }])
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
        eachPosting(packPostings(list), (ordinal, count) => read.push({ ordinal, count }))
        expect(read).toEqual(list)
      }),
    )
    const ids = Float64Array.of(1, 2 ** 53 - 1, 7)
    const lengths = Uint16Array.of(0, 65_535, 300)
    expect(unpackItems(packItems({ ids, lengths }))).toEqual({ ids, lengths })
  })
})
