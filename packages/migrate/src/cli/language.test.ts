import { expect, it } from 'vitest'
import { english } from './english.ts'
import { hebrew } from './hebrew.ts'
import { chooseLanguage } from './language.ts'

it.each([
  { args: [], env: {}, language: 'en' },
  { args: [], env: { LANG: 'he_IL.UTF-8' }, language: 'he' },
  { args: [], env: { LANG: 'iw' }, language: 'he' },
  { args: [], env: { LANG: 'hex' }, language: 'en' },
  { args: [], env: { LANG: 'he_IL', LC_ALL: 'C' }, language: 'en' },
  { args: [], env: { LANG: 'he_IL', LC_ALL: '', LC_MESSAGES: 'en_GB' }, language: 'en' },
  { args: ['plan', '--lang', 'he'], env: {}, language: 'he' },
  { args: ['plan', '--lang=en'], env: { LANG: 'he_IL' }, language: 'en' },
  { args: ['new', '--', '--lang', 'he'], env: {}, language: 'en' },
  { args: ['plan', '--lang', 'fr'], env: { LANG: 'he_IL' }, language: 'he' },
])('speaks $language for $args in $env', ({ args, env, language }) => {
  expect(chooseLanguage(args, env)).toBe(language)
})

it('says in Hebrew everything that it says in English, in Hebrew letters', () => {
  const sentences = (value: unknown): string[] => {
    if (typeof value === 'string') return [value]
    if (typeof value === 'function') return [String(value(1, 'x', 'y'))]
    return Object.values(value as object).flatMap(sentences)
  }
  const untranslated = sentences(hebrew).filter((text) => text !== '' && !/[א-ת]/.test(text))
  // A place or a number alone is the same in every language.
  expect(untranslated.filter((text) => /[a-z]{3}/i.test(text))).toEqual([])
  expect(sentences(hebrew).length).toBe(sentences(english).length)
})
