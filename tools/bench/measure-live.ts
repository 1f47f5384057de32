import { readFileSync } from 'node:fs'
import { saveModel } from '@studioops/contracts/connections'
import { createStory } from '@studioops/contracts/stories'
import { demoModelKey, demoPeople } from '../../apps/server/src/simulators/demo-data.ts'
import { startOutside } from '../chaos/outside-process.ts'
import { atMost, type Line } from './figures.ts'
import type { StreamLoadResult, StreamLoadSettings } from './load-stream.ts'
import { meterProcess, meterTree } from './process-cost.ts'
import { startProgram } from './program.ts'
import type { StampModelSettings } from './stamp-model.ts'
import { cookieOf, openWorkspace, type Workspace } from './workspace.ts'

export type LiveEffort = { readonly streams: number; readonly words: number }

/** 20 words a second. */
const gapMs = 50
const spreadMs = 15_000

/** Many stories at once, from the moment at which the model writes a word until a reader has it. */
export async function measureLive(effort: LiveEffort): Promise<Line[]> {
  const { streams } = effort
  await using live = await openLive(effort)
  const { product, databasePid } = live.workspace
  const node = meterProcess(product.pid)
  const postgres = meterTree(databasePid)
  const delays = await live.hear()
  const [nodeUs, postgresUs] = [node.lap() / delays.count, postgres.lap() / delays.count]
  const p99 = delays.p99Ms
  const peak = peakMiB(product.pid)
  const row = (what: string, value: number): Line => ({
    bench: 'live',
    what: `${streams}: ${what}`,
    value: value.toFixed(0),
  })
  return [
    row('words that were heard, each once and in order', delays.count),
    row('from the model to the reader, median ms', delays.medianMs),
    { ...row('  the same, p99 ms', p99), aim: atMost(p99, 150) },
    { ...row('highest memory of Node, MiB', peak), aim: atMost(peak, 350) },
    row('  CPU per word with what begins and ends a run, Node, µs', nodeUs),
    row('  the same, PostgreSQL, µs', postgresUs),
  ]
}

/** A workspace with a model that says when it writes each word; `hear` has all the stories written once. */
export async function openLive(
  { streams, words }: LiveEffort,
  nodeArguments: readonly string[] = [],
) {
  await using opened = new AsyncDisposableStack()
  const outside = opened.use(await startOutside())
  const model = opened.use(
    startProgram<{ origin: string }>('stamp-model', { words, gapMs } satisfies StampModelSettings),
  )
  const { origin: modelUrl } = await model.next()
  const workspace = opened.use(
    await openWorkspace({
      nodeArguments,
      environment: { ALLOWED_INTEGRATION_HOSTS: `${outside.host},${new URL(modelUrl).host}` },
      jira: { url: outside.jiraUrl, token: demoPeople[0]?.personalAccessToken ?? '' },
    }),
  )
  const questions = await prepare(workspace, { modelUrl, streams })
  const running = opened.move()
  return {
    workspace,
    /** @throws when a stream did not say its text */
    async hear(staggerMs = spreadMs / streams): Promise<StreamLoadResult['delays']> {
      const { client, origin } = workspace
      await using load = startProgram<StreamLoadResult>('load-stream', {
        origin,
        questions,
        stamps: words,
        staggerMs,
        headers: {
          cookie: cookieOf(client),
          'accept-language': 'en',
          'x-csrf-token': client.cookies.get('so_csrf') ?? '',
        },
      } satisfies StreamLoadSettings)
      const { delays, failures } = await load.next()
      if (failures[0] !== undefined)
        throw new Error(
          `${failures.length} of ${streams} streams failed, one of them: ${failures[0]}`,
        )
      return delays
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}

async function prepare(
  { client }: Workspace,
  { modelUrl, streams }: { modelUrl: string; streams: number },
): Promise<StreamLoadSettings['questions']> {
  await client.call(saveModel, {
    body: { baseUrl: modelUrl, model: 'demo-writer', apiKey: demoModelKey },
  })
  const questions: { kind: 'story'; storyId: string }[] = []
  for (let count = 0; count < streams; count += 1) {
    const { story } = await client.call(createStory, {
      body: { requirement: 'Pay with a saved card', format: 'classic', language: 'en' },
    })
    questions.push({ kind: 'story', storyId: story.id })
  }
  return questions
}

/** The highest that the process has held at once, as the kernel counts it. */
function peakMiB(pid: number): number {
  const [, kiB] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kiB) / 1_024
}
