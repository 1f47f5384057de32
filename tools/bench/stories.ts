import { parseArgs } from 'node:util'
import { saveModel } from '@studioops/contracts/connections'
import {
  type StoryBenchReport,
  runStoryBench,
} from '../../apps/server/src/testing/stories/story-bench.ts'
import { storyRequirements } from '../../apps/server/src/testing/stories/story-requirements.ts'
import { startTestApp } from '../../apps/server/src/testing/test-app.ts'
import { startTestServer } from '../../apps/server/src/testing/test-server.ts'

const usage = `Story Bench: takes requirements from their first words to Jira, and counts what came of it.

  npm run bench:stories -- [--stories 300] [--mode careless] [--model NAME --base-url URL --key-env NAME]

Modes of the simulated model: good, careless (each fault in turn), wrongjson, toolong, nosections,
drops, hebrewkeys, large. With --model any model behind OpenAI's API is asked instead. With the
simulated model two runs give the same figures, except for times.
`

const { values } = parseArgs({
  options: {
    stories: { type: 'string', default: '300' },
    mode: { type: 'string', default: 'careless' },
    model: { type: 'string' },
    'base-url': { type: 'string' },
    'key-env': { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})

const median = (values: readonly number[], share = 0.5) =>
  values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) * share)] ?? 0

const percent = (part: number, whole: number) =>
  whole === 0 ? 'none' : `${((100 * part) / whole).toFixed(1)} %`

function describeReport(report: StoryBenchReport): string {
  const { stories, approved, violations, criteria, lost } = report
  return [
    `stories written                       ${stories}`,
    `approved and created in Jira          ${approved}`,
    `left for a person                     ${report.forPerson}`,
    `approved drafts that obey all rules   ${percent(approved - Math.min(approved, violations.length), approved)}`,
    `regenerations per story               ${(report.regenerations / Math.max(1, stories)).toFixed(2)}`,
    `stories that were split               ${report.split}`,
    `criteria that survived a split        ${percent(criteria - lost, criteria)} of ${criteria}`,
    `time to first token, p50 / p95        ${median(report.firstTokenMs).toFixed(0)} / ${median(report.firstTokenMs, 0.95).toFixed(0)} ms`,
    `time to created in Jira, p50 / p95    ${median(report.approveMs).toFixed(0)} / ${median(report.approveMs, 0.95).toFixed(0)} ms`,
    ...violations.map((sentence) => `  ! ${sentence}`),
  ].join('\n')
}

async function main(): Promise<void> {
  const wanted = Number(values.stories)
  if (values.help || !(wanted > 0)) {
    console.log(usage)
    process.exitCode = values.help ? 0 : 2
    return
  }
  const { connection: postgres, stop } = await startTestServer()
  try {
    await using app = await startTestApp({ postgres })
    const client = await app.withModel()
    app.model.simulator.setPace({ firstTokenMs: 1, gapMs: 0 })
    const suffix = values.mode === 'good' ? '' : `:${values.mode}`
    // oxlint-disable-next-line node/no-process-env -- the key of a foreign model is not to stand in a list of processes
    const key = process.env[values['key-env'] ?? ''] ?? app.model.key
    await client.call(saveModel, {
      body: {
        baseUrl: values['base-url'] ?? app.model.url,
        model: values.model ?? `demo-writer${suffix}`,
        apiKey: key,
      },
    })
    const all = storyRequirements()
    const step = all.length / Math.min(wanted, all.length)
    const requirements = all.filter(
      (_, index) => Math.floor(index / step) !== Math.floor((index - 1) / step),
    )
    const report = await runStoryBench({
      client,
      requirements,
      onStory: (done) => (done % 25 === 0 ? console.log(`${done} stories`) : undefined),
    })
    console.log(describeReport(report))
    if (report.violations.length > 0) process.exitCode = 1
  } finally {
    await stop()
  }
}

await main()
process.exit()
