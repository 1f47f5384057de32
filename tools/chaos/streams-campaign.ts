import { Agent } from 'node:http'
import { type AddressInfo, createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { checkJiraToken, register, signIn } from '@studioops/contracts/accounts'
import { saveModel } from '@studioops/contracts/connections'
import { createStory, writeStory } from '@studioops/contracts/stories'
import { demoModelKey, demoPeople } from '../../apps/server/src/simulators/demo-data.ts'
import { createRandom } from '../../apps/server/src/simulators/random.ts'
import { createTestClient, type TestClient } from '../../apps/server/src/testing/test-client.ts'
import { startOutside } from './outside-process.ts'
import { makeDataDirectory, removeDataDirectory, startProduct } from './product-process.ts'
import { read, type Read, type ReaderWay } from './streams-reader.ts'

export type Campaign = {
  readonly streams: number
  readonly cuts: number
  readonly kills: number
  readonly seed: number
  /** Streams that go on at the same time. */
  readonly atOnce: number
  readonly onProgress?: (ended: number, kills: number) => void
  readonly signal?: AbortSignal
}

export type Report = {
  readonly streams: number
  readonly seconds: number
  readonly cuts: number
  readonly kills: number
  /** From the server's own word that it is ready until the last open reader heard something, per kill. */
  readonly resumeMs: readonly number[]
  readonly violations: readonly string[]
}

const password = 'Right1!pass'

/** Many answers, each read over connections that are cut at random bytes, while the server is killed. */
export async function runStreams(campaign: Campaign): Promise<Report> {
  const { streams, atOnce, kills: wanted, seed, signal, onProgress = () => {} } = campaign
  const startedAt = performance.now()
  const random = createRandom(seed)
  await using scene = await openScene()
  const readers = new Set<{ heardAt: number }>()
  const reads: Read[] = []
  const resumeMs: number[] = []
  let kills = 0

  async function readOne(index: number): Promise<void> {
    const text = storyOf(index)
    const runId = await insist(() => scene.startRun(text))
    const reader = { heardAt: 0 }
    readers.add(reader)
    // A connection that was begun before the kill says nothing about what came after it.
    const onWord = (begunAt: number) => {
      reader.heardAt = Math.max(reader.heardAt, begunAt)
    }
    const { client, origin, agent } = scene
    const own = createRandom(seed + index)
    const way: ReaderWay = index % 8 === 6 ? 'socket' : index % 8 === 7 ? 'poll' : 'stream'
    const reading = { origin, client, runId, way, cuts: campaign.cuts, random: own, text, onWord }
    reads.push(await read(reading, agent))
    readers.delete(reader)
    onProgress(reads.length, kills)
  }

  async function killNow(): Promise<void> {
    await scene.kill()
    const readyAt = await scene.start()
    kills += 1
    const open = [...readers]
    while ([...readers].some((one) => open.includes(one) && one.heardAt < scene.killedAt()))
      await sleep(5)
    resumeMs.push(performance.now() - readyAt)
  }

  async function killUntil(isOver: () => boolean): Promise<void> {
    while (!isOver() && kills < wanted && signal?.aborted !== true) {
      await sleep(20)
      if (readers.size > 0 && reads.length / streams >= kills / (wanted + 1)) {
        await sleep(200 + random() * 800)
        await killNow()
      }
    }
  }

  let next = 0
  let isOver = false
  const killing = killUntil(() => isOver)
  await Promise.all(
    Array.from({ length: Math.min(atOnce, streams) }, async () => {
      while (next < streams && signal?.aborted !== true) {
        next += 1
        await readOne(next - 1)
      }
    }),
  )
  isOver = true
  await killing
  return {
    streams: reads.length,
    seconds: (performance.now() - startedAt) / 1_000,
    cuts: reads.reduce((sum, one) => sum + one.cuts, 0),
    kills,
    resumeMs,
    violations: reads.flatMap(({ violations }) => violations),
  }
}

/** While the server is away nothing can be asked of it. */
async function insist<T>(ask: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await ask()
    } catch (error) {
      if (error instanceof Error && /: 4\d\d /.test(error.message)) throw error
      await sleep(50)
    }
  }
}

