import { saveModel } from '@studioops/contracts/connections'
import { createStory } from '@studioops/contracts/stories'
import { demoModelKey, demoPeople } from '../../apps/server/src/simulators/demo-data.ts'
import { tokensOf } from '../../apps/server/src/simulators/model/model-tokens.ts'
import { startOutside } from '../chaos/outside-process.ts'
import type { BytePipeSettings } from './byte-pipe.ts'
import { atMost, type Line, median, quantile, ratios, spread } from './figures.ts'
import type { StreamLoadResult, StreamLoadSettings, StreamQuestion } from './load-stream.ts'
import { type Portkey, startPortkey } from './portkey.ts'
import { type CpuMeter, meterProcess, meterTree } from './process-cost.ts'
import { startProgram } from './program.ts'
import { cookieOf, openWorkspace, type Workspace } from './workspace.ts'

/** As the goals in performance.md have it. */
const gapMs = 50
const modelFirstTokenMs = 200
/** At most a hundred begin in a second: more of them at once measure how a queue fills. */
const beginEveryMs = 10
/** Node compiles hot code for some ten thousand calls: what begins and ends a run is called once a run. */
const warmRuns = 600

export type StreamEffort = {
  readonly rounds: number
  readonly tokens: number
  readonly streams: number
}

export type StreamCost = {
  readonly lines: readonly Line[]
  /** Microseconds of processor time of Node per token, as the median of the rounds. */
  readonly nodeUs: number
}

type Side = { readonly load: StreamLoadSettings; readonly node: CpuMeter }

type Cost = {
  readonly firstTokenMs: readonly number[]
  /** Microseconds of processor time per token of the model. */
  readonly nodeUs: number
  readonly postgresUs: number
}

/** Stories that are written, stored and streamed, against a proxy that passes the model's bytes on. */
export async function measureStream({
  rounds,
  tokens,
  streams,
}: StreamEffort): Promise<StreamCost> {
  await using outside = await startOutside()
  await using workspace = await openWorkspace({
    environment: { ALLOWED_INTEGRATION_HOSTS: outside.host },
    jira: { url: outside.jiraUrl, token: demoPeople[0]?.personalAccessToken ?? '' },
  })
  const text = storyOf(tokens)
  const stories = await prepare(workspace, { modelUrl: outside.modelUrl, text, streams })
  await using pipe = startProgram<{ origin: string }>('byte-pipe', {
    modelUrl: outside.modelUrl,
  } satisfies BytePipeSettings)
  const { origin } = await pipe.next()
  const shared = { text, staggerMs: Math.max(1_000 / streams, beginEveryMs) }
  const ours: Side = {
    node: meterProcess(workspace.product.pid),
    load: {
      ...shared,
      origin: workspace.origin,
      headers: headersOf(workspace),
      questions: stories.map((storyId) => ({ kind: 'story', storyId })),
    },
  }
  const limit: Side = {
    node: meterProcess(pipe.pid),
    load: {
      ...shared,
      origin,
      headers: { authorization: `Bearer ${demoModelKey}` },
      questions: stories.map(() => askModel(text)),
    },
  }
  const postgres = meterTree(workspace.databasePid)
  await using portkey = await startPortkey()
  const peer =
    portkey && sideOf(portkey, outside.modelUrl, { ...shared, questions: limit.load.questions })
  const sides = peer === undefined ? [ours, limit] : [ours, limit, peer]
  const spoken = tokensOf(text).length * streams

  const play = async (side: Side): Promise<Cost> => {
    side.node.lap()
    postgres.lap()
    await using load = startProgram<StreamLoadResult>('load-stream', side.load)
    const { failures, firstTokenMs } = await load.next()
    if (failures[0] !== undefined)
      throw new Error(
        `${failures.length} of ${streams} streams failed, one of them: ${failures[0]}`,
      )
    return {
      firstTokenMs,
      nodeUs: side.node.lap() / spoken,
      postgresUs: postgres.lap() / spoken,
    }
  }

  // What is compiled and planned now is not measured.
  const pace = (firstTokenMs: number, gap: number) =>
    outside.order({ simulator: 'model', pace: { firstTokenMs, gapMs: gap } })
  await pace(1, 1)
  for (let runs = 0; runs < warmRuns; runs += streams) for (const side of sides) await play(side)
  await pace(modelFirstTokenMs, gapMs)
  for (const side of sides) await play(side)
  const costs: RoundCosts[] = []
  for (let round = 0; round < rounds; round += 1)
    costs.push({
      ours: await play(ours),
      limit: await play(limit),
      ...(peer === undefined ? {} : { peer: await play(peer) }),
    })
  return { lines: describe(costs, streams), nodeUs: median(costs.map((cost) => cost.ours.nodeUs)) }
}

type RoundCosts = { readonly ours: Cost; readonly limit: Cost; readonly peer?: Cost }

type Asked = Pick<StreamLoadSettings, 'staggerMs' | 'questions'> & { readonly text: string }

