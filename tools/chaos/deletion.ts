import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { describeDeletion, runDeletion } from './deletion-campaign.ts'

const usage = `Fills random projects and deletes them while uploads, answers and rows come and the server is
killed; restores some from the trash; then counts what was left behind and verifies every receipt.

  npm run chaos:deletion -- [--graphs 10000] [--kills N] [--seed N]
`

const { values } = parseArgs({
  options: {
    graphs: { type: 'string', default: '10000' },
    kills: { type: 'string' },
    seed: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})

async function main(): Promise<void> {
  const graphs = Number(values.graphs)
  const kills = Number(values.kills ?? Math.ceil(graphs / 100))
  const seed = Number(values.seed ?? randomInt(1_000_000))
  const isUnderstood = [graphs, kills, seed].every(Number.isInteger) && graphs > 0
  if (values.help || !isUnderstood) {
    console.log(usage)
    process.exitCode = values.help ? 0 : 2
    return
  }
  const stopping = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stopping.abort())
  console.log(`${graphs} projects, ${kills} kills, seed ${seed}`)
  let told = 0
  const report = await runDeletion({
    graphs,
    kills,
    seed,
    signal: stopping.signal,
    onProgress(ended, killed) {
      if (ended < told + graphs / 20) return
      told = ended
      console.log(`${ended} done, ${killed} kills`)
    },
  })
  console.log(describeDeletion(report))
  if (report.kept !== undefined) process.exitCode = 1
}

await main()
