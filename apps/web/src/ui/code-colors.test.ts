import { describe, expect, it } from 'vitest'
import { colourPieces } from './code-colors.ts'

const kinds = (code: string, language: string) =>
  colourPieces(code, language)
    .filter(({ kind }) => kind !== 'plain')
    .map(({ kind, text }) => [kind, text])

describe('the colours of code', () => {
  it.each([
    ['ts', 'const a = "x // y" // why', 'keyword const|string "x // y"|comment // why'],
    [
      'python',
      "def f():  # note\n  return 'a\\'b' + 1.5",
      "keyword def|comment # note|keyword return|string 'a\\'b'|number 1.5",
    ],
    ['SQL', 'SELECT 1 -- one', 'keyword SELECT|number 1|comment -- one'],
    ['html', '<a href="x"><!-- y --></a>', 'string "x"|comment <!-- y -->'],
    [
      'json',
      '{"a": true, "b": "unfinished',
      'string "a"|keyword true|string "b"|string "unfinished',
    ],
  ])('of %s', (language, code, expected) => {
    expect(kinds(code, language).map((pair) => pair.join(' '))).toEqual(expected.split('|'))
  })

  it('change nothing of what is read, and leave alone what they do not know', () => {
    const code = 'let שלום = `a\n${b}` /* never closed\n'
    expect(
      colourPieces(code, 'js')
        .map(({ text }) => text)
        .join(''),
    ).toBe(code)
    expect(colourPieces(code, 'brainfuck')).toEqual([{ kind: 'plain', text: code }])
    expect(colourPieces('"'.repeat(200_000), 'js')).toHaveLength(1)
    expect(
      colourPieces('\\"'.repeat(6_000), 'js')
        .map(({ text }) => text)
        .join(''),
    ).toHaveLength(12_000)
  })
})
