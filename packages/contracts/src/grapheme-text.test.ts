import { expect, it } from 'vitest'
import { graphemeText } from './grapheme-text.ts'

it.each([
  { what: 'letters', text: 'א'.repeat(10), fits: true },
  { what: 'one letter more', text: 'א'.repeat(11), fits: false },
  { what: 'families', text: '👨‍👩‍👧‍👦'.repeat(10), fits: true },
  { what: 'vowel points', text: 'שָׁ'.repeat(10), fits: true },
  { what: 'one letter under endless marks', text: `a${'\u0301'.repeat(10_000)}`, fits: false },
])(
  'takes ten characters as people count them, and no more bytes than those need: $what [D-27]',
  ({ text, fits }) => {
    expect(graphemeText(10).safeParse(text).success).toBe(fits)
  },
)
