import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { atlassianTokenShape, confluenceTokenRule, isConfluenceToken } from './atlassian-tokens.ts'

/** Base64 of `104512880001:` and 20 bytes. */
const real = 'MTA0NTEyODgwMDAxOtPT09PT09PT09PT09PT09PT09PT'
const cloud = `ATATT3xFfGF0${'a'.repeat(170)}=1A2B3C4D`

describe('the rule of a Confluence token [D-4, CFG-13]', () => {
  it.each([
    ['20 characters', 'x'.repeat(20), true],
    ['21 random characters', 'x7Kq2LmP9aWz4RtY8vBn1', false],
    ['a token of Data Center, 44 characters', real, true],
    [
      '44 characters of base64 that hold no number',
      'TU1NTU1NTU1NTU1NTU1NTU1NTU1NTU1NTU1NTU1NTU1N',
      false,
    ],
    ['44 characters in the letters of one, without its inside', `M${'z'.repeat(43)}`, false],
    ['a token of Cloud', cloud, true],
    ['a token of Cloud that is too long', cloud.padEnd(256, 'a'), false],
    ['the longest token of Cloud', cloud.padEnd(255, 'a'), true],
    ['nothing', '', false],
  ])('%s: %o', (_name, token, isTaken) => {
    expect(isConfluenceToken(token)).toBe(isTaken)
  })

  it('takes nothing between the two lengths that Atlassian did not make', () => {
    const { plainLengthMax, lengthMax } = confluenceTokenRule
    const text = fc.string({ minLength: plainLengthMax + 1, maxLength: lengthMax + 50 })
    fc.assert(
      fc.property(text, (token) => {
        const isTheirs = atlassianTokenShape(token) !== 'unknown'
        expect(isConfluenceToken(token)).toBe(isTheirs && token.length <= lengthMax)
      }),
    )
  })
})
