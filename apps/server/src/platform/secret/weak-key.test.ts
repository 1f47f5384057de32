import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { weaknessOf } from './weak-key.ts'

describe('a key that nobody draws by chance [SEC-10]', () => {
  const counting = Buffer.from(Array.from({ length: 32 }, (_, at) => at))
  it.each([
    ['all zeros', Buffer.alloc(32), 'it is all zeros'],
    ['one byte', Buffer.alloc(32, 0xab), 'it repeats itself'],
    ['a repeated word', Buffer.alloc(32, 'deadbeef', 'hex'), 'it repeats itself'],
    ['a series', counting, 'it counts'],
    ['a series backwards', Buffer.from(counting).reverse(), 'it counts'],
    ['a sentence', Buffer.from('change me before you go to work!'), 'it is readable text'],
    ['half of it zeros', Buffer.concat([Buffer.alloc(20), randomBytes(12)]), 'too few different'],
  ])('is found out: %s', (_, key, because) => {
    expect(weaknessOf(key)?.en).toContain(because)
    expect(weaknessOf(key)?.he).toMatch(/[א-ת]/)
  })

  it('is none of those that are drawn', () => {
    for (let round = 0; round < 2_000; round += 1)
      expect(weaknessOf(randomBytes(32))).toBeUndefined()
  })
})
