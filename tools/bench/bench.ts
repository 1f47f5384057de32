import { execFileSync } from 'node:child_process'
import { loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { atMost, type Line, table } from './figures.ts'
import { measureJobs } from './measure-jobs.ts'
import { measureLive } from './measure-live.ts'
import { measureMcp } from './measure-mcp.ts'
import { measureExtraction } from './measure-extraction.ts'
import { measureFailover } from './measure-failover.ts'
import { measureFormats } from './measure-formats.ts'
import { measureInteractions } from './measure-interactions.ts'
import { measureMemory } from './measure-memory.ts'
import { measureN8n } from './measure-n8n.ts'
import { measureRead } from './measure-read.ts'
import { measureReading } from './measure-reading.ts'
import { measureSearch } from './measure-search.ts'
import { measureStart } from './measure-start.ts'
import { measureStream } from './measure-stream.ts'

const usage = `Measures the product against limits in the same run, and prints one table.

  npm run bench -- [--quick] [--only read|stream|live|start|memory|jobs|mcp|formats|search|extraction|reading|failover|inp]

What counts are ratios: absolute figures depend on the machine and on what else it does. Close
everything else for a run whose figures are kept.
`

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})

const { quick } = values
const benches: Record<string, () => Promise<Line[]>> = {
  read: async () => [
    ...(await measureRead(quick ? { rounds: 3, seconds: 4 } : { rounds: 5, seconds: 10 })),
    ...(await measureN8n()),
  ],
  stream: () => measureStreams(quick ? { rounds: 3, tokens: 150 } : { rounds: 3, tokens: 400 }),
  live: () => measureLive(quick ? { streams: 200, words: 200 } : { streams: 1_000, words: 580 }),
  start: () => measureStart({ rounds: quick ? 3 : 5 }),
  jobs: () =>
    measureJobs(
      quick ? { rounds: 1, starts: 60, jobs: 2_000 } : { rounds: 3, starts: 200, jobs: 10_000 },
    ),
  mcp: () => measureMcp(quick ? { rounds: 3, calls: 300 } : { rounds: 5, calls: 1_000 }),
  failover: () =>
    measureFailover(quick ? { requests: 400, paired: 50 } : { requests: 2_000, paired: 200 }),
  formats: () => measureFormats(quick ? { rounds: 3, passes: 10 } : { rounds: 9, passes: 50 }),
  search: () => measureSearch({ chunks: quick ? 20_000 : 100_000, questions: quick ? 50 : 200 }),
  extraction: () => measureExtraction(quick ? { pages: 20, rounds: 5 } : { pages: 40, rounds: 9 }),
  reading: () => measureReading(quick ? 200 : 600),
  inp: () => measureInteractions({ rounds: quick ? 4 : 12 }),
  memory: () => measureMemory({ idleSeconds: quick ? 10 : 60 }),
}

/** What a token costs has to fall with the number of streams. */
async function measureStreams(effort: { rounds: number; tokens: number }): Promise<Line[]> {
  const few = await measureStream({ ...effort, streams: 50 })
  const many = await measureStream({ ...effort, streams: 500 })
  const share = many.nodeUs / few.nodeUs
  const what = 'CPU per token, Node, at 500 ÷ at 50 streams'
  const falling = { bench: 'stream', what, value: share.toFixed(2), aim: atMost(share, 1) }
  return [...few.lines, ...many.lines, falling]
}

async function main(): Promise<void> {
  const names = values.only === undefined ? Object.keys(benches) : [values.only]
  const chosen = names.map((name) => ({ name, measure: benches[name] }))
  if (values.help || chosen.some(({ measure }) => measure === undefined)) {
    console.log(usage)
    process.exitCode = values.help ? 0 : 2
    return
  }
  console.log(`Node ${process.versions.node}, commit ${commit()}, load ${load()}`)
  const lines: Line[] = []
  for (const { name, measure } of chosen) {
    console.log(`Measuring ${name}…`)
    lines.push(...((await measure?.()) ?? []))
  }
  console.log(`\n${table(lines)}\n\nLoad of the machine at the end: ${load()}`)
  const missed = lines.filter(({ aim }) => aim?.isMet === false).length
  console.log(missed === 0 ? 'Every aim is met.' : `${missed} aims are not met.`)
}

/** Of the last minute, ourselves included; more than the number of processors makes figures worse. */
function load(): string {
  return (loadavg()[0] ?? 0).toFixed(1)
}

function commit(): string {
  try {
    return execFileSync('git', ['describe', '--always', '--dirty'], { encoding: 'utf8' }).trim()
  } catch {
    return 'unknown'
  }
}

await main()
// A peer that came to no end must not keep us.
process.exit()
