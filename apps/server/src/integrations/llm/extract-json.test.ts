import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { extractJson } from './extract-json.ts'

const object = fc.dictionary(fc.string(), fc.jsonValue())
/** Any text that cannot be taken for an object itself: it has no braces. */
const prose = fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll(/[{}]/g, ''))

describe('the object of an answer', () => {
  it('comes out as it went in, whatever stands around it', () => {
    fc.assert(
      fc.property(
        object,
        fc.tuple(prose, prose),
        fc.constantFrom(0, 2),
        (value, around, indent) => {
          const json = JSON.stringify(value, undefined, indent)
          expect(extractJson(around.join(`\n${json}\n`))).toBe(json)
        },
      ),
    )
  })

  it('can always be parsed, or is not there, for any text', () => {
    const pieces = fc.constantFrom('{', '}', '"', '\\', '{"a":', '1', ',', '</think>', '\n', 'א')
    const broken = fc.array(pieces, { maxLength: 40 }).map((parts) => parts.join(''))
    fc.assert(
      fc.property(fc.oneof(broken, fc.string()), (text) => {
        expect(JSON.parse(extractJson(text) ?? '{}')).toBeTypeOf('object')
      }),
    )
  })

  it('is undefined for every beginning of itself', () => {
    fc.assert(
      fc.property(object, fc.nat(), (value, cut) => {
        const json = JSON.stringify(value)
        expect(extractJson(json.slice(0, cut % json.length))).toBeUndefined()
      }),
    )
  })

  it.each([
    ['a code fence', '```json\n{"a":1}\n```', '{"a":1}'],
    ['a sentence before and after', 'Sure! {"a":{"b":2}} Anything else?', '{"a":{"b":2}}'],
    ['braces in prose', 'Fill {name} in: {"a":1}', '{"a":1}'],
    ['braces and quotes inside strings', '{"a":"} \\" {"}', '{"a":"} \\" {"}'],
    ['thinking before it', '<think>{"a":"a much longer draft"}</think>{"a":1}', '{"a":1}'],
    ['thinking whose beginning the template ate', 'say {"a</think>{"a":1}', '{"a":1}'],
    ['the end of thinking inside a string', '{"a":"</think>","b":[{"c":1}]}', undefined],
    ['an example before the answer', '{"a":1} becomes {"a":1,"b":2}', '{"a":1,"b":2}'],
  ])('is found with %s', (_name, text, json) => {
    expect(extractJson(text)).toBe(json ?? text)
  })

  it.each([
    ['nothing', ''],
    ['a list', '[1,2]'],
    ['what only looks like one', '{"a":1,}'],
  ])('is undefined for %s', (_name, text) => {
    expect(extractJson(text)).toBeUndefined()
  })

  it('is looked for in an answer of braces without going over it again and again', () => {
    expect(extractJson('{"'.repeat(500_000))).toBeUndefined()
    expect(extractJson('{"a"}'.repeat(200_000))).toBeUndefined()
  })
})
