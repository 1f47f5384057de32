import {
  type SeriesGauge,
  seriesGauges,
  type SeriesPoint,
  type SeriesStep,
  type SeriesSum,
  seriesSums,
} from '@studioops/contracts/monitoring'

/** How many points of each step are kept: 15 minutes, 6 hours, a day. */
const kept: Readonly<Record<SeriesStep, number>> = { 1: 900, 10: 2_160, 60: 1_440 }

/** Classes of durations: each reaches a quarter further than the one before, from 1 ms to over a minute. */
const classes = 52
const ratio = 1.25
const logOfRatio = Math.log(ratio)
const width = seriesSums.length + seriesGauges.length + classes

const placeOf = Object.fromEntries(
  [...seriesSums, ...seriesGauges].map((name, index) => [name, index]),
) as Readonly<Record<SeriesSum | SeriesGauge, number>>
const firstClass = seriesSums.length + seriesGauges.length

/**
 * What happened, in steps of time, in memory that never grows: plain numbers in one array a step.
 *
 * @param now seconds since 1970
 */
export function createSeries(now: () => number) {
  const rings = ([1, 10, 60] as const).map((step) => createRing(step, kept[step], now))
  // Coarser steps are made of what a second had, so only one place is written to.
  const current = new Float64Array(width)
  let second = Math.floor(now())

  function turn(): void {
    const next = Math.floor(now())
    if (next === second) return
    for (const ring of rings) ring.merge(second, current)
    current.fill(0)
    second = next
  }

  return {
    add(name: SeriesSum, count = 1): void {
      turn()
      current[placeOf[name]] = (current[placeOf[name]] ?? 0) + count
    },
    /** Of several values within a step the highest counts. */
    gauge(name: SeriesGauge, value: number): void {
      turn()
      current[placeOf[name]] = Math.max(current[placeOf[name]] ?? 0, value)
    },
    time(ms: number): void {
      turn()
      const at = firstClass + classOf(ms)
      current[at] = (current[at] ?? 0) + 1
    },
    /** Points of whole steps that began after `after`, the oldest first; a step without anything is zeros. */
    points(step: SeriesStep, after = 0): SeriesPoint[] {
      turn()
      return rings.find((ring) => ring.step === step)?.read(after) ?? []
    },
  }
}

export type Series = ReturnType<typeof createSeries>

function createRing(step: SeriesStep, size: number, now: () => number) {
  const cells = new Float64Array(size * width)
  // Which step a slot holds; a slot of an earlier round counts as empty.
  const held = new Float64Array(size).fill(-1)
  const beganAt = Math.floor(now() / step)

  function row(index: number): Float64Array {
    const slot = index % size
    return cells.subarray(slot * width, (slot + 1) * width)
  }

  return {
    step,
    merge(second: number, values: Float64Array): void {
      const index = Math.floor(second / step)
      const target = row(index)
      if (held[index % size] !== index) target.fill(0)
      held[index % size] = index
      for (let at = 0; at < width; at += 1) {
        const isGauge = at >= seriesSums.length && at < firstClass
        const before = target[at] ?? 0
        const value = values[at] ?? 0
        target[at] = isGauge ? Math.max(before, value) : before + value
      }
    },
    read(after: number): SeriesPoint[] {
      const last = Math.floor(now() / step) - 1
      const first = Math.max(last - size + 1, beganAt, Math.floor(after / step) + 1)
      const points: SeriesPoint[] = []
      for (let index = first; index <= last; index += 1)
        points.push(
          held[index % size] === index
            ? pointOf(index * step, row(index))
            : { at: index * step, values: nothing },
        )
      return points
    },
  }
}

const nothing = Array.from({ length: firstClass + 3 }, () => 0)

function pointOf(at: number, cells: Float64Array): SeriesPoint {
  const counts = cells.subarray(firstClass)
  const percentiles = [0.5, 0.95, 0.99].map((share) => percentileOf(counts, share))
  return { at, values: [...[...cells.subarray(0, firstClass)].map(rounded), ...percentiles] }
}

function rounded(value: number): number {
  return Number.isInteger(value) ? value : Math.round(value * 1_000_000) / 1_000_000
}

function classOf(ms: number): number {
  if (!(ms > 1)) return 0
  return Math.min(classes - 1, Math.ceil(Math.log(ms) / logOfRatio))
}

/** The upper end of the class that holds it: at most a quarter too high, never too low. */
function percentileOf(counts: Float64Array, share: number): number {
  const total = counts.reduce((sum, count) => sum + count, 0)
  if (total === 0) return 0
  let seen = 0
  for (const [index, count] of counts.entries()) {
    seen += count
    if (seen >= total * share) return Math.round(ratio ** index * 10) / 10
  }
  return 0
}
