import { expect, it } from 'vitest'
import { describeObjection, objectionReasons, objectTo, sentencesOf } from './objection.ts'

const placeholders = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name)

it.each(Object.values(objectionReasons))(
  'says $code in both languages from the same facts',
  (r) => {
    expect(placeholders(r.he.because).toSorted()).toEqual(placeholders(r.en.because).toSorted())
    expect(placeholders(r.he.remedy).toSorted()).toEqual(placeholders(r.en.remedy).toSorted())
    expect(r.he.because).toMatch(/\p{Script=Hebrew}/u)
  },
)

it('shows place, sentence and remedy, and a dash for what nobody knows', () => {
  const place = {
    migration: '0002_b',
    file: 'm/0002_b.sql',
    line: 3,
    column: 9,
    object: 'public.x',
  }
  const objection = objectTo(objectionReasons['unknown-reference'], place)

  expect(describeObjection(objection)).toBe(
    'm/0002_b.sql:3:9: unknown-reference: public.x does not exist at this point. –\n' +
      '  → Correct the name, or create public.x in an earlier migration.',
  )
  expect(sentencesOf(objection, 'he').because).toContain('public.x אינו קיים')
})
