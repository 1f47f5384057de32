import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { describeStreams, runStreams } from './streams-campaign.ts'

const usage = `Reads answers over streams, sockets and polling whose connections are cut at random bytes, while the
server is killed, and compares what every reader heard, byte by byte.

  npm run chaos:streams -- [--streams 1000] [--cuts 100] [--kills 20] [--at-once 200] [--seed N]
`

const { values } = parseArgs({
  options: {
    streams: { type: 'string', default: '1000' },
    cuts: { type: 'string', default: '100' },
    kills: { type: 'string', default: '20' },
    'at-once': { type: 'string', default: '200' },
    seed: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})

async function main(): Promise<void> {
  const streams = Number(values.streams)
  const cuts = Number(values.cuts)
  const kills = Number(values.kills)
  const atOnce = Number(values['at-once'])
  const seed = Number(values.seed ?? randomInt(1_000_000))
  const isUnderstood = [streams, cuts, kills, atOnce, seed].every(Number.isInteger) && streams > 0
  if (values.help || !isUnderstood) {
    console.log(usage)
    process.exitCode = values.help ? 0 : 2
    return
  }
  const stopping = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stopping.abort())
  console.log(`${streams} streams of ${cuts} cuts, ${kills} kills, seed ${seed}`)
  let told = 0
  const report = await runStreams({
    streams,
    cuts,
    kills,
    atOnce,
    seed,
    signal: stopping.signal,
    onProgress(ended, killed) {
      if (ended < told + streams / 20) return
      told = ended
      console.log(`${ended} read, ${killed} kills`)
    },
  })
  console.log(describeStreams(report))
  if (report.violations.length > 0) process.exitCode = 1
}

await main()
