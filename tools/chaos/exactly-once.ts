import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { describeExactlyOnce, runExactlyOnce } from './exactly-once-campaign.ts'

const usage = `Creates issues, pages, cards, comments and checklists in Jira and Confluence of both kinds and in
Trello through the outbox, while answers are lost, the rate is refused and workers are killed, and
counts what stands there.

  npm run chaos:exactly-once -- [--creates 5000] [--seed N]
`

const { values } = parseArgs({
  options: {
    creates: { type: 'string', default: '5000' },
    seed: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})

async function main(): Promise<void> {
  const creates = Number(values.creates)
  const seed = values.seed === undefined ? randomInt(1_000_000) : Number(values.seed)
  const isUnderstood = Number.isInteger(creates) && Number.isInteger(seed) && creates > 0
  if (values.help || !isUnderstood) {
    console.log(usage)
    process.exitCode = values.help ? 0 : 2
    return
  }
  const stopping = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stopping.abort())
  console.log(`${creates} creates, seed ${seed}`)
  let told = 0
  const report = await runExactlyOnce({
    creates,
    seed,
    signal: stopping.signal,
    onProgress(done, kills) {
      if (done < told + creates / 20) return
      told = done
      console.log(`${done} at rest, ${kills} kills`)
    },
  })
  console.log(describeExactlyOnce(report))
  const { duplicates, missing, violations } = report
  if (duplicates.length + missing.length + violations.length > 0) process.exitCode = 1
}

await main()
