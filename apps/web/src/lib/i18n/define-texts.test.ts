import { expect, it } from 'vitest'
import { defineTexts, type Translate } from './define-texts.ts'
import { createI18n, register } from './i18n.ts'

const texts = defineTexts('sample', {
  en: { hello: 'Hello {{name}}', files_one: '{{count}} file', files_other: '{{count}} files' },
  he: {
    hello: 'שלום {{name}}',
    files_one: 'קובץ אחד',
    files_two: 'שני קבצים',
    files_other: '{{count}} קבצים',
  },
})

async function translator(language: 'en' | 'he') {
  const i18n = await createI18n(language)
  register(i18n, texts)
  return i18n.getFixedT(language, 'sample') as unknown as Translate<typeof texts.en>
}

it('isolates what is inserted, so that it cannot turn the sentence round [D-28]', async () => {
  const t = await translator('he')
  expect(t('hello', { name: 'PAY-1 (x)' })).toBe('שלום \u2068PAY-1 (x)\u2069')
})

it('leaves what is inserted as it is, also where it looks like markup', async () => {
  const t = await translator('en')
  expect(t('hello', { name: '<b>&' })).toBe('Hello \u2068<b>&\u2069')
})

it('counts one, two and many in Hebrew [D-28]', async () => {
  const t = await translator('he')
  expect([1, 2, 20].map((count) => t('files', { count }))).toEqual([
    'קובץ אחד',
    'שני קבצים',
    '\u206820\u2069 קבצים',
  ])
})
