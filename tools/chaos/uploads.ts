import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { describeUploads, runUploads } from './uploads-campaign.ts'

const usage = `Kills the product at random moments of uploads, goes on with them, and looks afterwards whether every
file that was acknowledged is there byte by byte, and whether anything is there that belongs to nobody.

  npm run chaos:uploads -- [--kills 1000] [--at-once 8] [--seed N]
`

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '1000' },
    'at-once': { type: 'string', default: '8' },
    seed: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})

async function main(): Promise<void> {
  const kills = Number(values.kills)
  const atOnce = Number(values['at-once'])
  const seed = Number(values.seed ?? randomInt(1_000_000))
  const isUnderstood = [kills, atOnce, seed].every(Number.isInteger) && kills > 0 && atOnce > 0
  if (values.help || !isUnderstood) {
    console.log(usage)
    process.exitCode = values.help ? 0 : 2
    return
  }
  const stopping = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stopping.abort())
  console.log(`${kills} kills, ${atOnce} uploads at once, seed ${seed}`)
  const report = await runUploads({
    kills,
    atOnce,
    seed,
    signal: stopping.signal,
    onKill(killed, acknowledged) {
      if (killed % 20 === 0) console.log(`${killed} kills, ${acknowledged} files acknowledged`)
    },
  })
  console.log(describeUploads(report))
  if (report.violations.length > 0) process.exitCode = 1
}

await main()
