import { expect, it } from 'vitest'
import { alignColumns, paintFor, shorten, widthOf, wrapList } from './terminal.ts'

const terminal = { write: (): boolean => true, isTTY: true }

it.each([
  { output: terminal, env: {}, isPainted: true },
  { output: terminal, env: { NO_COLOR: '1' }, isPainted: false },
  { output: terminal, env: { NO_COLOR: '' }, isPainted: true },
  { output: terminal, env: { TERM: 'dumb' }, isPainted: false },
  { output: { write: (): boolean => true }, env: {}, isPainted: false },
])('paints only where somebody looks and wants it: $env', ({ output, env, isPainted }) => {
  expect(paintFor(output, env)('bad', 'no') !== 'no').toBe(isPainted)
})

it('aligns columns of every script by what people see', () => {
  const painted = paintFor(terminal, {})('good', 'ab')
  expect(
    alignColumns([
      [painted, 'x'],
      ['שָׁלוֹם', 'y'],
    ]).map(widthOf),
  ).toEqual([7, 7])
  expect(
    alignColumns([
      ['a', ''],
      ['bbb', 'c'],
    ]),
  ).toEqual(['a', 'bbb  c'])
})

it('shortens and wraps without cutting a letter from its marks', () => {
  expect(shorten('שָׁלוֹם', 3)).toBe('שָׁל…')
  expect(shorten('abc', 3)).toBe('abc')
  expect(wrapList(['aaa', 'bbb', 'ccc'], 9)).toEqual(['aaa, bbb,', 'ccc'])
  expect(wrapList([], 9)).toEqual([])
})