function sideOf({ origin, pid }: Portkey, modelUrl: string, asked: Asked): Side {
  const path = '/v1/chat/completions'
  return {
    node: meterTree(pid),
    load: {
      ...asked,
      origin,
      questions: asked.questions.map((question) => ({ ...question, path })),
      headers: {
        authorization: `Bearer ${demoModelKey}`,
        'x-portkey-provider': 'openai',
        'x-portkey-custom-host': modelUrl,
      },
    },
  }
}

/** The JSON of a story that keeps all rules, of at least so many tokens. */
function storyOf(tokens: number): string {
  const sentence = 'A customer pays with a saved card and hears why a payment failed. '
  const story = (sentences: number) => {
    const notes = sentence.repeat(sentences).trim()
    return JSON.stringify({
      kind: 'story',
      summary: 'Pay with a saved card',
      narrative: { asA: 'customer', iWant: 'to pay', soThat: 'the order is sent' },
      acceptanceCriteria: ['The card is charged once.'],
      scenarios: [],
      stlcNotes: {
        scope: notes,
        data: notes,
        environments: notes,
        cases: notes,
        entryCriteria: notes,
        exitCriteria: notes,
      },
      storyPoints: 2,
    })
  }
  let sentences = 1
  while (tokensOf(story(sentences)).length < tokens) sentences += 1
  return story(sentences)
}

type Preparing = { readonly modelUrl: string; readonly text: string; readonly streams: number }

async function prepare(
  { client }: Workspace,
  { modelUrl, text, streams }: Preparing,
): Promise<string[]> {
  await client.call(saveModel, {
    body: { baseUrl: modelUrl, model: 'demo-writer', apiKey: demoModelKey },
  })
  const ids: string[] = []
  for (let count = 0; count < streams; count += 1) {
    const { story } = await client.call(createStory, {
      body: { requirement: `@@raw ${text}`, format: 'classic', language: 'en' },
    })
    ids.push(story.id)
  }
  return ids
}

function headersOf({ client }: Workspace): Record<string, string> {
  return {
    cookie: cookieOf(client),
    'accept-language': 'en',
    'x-csrf-token': client.cookies.get('so_csrf') ?? '',
  }
}

function askModel(text: string): StreamQuestion {
  return {
    kind: 'model',
    path: '/chat/completions',
    body: JSON.stringify({
      model: 'demo-writer',
      stream: true,
      messages: [{ role: 'user', content: `@@raw ${text}` }],
    }),
  }
}

function describe(costs: readonly RoundCosts[], streams: number): Line[] {
  const ours = (pick: (cost: Cost) => number) => costs.map((cost) => pick(cost.ours))
  const limit = (pick: (cost: Cost) => number) => costs.map((cost) => pick(cost.limit))
  const added = (share: number) =>
    costs.map(
      (cost) => quantile(cost.ours.firstTokenMs, share) - quantile(cost.limit.firstTokenMs, share),
    )
  const node = ratios(
    ours((cost) => cost.nodeUs),
    limit((cost) => cost.nodeUs),
  )
  const above = (cost: Cost) => median(cost.firstTokenMs) - modelFirstTokenMs
  const row = (what: string, values: readonly number[], digits = 1): Line => ({
    bench: 'stream',
    what: `${streams}: ${what}`,
    value: spread(values, digits),
  })
  return [
    {
      ...row('added time to first token, median of the streams, ms', added(0.5)),
      aim: atMost(median(added(0.5)), 10),
    },
    { ...row('  the same, p99, ms', added(0.99)), aim: atMost(median(added(0.99)), 50) },
    row('  above the model’s own, ours, ms', ours(above)),
    row('  above the model’s own, byte pipe, ms', limit(above)),
    {
      ...row('CPU per token, Node, ours ÷ byte pipe', node, 2),
      aim: atMost(median(node), 1.5),
    },
    row(
      '  Node µs per token, ours',
      ours((cost) => cost.nodeUs),
    ),
    row(
      '  Node µs per token, byte pipe',
      limit((cost) => cost.nodeUs),
    ),
    ...describePeer(costs, row),
    row(
      '  PostgreSQL µs per token, ours (the pipe stores nothing)',
      ours((cost) => cost.postgresUs),
    ),
  ]
}

function describePeer(
  costs: readonly RoundCosts[],
  row: (what: string, values: readonly number[], digits?: number) => Line,
): Line[] {
  const peer = costs.flatMap((cost) => (cost.peer === undefined ? [] : [cost.peer.nodeUs]))
  if (peer.length === 0)
    return [
      {
        bench: 'stream',
        what: '  Portkey: not measured, it could not be installed or started',
        value: '',
      },
    ]
  const shares = ratios(
    costs.map((cost) => cost.ours.nodeUs),
    peer,
  )
  return [
    { ...row('CPU per token, Node, ours ÷ Portkey', shares, 2), aim: atMost(median(shares), 0.7) },
    row('  Node µs per token, Portkey', peer),
  ]
}
