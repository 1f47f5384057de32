// Asks one address again and again over a fixed number of connections, and says how long it took.
import { Pool } from 'undici'
import { quantile } from './figures.ts'
import { readSettings, tell } from './program.ts'

export type LoadSettings = {
  readonly origin: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly connections: number
  readonly seconds: number
}

export type LoadResult = {
  readonly answers: number
  /** Anything but 200. */
  readonly failures: number
  readonly perSecond: number
  readonly medianMs: number
  readonly p99Ms: number
  /** Of the last answer, to be compared with others. */
  readonly body: string
}

const { origin, path, headers, connections, seconds } = await readSettings<LoadSettings>()
const pool = new Pool(origin, { connections, pipelining: 1 })
const tookMs: number[] = []
let failures = 0
let body = ''

async function askUntil(end: number): Promise<void> {
  while (performance.now() < end) {
    const begun = performance.now()
    const answer = await pool.request({ method: 'GET', path, headers })
    body = await answer.body.text()
    tookMs.push(performance.now() - begun)
    if (answer.statusCode !== 200) failures += 1
  }
}

const begun = performance.now()
await Promise.all(Array.from({ length: connections }, () => askUntil(begun + seconds * 1_000)))
const tookSeconds = (performance.now() - begun) / 1_000
await tell({
  answers: tookMs.length,
  failures,
  perSecond: tookMs.length / tookSeconds,
  medianMs: quantile(tookMs, 0.5),
  p99Ms: quantile(tookMs, 0.99),
  body,
} satisfies LoadResult)
await pool.close()
process.disconnect?.()