/** A story that keeps all rules, with what is hard to cut: two directions, and characters of four bytes. */
function storyOf(index: number): string {
  const sentence = `לקוחה ${index} משלמת בכרטיס שמור 👩‍🚀💳 and hears why it failed: ${'𝕏é'.repeat(3)}`
  return JSON.stringify({
    kind: 'story',
    summary: `תשלום בכרטיס שמור ${index} 🎈`,
    narrative: { asA: 'לקוחה', iWant: 'לשלם 💳', soThat: 'ההזמנה תישלח' },
    acceptanceCriteria: Array.from({ length: 8 }, (_, line) => `${line} ${sentence}`),
    scenarios: [],
    stlcNotes: {
      scope: 'תשלום 💳',
      data: 'Cards.',
      environments: 'Staging.',
      cases: 'One each.',
      entryCriteria: 'Agreed.',
      exitCriteria: 'Met.',
    },
    storyPoints: 2,
  })
}

async function openScene() {
  await using opened = new AsyncDisposableStack()
  const outside = opened.use(await startOutside())
  await outside.order({ simulator: 'model', pace: { firstTokenMs: 20, gapMs: 20 } })
  const directory = await makeDataDirectory('streams')
  opened.defer(() => removeDataDirectory(directory))
  const port = await freePort()
  const environment = { ALLOWED_INTEGRATION_HOSTS: outside.host, PORT: String(port) }
  let product = startProduct({ directory, environment })
  opened.defer(() => product.stop())
  const origin = await product.ready
  const agent = new Agent({ keepAlive: true, maxSockets: Infinity })
  opened.defer(() => agent.destroy())
  const client = createTestClient(origin)
  await signUp(client, { jiraUrl: outside.jiraUrl, modelUrl: outside.modelUrl })
  let killedAt = 0
  const running = opened.move()
  return {
    origin,
    client,
    agent,
    killedAt: () => killedAt,
    async startRun(text: string): Promise<string> {
      const body = { requirement: `@@raw ${text}`, format: 'classic', language: 'he' } as const
      const { story } = await client.call(createStory, { body })
      const { run } = await client.call(writeStory, { params: { storyId: story.id }, body: {} })
      return run.id
    },
    async kill(): Promise<void> {
      await product.kill()
      killedAt = performance.now()
    },
    /** @returns when it said that it is ready */
    async start(): Promise<number> {
      product = startProduct({ directory, environment })
      await product.ready
      return performance.now()
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}

async function signUp(
  client: TestClient,
  { jiraUrl, modelUrl }: Record<'jiraUrl' | 'modelUrl', string>,
) {
  const [person] = demoPeople.filter(({ status }) => status === 'active')
  const token = person?.personalAccessToken ?? ''
  const { ticket, identity } = await client.call(checkJiraToken, { body: { jiraUrl, token } })
  await client.call(register, { body: { ticket, password } })
  await client.call(signIn, { body: { username: identity.employeeId, password } })
  await client.call(saveModel, {
    body: { baseUrl: modelUrl, model: 'demo-writer', apiKey: demoModelKey },
  })
}

/** The same after each start, so that readers find it again. */
async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise<void>((resolve) => server.close(() => resolve()))
  return port
}

export function describeStreams({ violations, resumeMs, ...report }: Report): string {
  const { streams, cuts, kills, seconds } = report
  const resumes = resumeMs.map((ms) => ms.toFixed(0)).join(', ')
  return [
    `${streams} streams, ${cuts} cuts and ${kills} kills in ${seconds.toFixed(0)} s`,
    `every open reader heard again within ${resumes} ms after each start`,
    `${violations.length} violations`,
    ...violations.slice(0, 10),
  ].join('\n')
}
