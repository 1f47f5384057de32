import { type SeriesColumn, seriesColumns, type SeriesPoint } from '@studioops/contracts/monitoring'
import { describe, expect, it } from 'vitest'
import { createSeries } from './series.ts'

function valueOf(point: SeriesPoint | undefined, column: SeriesColumn): number | undefined {
  return point?.values[seriesColumns.indexOf(column)]
}

describe('points in time', () => {
  it('are whole seconds for 15 minutes, tens for 6 hours and minutes for a day [MON-3]', () => {
    let now = 1_800_000_000
    const series = createSeries(() => now)
    for (let second = 0; second < 100_000; second += 1) {
      series.add('requests', 2)
      now += 1
    }
    const lengths = ([1, 10, 60] as const).map((step) => series.points(step).length)
    expect(lengths).toEqual([900, 2_160, 1_440])
    const last = ([1, 10, 60] as const).map((step) =>
      valueOf(series.points(step).at(-1), 'requests'),
    )
    expect(last).toEqual([2, 20, 120])
    expect(series.points(1, now - 4).map(({ at }) => at - now)).toEqual([-3, -2, -1])
  })

  it('are zeros where nothing happened, and forget what an earlier round held', () => {
    let now = 1_800_000_000
    const series = createSeries(() => now)
    series.add('errors', 7)
    now += 905
    const points = series.points(1)
    expect(points).toHaveLength(900)
    expect(points.every((point) => valueOf(point, 'errors') === 0)).toBe(true)
    expect(
      valueOf(
        series.points(60).find(({ at }) => at === 1_800_000_000),
        'errors',
      ),
    ).toBe(7)
  })

  it('take the highest of a state, the sum of what happened, and the percentiles of all', () => {
    let now = 1_800_000_000
    const series = createSeries(() => now)
    for (const ms of [1, 2, 3, 4, 5, 6, 7, 8, 9, 1_000]) series.time(ms)
    series.gauge('loopMs', 30)
    series.gauge('loopMs', 12)
    now += 1
    series.gauge('loopMs', 20)
    now += 10
    const [first] = series.points(1)
    expect(valueOf(first, 'loopMs')).toBe(30)
    const [ten] = series.points(10)
    expect(valueOf(ten, 'loopMs')).toBe(30)
    const p50 = valueOf(ten, 'p50Ms') ?? 0
    expect(p50).toBeGreaterThanOrEqual(5)
    expect(p50).toBeLessThanOrEqual(5 * 1.25)
    expect(valueOf(ten, 'p99Ms')).toBeGreaterThanOrEqual(1_000)
    expect(valueOf(ten, 'p99Ms')).toBeLessThanOrEqual(1_250)
  })
})
