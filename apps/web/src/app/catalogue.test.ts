import { describe, expect, it } from 'vitest'
import type { Texts } from '../lib/i18n/define-texts.ts'

const files = import.meta.glob<Record<string, Texts>>('../**/*.texts.ts', { eager: true })
const catalogues = Object.values(files).flatMap((file) => Object.values(file))

const withoutCount = (key: string) => key.replace(/_(?:one|two|other)$/, '')
const placeholders = (text: string) =>
  [...text.matchAll(/\{\{-?\s*(\w+)\}\}|<\/?(\w+)>/g)].map((match) => match[0]).toSorted()

/** A counted text may leave its number out where the word says it: `קובץ אחד`. */
const placeholdersBeside = (key: string, text: string) =>
  placeholders(text).filter((name) => !/_(?:one|two)$/.test(key) || name !== '{{count}}')

it('finds the catalogues of the features', () => {
  const names = catalogues.map(({ namespace }) => namespace)
  expect(names).toEqual(expect.arrayContaining(['ui', 'app', 'accounts', 'connections']))
  expect(new Set(names).size).toBe(names.length)
})

describe.each(catalogues.map((texts) => [texts.namespace, texts] as const))('%s', (_, texts) => {
  const en: Record<string, string> = texts.en
  const he: Record<string, string> = texts.he

  it('says the same things in both languages [D-28]', () => {
    const keys = (messages: object) =>
      [...new Set(Object.keys(messages).map(withoutCount))].toSorted()
    expect(keys(he)).toEqual(keys(en))
  })

  it('inserts the same values in both languages [D-28]', () => {
    for (const [key, text] of Object.entries(en))
      expect([key, placeholdersBeside(key, he[key] ?? '')]).toEqual([
        key,
        placeholdersBeside(key, text),
      ])
  })

  it('counts one, two and many in Hebrew, one and many in English [D-28]', () => {
    const counted = Object.keys(en)
      .filter((key) => key.endsWith('_other'))
      .map(withoutCount)
    for (const key of counted) {
      expect(en).toHaveProperty([`${key}_one`])
      for (const form of ['one', 'two', 'other']) expect(he).toHaveProperty([`${key}_${form}`])
    }
  })

  it('leaves nothing empty and keeps Hebrew Hebrew', () => {
    for (const [key, text] of [...Object.entries(en), ...Object.entries(he)])
      expect([key, text.trim()]).not.toEqual([key, ''])
    expect(Object.values(en).filter((text) => /[\u0590-\u05ff]/.test(text))).toEqual([])
  })
})
