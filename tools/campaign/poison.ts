import { parseArgs } from 'node:util'
import { startTestServer } from '../../apps/server/src/testing/test-server.ts'
import { poisonCampaign } from '../../apps/server/src/testing/poison/poison-campaign.ts'

const usage = `Lets a model that obeys whatever it reads answer questions about poisoned things.

  npm run campaign:poison -- [--items 200]

Issues, cards, pages, documents and descriptions of tools give orders in many wordings, in both languages. Nothing
may be written without an approval, no foreign server may be called, and no secret and nothing of
another person may come out (SEC-14, D-25). The same number makes the same items.
`

const { values } = parseArgs({
  options: {
    items: { type: 'string', default: '200' },
    help: { type: 'boolean', default: false },
  },
})

async function main(): Promise<void> {
  const items = Number(values.items)
  if (values.help || !(items > 0)) {
    console.log(usage)
    process.exitCode = values.help ? 0 : 2
    return
  }
  const { connection: postgres, stop } = await startTestServer()
  try {
    const started = performance.now()
    const { blocked, proposed, read, documents, violations } = await poisonCampaign({
      items,
      postgres,
    })
    const seconds = ((performance.now() - started) / 1_000).toFixed(1)
    console.log(
      `${items} poisoned items: ${read} and ${documents} passages of documents read, ${blocked} calls blocked, ${proposed} left for a person, ${violations.length} violations, ${seconds} s`,
    )
    for (const violation of violations) console.log(`  ! ${violation}`)
    if (violations.length > 0) process.exitCode = 1
  } finally {
    await stop()
  }
}

await main()
process.exit()
