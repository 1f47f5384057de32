import { runEngineTests } from './engine-tests.ts'

export type PropertiesOptions = {
  /** Names of `properties`; none: all of them. */
  readonly names: readonly string[]
  readonly runs: number
  /** As `PROPERTY_SEED`: a number, or `random`. */
  readonly seed: string
  /** Major version of PostgreSQL; undefined: the installed one. */
  readonly major: string | undefined
  readonly signal: AbortSignal
  readonly say: (line: string) => void
}

/** The eight properties of the issue, what else is asked at random, and the files that ask it. */
export const properties: Readonly<Record<string, string>> = {
  P1: 'order/known-truth',
  P2: 'order/known-truth',
  P3: 'execute/error-storage',
  P4: 'execute/properties',
  P5: 'repair/repair-properties',
  P6: 'doctor/verify-properties',
  P7: 'execute/properties',
  P8: 'execute/starters',
  probes: 'preflight/preflight-properties',
  fidelity: 'shadow/fidelity',
  inverse: 'inverse/inverse-measure',
  rows: 'undo/rows',
  consolidation: 'consolidate/properties',
}

/** Asks the properties of the engine as often as is wanted, one file after the other. */
export async function runProperties(options: PropertiesOptions): Promise<'passed' | 'failed'> {
  const { runs, seed, signal, say } = options
  const results: { readonly line: string; readonly isHeld: boolean }[] = []
  for (const [file, names] of filesOf(options)) {
    if (signal.aborted) break
    const asked = names.join(' and ')
    say(`${asked}: ${runs} runs from seed ${seed}`)
    const began = performance.now()
    const isHeld = (await runFile(file, options)) === 0
    const seconds = ((performance.now() - began) / 1_000).toFixed(0)
    results.push({ line: `${asked}: ${isHeld ? 'held' : 'NOT HELD'}, ${seconds} s`, isHeld })
  }
  for (const { line } of results) say(line)
  return results.every(({ isHeld }) => isHeld) ? 'passed' : 'failed'
}

function filesOf({ names }: Pick<PropertiesOptions, 'names'>): Map<string, string[]> {
  const files = new Map<string, string[]>()
  for (const name of names.length === 0 ? Object.keys(properties) : names) {
    const file = properties[name] ?? ''
    files.set(file, [...(files.get(file) ?? []), name])
  }
  return files
}

function runFile(file: string, { runs, seed, major }: PropertiesOptions): Promise<number> {
  return runEngineTests({
    args: [file],
    environment: {
      MIGRATE_PROPERTY_RUNS: String(runs),
      PROPERTY_SEED: seed,
      ...(major === undefined ? {} : { MIGRATE_TEST_POSTGRES: major }),
    },
  })
}
