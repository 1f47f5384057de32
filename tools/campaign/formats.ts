import { randomInt } from 'node:crypto'
import { inspect, parseArgs } from 'node:util'
import fc from 'fast-check'
import { anyDocument } from '../../apps/server/src/testing/markup/any-document.ts'
import { corpus } from '../../apps/server/src/testing/markup/corpus.ts'
import { parseIn, roundTripCampaign } from '../../apps/server/src/testing/markup/round-trip.ts'

const usage = `Takes documents through Markdown, ADF, wiki markup and storage format, and back.

  npm run campaign:formats -- [--documents 1000] [--seed N]

The corpus of the repository and generated documents. A document has to come back exactly as the
format can say it (docs/markup.md), and whole where nothing is named as lost. The seed makes the same
documents again.
`

const { values } = parseArgs({
  options: {
    documents: { type: 'string', default: '1000' },
    seed: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})

function main(): void {
  const count = Number(values.documents)
  if (values.help || !(count > 0)) {
    console.log(usage)
    process.exitCode = values.help ? 0 : 2
    return
  }
  const seed = values.seed === undefined ? randomInt(2 ** 31) : Number(values.seed)
  const shaped = corpus.map(({ format, source }) => parseIn(format, source)).slice(0, count)
  const generated = fc.sample(anyDocument, { numRuns: count - shaped.length, seed })
  console.log(
    `${shaped.length} documents of the corpus, ${generated.length} generated, seed ${seed}`,
  )
  const started = performance.now()
  const report = roundTripCampaign([...shaped, ...generated])
  const seconds = ((performance.now() - started) / 1_000).toFixed(1)
  for (const { format, exact, whole } of report.formats)
    console.log(
      `  ${format.padEnd(8)} ${exact} of ${report.documents} came back as the format can say them, ${whole} of them whole`,
    )
  const { possible, whole } = report.chain
  console.log(
    `  in a row ${whole} of the ${possible} that all four can say came through all four whole`,
  )
  console.log(`  ${report.failures.length} differ; ${seconds} s`)
  for (const { format, document } of report.failures.slice(0, 3))
    console.log(`\n${format}: ${inspect(document, { depth: 20, breakLength: 120 })}`)
  if (report.failures.length > 0) process.exitCode = 1
}

main()
