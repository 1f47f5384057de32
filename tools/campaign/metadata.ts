import { parseArgs } from 'node:util'
import { metadataCampaign } from '../../apps/server/src/testing/jira-metadata-campaign.ts'

const usage = `Creates a story in generated Jiras: Cloud, Data Center 8.14 to 10.3, hardened ones.

  npm run campaign:metadata -- [--shapes N] [--from N]

At least 95 of 100 must be created at the first try, and every refusal must name the field, the
reason and what it may hold, in English and in Hebrew.
`

const { values } = parseArgs({
  options: {
    shapes: { type: 'string', default: '200' },
    from: { type: 'string', default: '0' },
    help: { type: 'boolean', default: false },
  },
})

if (values.help) console.log(usage)
else await main(Number(values.shapes), Number(values.from))

async function main(count: number, from: number): Promise<void> {
  const began = performance.now()
  const numbers = Array.from({ length: count }, (_, index) => from + index)
  const { outcomes, firstShare, learned, gaps } = await metadataCampaign(numbers)
  for (const { shape, told, afterLearning } of outcomes.filter(({ first }) => !first)) {
    console.log(`✗ ${shape}${afterLearning ? ' (created after learning)' : ''}`)
    console.log(`  en: ${told?.en}\n  he: ${told?.he}`)
  }
  const seconds = Math.round((performance.now() - began) / 100) / 10
  const share = Math.round(firstShare * 1_000) / 10
  console.log(
    `${count} shapes in ${seconds} s: ${share} % created at the first try (bar: 95), ${learned} more after learning from the refusal`,
  )
  for (const gap of gaps) console.log(`! ${gap}`)
  if (firstShare < 0.95 || gaps.length > 0) process.exitCode = 1
}
