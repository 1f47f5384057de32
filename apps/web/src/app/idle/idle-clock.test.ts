import { expect, it } from 'vitest'
import { idleState, isReportDue, spokenSeconds } from './idle-clock.ts'

const limits = { warningMs: 60_000, reportMs: 60_000 }
const endsAtMs = 1_000_000

it.each([
  [60_001, { kind: 'quiet' }],
  [60_000, { kind: 'warning', secondsLeft: 60 }],
  [59_001, { kind: 'warning', secondsLeft: 60 }],
  [1, { kind: 'warning', secondsLeft: 1 }],
  [0, { kind: 'over' }],
  [-3_600_000, { kind: 'over' }],
])('with %i ms left the state is %j [D-5]', (leftMs, state) => {
  expect(idleState({ endsAtMs, nowMs: endsAtMs - leftMs }, limits)).toEqual(state)
})

it('reports nothing while nobody acts [D-5]', () => {
  expect(isReportDue({ lastActMs: 5, lastReportMs: 5, nowMs: 9_000_000 }, limits)).toBe(false)
})

it('reports at most once a minute, and then what was done meanwhile [D-5]', () => {
  const acted = { lastReportMs: 0, lastActMs: 30_000 }
  expect(isReportDue({ ...acted, nowMs: 59_999 }, limits)).toBe(false)
  expect(isReportDue({ ...acted, nowMs: 60_000 }, limits)).toBe(true)
})

it.each([
  [60, 60],
  [45, 60],
  [30, 30],
  [11, 30],
  [10, 10],
  [1, 10],
])('says at %i seconds what it said at %i', (secondsLeft, spoken) => {
  expect(spokenSeconds(secondsLeft)).toBe(spoken)
})
