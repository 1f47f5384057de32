import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { runCampaign } from './approve-campaign.ts'
import { describeReport } from './approve-report.ts'

const usage = `Kills the product again and again while a story is approved, and counts the issues in Jira.

  npm run chaos:approve -- [--kills 200] [--seed N]

The seed makes the same plans again; where a kill strikes depends on the machine as well.
`

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '200' },
    seed: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})

async function main(): Promise<void> {
  if (values.help) {
    console.log(usage)
    return
  }
  const kills = Number(values.kills)
  const seed = values.seed === undefined ? randomInt(1_000_000) : Number(values.seed)
  if (!Number.isInteger(kills) || !Number.isInteger(seed) || kills < 1) {
    console.error(usage)
    process.exitCode = 2
    return
  }
  const stopping = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const)
    process.once(name, () => {
      console.log('Stopping after this round.')
      stopping.abort()
    })

  console.log(`${kills} kills, seed ${seed}`)
  let told = 0
  const report = await runCampaign({
    kills,
    seed,
    signal: stopping.signal,
    onRound({ plan, violations }, soFar) {
      for (const sentence of violations) console.log(`round ${plan.number}: ${sentence}`)
      if (soFar < told + 10) return
      told = soFar
      console.log(`${soFar} kills, ${plan.number} approvals`)
    },
  })
  console.log(describeReport(report))
  if (report.violations.length > 0) process.exitCode = 1
}

await main()
