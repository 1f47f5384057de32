import { randomBytes } from 'node:crypto'
import { checkJiraToken, register, signIn } from '@studioops/contracts/accounts'
import { saveModel } from '@studioops/contracts/connections'
import type { RunEvent } from '@studioops/contracts/runs'
import { createStory, getStory, writeStory } from '@studioops/contracts/stories'
import { expect, test } from 'vitest'
import { demoModelKey, demoPeople } from '../../apps/server/src/simulators/demo-data.ts'
import { createTestClient, type TestClient } from '../../apps/server/src/testing/test-client.ts'
import { copyDatabase } from '../../apps/server/src/testing/test-database.ts'
import { startTestServer } from '../../apps/server/src/testing/test-server.ts'
import { startOutside } from './outside-process.ts'
import { makeDataDirectory, removeDataDirectory, startProduct } from './product-process.ts'

const password = 'Right1!pass'
const wordsBeforeKill = 3
const text = JSON.stringify({
  kind: 'story',
  summary: 'תשלום בכרטיס שמור 🎈',
  narrative: { asA: 'לקוחה', iWant: 'לשלם 💳', soThat: 'ההזמנה תישלח' },
  acceptanceCriteria: Array.from({ length: 6 }, (_, line) => `${line} הכרטיס מחויב פעם אחת 👩‍🚀`),
  scenarios: [],
  stlcNotes: {
    scope: 'תשלום',
    data: 'Cards.',
    environments: 'Staging.',
    cases: 'One each.',
    entryCriteria: 'Agreed.',
    exitCriteria: 'Met.',
  },
  storyPoints: 2,
})

/** Two processes of the product on one PostgreSQL, with data directories of their own. */
async function openNodes() {
  await using opened = new AsyncDisposableStack()
  const server = await startTestServer()
  opened.defer(() => server.stop())
  const copy = opened.use(await copyDatabase(server.connection))
  const outside = opened.use(await startOutside())
  await outside.order({ simulator: 'model', pace: { firstTokenMs: 20, gapMs: 60 } })
  const { host, port, user, password: secret = '' } = server.connection
  const environment = {
    ALLOWED_INTEGRATION_HOSTS: outside.host,
    STUDIOOPS_MASTER_KEY: randomBytes(32).toString('hex'),
    DATABASE_URL: `postgres://${user}:${encodeURIComponent(secret)}@localhost/${copy.name}?host=${encodeURIComponent(host)}&port=${port}`,
  }
  const start = async (name: string) => {
    const directory = await makeDataDirectory(name)
    opened.defer(() => removeDataDirectory(directory))
    const product = startProduct({ directory, environment })
    opened.defer(() => product.stop())
    return { product, origin: await product.ready }
  }
  const [one, other] = [await start('node-one'), await start('node-other')]
  const running = opened.move()
  return { outside, one, other, [Symbol.asyncDispose]: () => running.disposeAsync() }
}

async function signUp(client: TestClient, jiraUrl: string, modelUrl: string): Promise<void> {
  const [person] = demoPeople.filter(({ status }) => status === 'active')
  const token = person?.personalAccessToken ?? ''
  const { ticket, identity } = await client.call(checkJiraToken, { body: { jiraUrl, token } })
  await client.call(register, { body: { ticket, password } })
  await client.call(signIn, { body: { username: identity.employeeId, password } })
  await client.call(saveModel, {
    body: { baseUrl: modelUrl, model: 'demo-writer', apiKey: demoModelKey },
  })
}

test('what one process writes is heard at the other, and goes on there when it is killed [STR-4, STR-5, D-22]', async () => {
  await using nodes = await openNodes()
  const { one, other, outside } = nodes
  const here = createTestClient(one.origin)
  await signUp(here, outside.jiraUrl, outside.modelUrl)
  // The same browser behind a balancer that knows nothing of sessions.
  const there = createTestClient(other.origin)
  for (const [name, value] of here.cookies) there.cookies.set(name, value)
  const body = { requirement: `@@raw ${text}`, format: 'classic', language: 'he' } as const
  const { story } = await here.call(createStory, { body })
  const params = { storyId: story.id }
  const { run } = await there.call(writeStory, { params, body: {} })

  // Written at the other one and read here, when that process is killed.
  let words = 0
  const isSpeaking = ({ type }: RunEvent) =>
    type === 'assistant_token' && (words += 1) >= wordsBeforeKill
  const before = await here.follow(run.id, { until: isSpeaking })
  const reading = here.follow(run.id, { lastEventId: before.at(-1)?.id ?? '' })
  await other.product.kill()
  const heard = [...before, ...(await reading)]

  const places = heard.map(({ id }) => id.split('.').map(Number))
  expect(places.map(([, seq]) => seq)).toEqual(heard.map((_, index) => index))
  expect(places.map(([epoch = 0]) => epoch)).toEqual(
    places.map(([epoch = 0]) => epoch).toSorted((a, b) => a - b),
  )
  const reset = heard.findIndex(({ event }) => event.type === 'reset')
  expect(heard[reset]?.event).toMatchObject({ type: 'reset', reason: 'restarted' })
  const said = heard
    .slice(reset)
    .map(({ event }) => (event.type === 'assistant_token' ? event.text : ''))
  expect(said.join('')).toBe(text)
  expect(heard.at(-1)?.event).toMatchObject({ type: 'done', state: 'complete' })
  const { story: kept } = await here.call(getStory, { params })
  expect(kept.versions).toHaveLength(1)
}, 120_000)
