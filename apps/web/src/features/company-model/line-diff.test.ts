import fc from 'fast-check'
import { expect, it } from 'vitest'
import { diffLines } from './line-diff.ts'

const text = fc.array(fc.constantFrom('a', 'b', 'c', '')).map((lines) => lines.join('\n'))
const kept = (lines: ReturnType<typeof diffLines>, without: 'added' | 'removed') =>
  lines
    .filter(({ kind }) => kind !== without)
    .map((line) => line.text)
    .join('\n')

it('holds both texts, whatever they are', () => {
  fc.assert(
    fc.property(text, text, (before, after) => {
      const lines = diffLines(before, after)
      expect(kept(lines, 'added')).toBe(before)
      expect(kept(lines, 'removed')).toBe(after)
      expect(diffLines(before, before).every(({ kind }) => kind === 'same')).toBe(true)
    }),
  )
})

it('shows no more than what differs', () => {
  expect(diffLines('a\nb\nc', 'a\nx\nc').map(({ kind }) => kind)).toEqual([
    'same',
    'removed',
    'added',
    'same',
  ])
})
