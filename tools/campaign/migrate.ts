import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { otherMajors } from '../../packages/migrate/src/testing/other-majors.ts'
import { runHistories } from './histories.ts'
import { runLockQueue } from './lock-queue.ts'
import { runMajors } from './majors.ts'
import { properties, runProperties } from './properties.ts'
import { runVerdicts } from './verdicts.ts'

const usage = `Tries the migration engine where tests cannot wait for it.

  npm run campaign:migrate -- properties [P1…P8 and others] [--runs 1000] [--seed N] [--postgres 14]
  npm run campaign:migrate -- postgres [14 15 16 17] [--shard 2/5]
  npm run campaign:migrate -- verdicts [--histories 1000] [--seed N]
  npm run campaign:migrate -- lock-queue [--blocker 30]
  npm run campaign:migrate -- histories <directory>...

properties  What has to hold whatever the history is: ${Object.keys(properties).join(', ')}. Default: all.
postgres    All tests of the engine, against other major versions; one part of five after the other.
verdicts    Orders and references of generated histories: is refused what a server refuses, and nothing else?
lock-queue  How long an application waits while a migration waits for somebody who reads for so many seconds.
histories   Directories of any tool, such as those in public repositories: do texts, shadow and server agree?
`

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    histories: { type: 'string', default: '1000' },
    seed: { type: 'string' },
    runs: { type: 'string', default: '1000' },
    postgres: { type: 'string' },
    shard: { type: 'string' },
    blocker: { type: 'string', default: '30' },
    help: { type: 'boolean', default: false },
  },
})

const parts = ['1/5', '2/5', '3/5', '4/5', '5/5']

const say = (line: string) => console.log(line)

function stopping(): AbortSignal {
  const controller = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const)
    process.once(name, () => {
      say('Stopping after this one.')
      controller.abort()
    })
  return controller.signal
}

/** A whole number that was asked for; undefined: it is none. */
function whole(text: string): number | undefined {
  const number = Number(text)
  return Number.isInteger(number) && number >= 0 ? number : undefined
}

const campaigns: Readonly<Record<string, () => Promise<'passed' | 'failed'> | undefined>> = {
  verdicts() {
    const seed = values.seed === undefined ? randomInt(1_000_000) : whole(values.seed)
    const histories = whole(values.histories)
    if (seed === undefined || histories === undefined) return undefined
    say(`${histories} histories from seed ${seed}`)
    return runVerdicts({ histories, seed, signal: stopping(), say })
  },
  properties() {
    const names = positionals.slice(1)
    const runs = whole(values.runs)
    if (runs === undefined || names.some((name) => !Object.hasOwn(properties, name)))
      return undefined
    const { seed = 'random', postgres: major } = values
    return runProperties({ names, runs, seed, major, signal: stopping(), say })
  },
  postgres() {
    const majors = positionals.slice(1)
    const shards = values.shard === undefined ? parts : [values.shard]
    if ([...majors, ...shards].some((word) => !/^\d+(?:\/\d+)?$/.test(word))) return undefined
    const asked = majors.length === 0 ? otherMajors : majors
    return runMajors({ majors: asked, shards, signal: stopping(), say })
  },
  histories() {
    const directories = positionals.slice(1)
    if (directories.length === 0) return undefined
    return runHistories({ directories, signal: stopping(), say })
  },
  'lock-queue'() {
    const blockerS = whole(values.blocker)
    if (blockerS === undefined) return undefined
    return runLockQueue({ blockerS, signal: stopping(), say })
  },
}

async function main(): Promise<void> {
  const ended = values.help ? undefined : await campaigns[positionals[0] ?? '']?.()
  if (ended === undefined) say(usage)
  if (ended === undefined && !values.help) process.exitCode = 2
  if (ended === 'failed') process.exitCode = 1
}

await main()
