import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { runCrashCampaign } from '../../packages/migrate/src/testing/crash-campaign.ts'
import { describeCampaign } from './migrate-report.ts'

const usage = `Kills the migration engine again and again, three starters at once, and compares what is left.

  npm run chaos:migrate -- [--kills 1000] [--seed N] [--files 12] [--starters 3]

The seed makes the same histories again; where a kill strikes depends on the machine as well.
`

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '1000' },
    seed: { type: 'string' },
    files: { type: 'string', default: '12' },
    starters: { type: 'string', default: '3' },
    help: { type: 'boolean', default: false },
  },
})

async function main(): Promise<void> {
  if (values.help) {
    console.log(usage)
    return
  }
  const seed = values.seed === undefined ? randomInt(1_000_000) : Number(values.seed)
  const [kills, files, starters] = [values.kills, values.files, values.starters].map(Number)
  const numbers = [kills, seed, files, starters]
  if (!numbers.every((number) => Number.isInteger(number) && (number ?? -1) >= 0)) {
    console.error(usage)
    process.exitCode = 2
    return
  }
  const stopping = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const)
    process.once(name, () => {
      console.log('Stopping after this history.')
      stopping.abort()
    })

  console.log(`${kills} kills, seed ${seed}`)
  let told = 0
  const campaign = await runCrashCampaign({
    kills: kills ?? 0,
    seed,
    files: files ?? 0,
    starters: starters ?? 0,
    signal: stopping.signal,
    onRound({ seed: roundSeed, violations }, soFar) {
      for (const sentence of violations) console.log(`seed ${roundSeed}: ${sentence}`)
      if (soFar < told + 25) return
      told = soFar
      console.log(`${soFar} kills`)
    },
  })
  console.log(describeCampaign(campaign))
  if (campaign.violations.length > 0) process.exitCode = 1
}

await main()
