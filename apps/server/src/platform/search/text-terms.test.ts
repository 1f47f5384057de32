import { describe, expect, it } from 'vitest'
import { hebrewStem } from './hebrew-stem.ts'
import { editDistance, nearTerms } from './near-terms.ts'
import { questionTerms, termsOf, tokensOf } from './text-terms.ts'

describe('words', () => {
  it('are compared without points, case, maqaf and the kind of quotation marks [DOC-8] [D-28]', () => {
    expect(tokensOf('שָׁלוֹם בֵּית־סֵפֶר')).toEqual(['שלום', 'בית', 'ספר'])
    expect(tokensOf('מע״מ מע"מ צ׳ק צ\'ק')).toEqual(['מעמ', 'מעמ', 'צק', 'צק'])
    expect(tokensOf("The Client's INV-4711 (Draft)")).toEqual([
      'the',
      'clients',
      'inv',
      '4711',
      'draft',
    ])
  })

  it.each([
    ['מסמך', 'המסמכים', 'במסמך', 'ולמסמכים'],
    ['תקציב', 'התקציבים', 'בתקציב', 'שהתקציב'],
    ['חשבונית', 'החשבוניות', 'לחשבונית'],
    ['תוכנית', 'תכנית', 'התוכניות', 'בתכנית'],
    ['לקוח', 'הלקוחות', 'ללקוח', 'שהלקוחות'],
    ['הצעה', 'הצעות', 'בהצעת'],
  ])('of one root in Hebrew share a key: %s, %s', (...forms) => {
    expect([...new Set(forms.map(hebrewStem))]).toHaveLength(1)
  })

  it('of different roots do not', () => {
    const stems = ['תקציב', 'חשבונית', 'לקוח', 'ספק', 'מסמך', 'עיצוב', 'מדיה'].map(hebrewStem)
    expect(new Set(stems).size).toBe(stems.length)
  })

  it('count once for their stem and once more for themselves, names and codes also in parts', () => {
    const { counts, length } = termsOf({ text: 'paid invoices INV-4711', name: 'לוח' })
    expect(length).toBe(5)
    expect(counts.get('~invoic')).toBe(1)
    expect(counts.get('invoices')).toBe(1)
    expect([...counts.keys()].filter((term) => term.startsWith('#'))).toEqual([
      '#^לו', '#לוח', '#וח$', '#^47', '#471', '#711', '#11$',
    ]) // prettier-ignore
  })

  it('of asking are left out of a question, unless there are no others', () => {
    const asked = (question: string) => [
      ...new Set(questionTerms(question).map(({ token }) => token)),
    ]
    expect(asked('What is the budget of it?')).toEqual(['budget'])
    expect(asked('מה התקציב של זה')).toEqual(['התקציב'])
    expect(asked('what is it')).toEqual(['what', 'is', 'it'])
  })
})

describe('slips of the pen', () => {
  it('are counted as letters added, left out, changed or exchanged', () => {
    const distances = [
      ['תקציב', 'תקצבי'],
      ['invoice', 'invioce'],
      ['invoice', 'invice'],
      ['מסמך', 'מסמכ'],
      ['abc', 'abc'],
      ['', 'ab'],
    ] as const
    expect(distances.map(([one, other]) => editDistance(one, other))).toEqual([1, 1, 1, 1, 0, 2])
  })

  it('lead to the nearest words that somebody has written', () => {
    const candidates = [
      { term: '~budget', df: 1 },
      { term: '~budge', df: 9 },
      { term: '~bugle', df: 9 },
    ]
    expect(nearTerms('~budgt', candidates).map(({ term }) => term)).toEqual(['~budge', '~budget'])
  })
})
