import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { diffWords } from './word-diff.ts'

const word = fc.constantFrom('שלום', 'עולם', 'login', 'API', ' ', ' ', '\n', '.', '👩‍🚀', 'v2.1')
const text = fc.array(word, { maxLength: 30 }).map((words) => words.join(''))
const without = (kind: 'added' | 'removed', parts: ReturnType<typeof diffWords>) =>
  parts
    .filter((part) => part.kind !== kind)
    .map((part) => part.text)
    .join('')

describe('the difference of two texts', () => {
  it('gives both texts back, and never two neighbours of one kind', () => {
    fc.assert(
      fc.property(text, text, (before, after) => {
        const parts = diffWords(before, after)
        expect(without('added', parts)).toBe(before)
        expect(without('removed', parts)).toBe(after)
        parts.slice(1).forEach((part, index) => expect(part.kind).not.toBe(parts[index]?.kind))
      }),
    )
  })

  it('finds nothing in two equal texts', () => {
    fc.assert(
      fc.property(text, (each) => {
        expect(diffWords(each, each).every((part) => part.kind === 'same')).toBe(true)
      }),
    )
  })

  it('marks Hebrew words, not letters', () => {
    expect(diffWords('כניסה עם סיסמה בלבד', 'כניסה עם סיסמה וקוד')).toEqual([
      { kind: 'same', text: 'כניסה עם סיסמה ' },
      { kind: 'removed', text: 'בלבד' },
      { kind: 'added', text: 'וקוד' },
    ])
  })

  it('takes neighbouring changed words together', () => {
    expect(diffWords('a red car', 'a blue bus')).toEqual([
      { kind: 'same', text: 'a ' },
      { kind: 'removed', text: 'red car' },
      { kind: 'added', text: 'blue bus' },
    ])
  })

  it('does not count for ever on two long texts', () => {
    const long = (mark: string) => Array.from({ length: 3_000 }, (_, n) => `${mark}${n}`).join(' ')
    const parts = diffWords(long('a'), long('b'))
    expect(parts.map(({ kind }) => kind)).toEqual(['removed', 'added'])
  })
})
