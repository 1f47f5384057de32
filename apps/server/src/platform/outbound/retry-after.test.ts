import { expect, it } from 'vitest'
import { retryAfterMs } from './retry-after.ts'

const now = Date.parse('2026-11-21T12:00:00Z')

it.each([
  { header: '7', expected: 7_000 },
  { header: ' 7 ', expected: 7_000 },
  { header: '0', expected: 200 },
  { header: '-1', expected: 200 },
  { header: '1000000000', expected: 60_000 },
  { header: 'Sat, 21 Nov 2026 12:00:05 GMT', expected: 5_000 },
  { header: 'Sat, 21 Nov 2026 11:00:00 GMT', expected: 200 },
  { header: 'Sun, 22 Nov 2026 12:00:00 GMT', expected: 60_000 },
  { header: 'soon', expected: undefined },
  { header: '1.5', expected: undefined },
  { header: '', expected: undefined },
  { header: undefined, expected: undefined },
])('reads $header as $expected ms', ({ header, expected }) => {
  expect(retryAfterMs(header, now)).toBe(expected)
})
