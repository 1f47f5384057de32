import { expect, it } from 'vitest'
import { toJsonb } from './jsonb.ts'

const back = (value: unknown) => JSON.parse(toJsonb(value)) as unknown

it('replaces exactly what PostgreSQL cannot keep', () => {
  expect(back({ 'a\0\0b': ['\ud83d', '\ude00\ud83d x'] })).toEqual({
    'a\uFFFD\uFFFDb': ['\uFFFD', '\uFFFD\uFFFD x'],
  })
})

it('leaves every other text as it is', () => {
  const texts = ['\\u0000', '\\\\ud83d', '👩‍🚀 שלום\n\u0001', '\\']
  expect(back(texts)).toEqual(texts)
})
