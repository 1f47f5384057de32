import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { runSplitCampaign } from '../../apps/server/src/testing/stories/split-campaign.ts'
import { startTestApp } from '../../apps/server/src/testing/test-app.ts'
import { startTestServer } from '../../apps/server/src/testing/test-server.ts'
import { runCampaign } from './approve-campaign.ts'
import { describeReport } from './approve-report.ts'

const usage = `Kills the product again and again while a story is approved, and counts the issues in Jira.

  npm run chaos:approve -- [--kills 200] [--seed N]
  npm run chaos:approve -- --splits 1000 [--seed N]

With --splits the approvals are those of split stories, each several issues and what joins them, under
the faults of Jira: lost answers, refusals, outages, and servers that are started anew in between.

The seed makes the same plans again; where a kill strikes depends on the machine as well.
`

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '200' },
    splits: { type: 'string' },
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

  if (values.splits !== undefined) return splits(Number(values.splits), seed, stopping.signal)
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

async function splits(approvals: number, seed: number, signal: AbortSignal): Promise<void> {
  console.log(`${approvals} approvals of splits, seed ${seed}`)
  const { connection: postgres, stop } = await startTestServer()
  try {
    await using app = await startTestApp({ postgres })
    const report = await runSplitCampaign({
      app,
      approvals,
      seed,
      signal,
      onApproval: (done) => (done % 50 === 0 ? console.log(`${done} approvals`) : undefined),
    })
    const { issues, helped, restarts, violations } = report
    console.log(
      `${report.approvals} approvals, ${issues} issues, ${helped} times a person went on, ${restarts} restarts, ${violations.length} violations`,
    )
    for (const violation of violations) console.log(`  ! ${violation}`)
    if (violations.length > 0) process.exitCode = 1
  } finally {
    await stop()
  }
}

await main()
// What the product leaves open must not keep a campaign that is over.
process.exit()
