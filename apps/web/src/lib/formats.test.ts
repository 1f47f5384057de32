import { expect, it } from 'vitest'
import { createFormats } from './formats.ts'

/** Intl puts invisible marks and narrow spaces in by itself (HE-9). */
const plain = (text: string) =>
  text.replaceAll(/[\u200e\u200f]/g, '').replaceAll(/[\u00a0\u202f]/g, ' ')

it('says how long ago, in whole steps', () => {
  const { relative } = createFormats('en-US')
  const now = Date.parse('2026-11-21T12:00:00Z')
  expect(relative('2026-11-21T11:57:00Z', now)).toBe('3 minutes ago')
  expect(relative('2026-11-21T11:59:50Z', now)).toBe('this minute')
  expect(relative('2026-11-19T12:00:00Z', now)).toBe('2 days ago')
})

it('says one of a unit in Hebrew without a digit', () => {
  const { relative } = createFormats('he-IL')
  const now = Date.parse('2026-11-21T12:00:00.000Z')
  expect(relative('2026-11-21T11:59:00.000Z', now)).toBe('לפני דקה')
  expect(relative('2026-11-21T11:00:00.000Z', now)).toBe('לפני שעה')
})

it('says the day before yesterday as Hebrew does', () => {
  const now = Date.parse('2026-11-21T12:00:00Z')
  expect(createFormats('he-IL').relative('2026-11-19T12:00:00Z', now)).toBe('שלשום')
})

it('writes Hebrew dates with the name of the month', () => {
  expect(plain(createFormats('he-IL').date('2026-11-21T08:30:00Z'))).toBe('21 בנוב׳ 2026')
})

it('measures short times in milliseconds and long ones in seconds', () => {
  const { duration } = createFormats('en-US')
  expect([duration(340), duration(1_250)].map(plain)).toEqual(['340 ms', '1.3 sec'])
})
