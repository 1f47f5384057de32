import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runEngineTests } from './engine-tests.ts'

export type MajorsOptions = {
  /** Such as 14. */
  readonly majors: readonly string[]
  /** Parts of the tests, such as `2/5`. */
  readonly shards: readonly string[]
  readonly signal: AbortSignal
  readonly say: (line: string) => void
}

type Count = {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
  readonly seconds: number
}
/** What Vitest writes of a run. */
type Report = {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly numPendingTests: number
}

/** Runs all tests of the engine against servers of other major versions, and says what held where. */
export async function runMajors(options: MajorsOptions): Promise<'passed' | 'failed'> {
  const { majors, shards, signal, say } = options
  const directory = await mkdtemp(join(tmpdir(), 'studioops-majors-'))
  const pairs = majors.flatMap((major) => shards.map((shard) => ({ major, shard })))
  const rows: (Count & { readonly major: string })[] = []
  try {
    for (const { major, shard } of pairs) {
      if (signal.aborted) break
      const count = await runPart(join(directory, 'report.json'), major, shard)
      say(`PostgreSQL ${major}, ${shard}: ${wordsOf(count)}`)
      rows.push({ ...count, major })
    }
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
  for (const major of majors)
    say(`PostgreSQL ${major}: ${wordsOf(sumOf(rows.filter((row) => row.major === major)))}`)
  return rows.every(({ failed }) => failed === 0) && !signal.aborted ? 'passed' : 'failed'
}

async function runPart(report: string, major: string, shard: string): Promise<Count> {
  const began = performance.now()
  await rm(report, { force: true })
  const code = await runEngineTests({
    args: [`--shard=${shard}`, '--reporter=default', '--reporter=json', `--outputFile=${report}`],
    environment: { MIGRATE_TEST_POSTGRES: major },
  })
  const seconds = (performance.now() - began) / 1_000
  const text = await readFile(report, 'utf8').catch(() => undefined)
  if (text === undefined) return { passed: 0, failed: 1, skipped: 0, seconds }
  const found = JSON.parse(text) as Report
  // A file that could not be loaded fails without a test of its own.
  const failed = Math.max(found.numFailedTests, code === 0 ? 0 : 1)
  return { passed: found.numPassedTests, failed, skipped: found.numPendingTests, seconds }
}

function sumOf(counts: readonly Count[]): Count {
  const sum = (of: (count: Count) => number) => counts.reduce((all, one) => all + of(one), 0)
  return {
    passed: sum(({ passed }) => passed),
    failed: sum(({ failed }) => failed),
    skipped: sum(({ skipped }) => skipped),
    seconds: sum(({ seconds }) => seconds),
  }
}

const wordsOf = ({ passed, failed, skipped, seconds }: Count) =>
  `${passed} passed, ${failed} failed, ${skipped} left out, ${seconds.toFixed(0)} s`
