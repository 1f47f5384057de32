import { checkJiraToken, extendSession, register, signIn } from '@studioops/contracts/accounts'
import { demoPeople } from '../../apps/server/src/simulators/demo-data.ts'
import { createTestClient, type TestClient } from '../../apps/server/src/testing/test-client.ts'
import { type Outside, startOutside } from './outside-process.ts'
import {
  killDatabase,
  makeDataDirectory,
  type Product,
  removeDataDirectory,
  startProduct,
} from './product-process.ts'
import type { RoundPlan, Victim } from './approve-plan.ts'

const email = 'noa.levi@studio.example'
const password = 'Right1!pass'

/** A product with one person who is signed in, and a Jira that lives on when the product is killed. */
export type Scene = {
  readonly directory: string
  readonly outside: Outside
  /** Milliseconds of the last start that was not cut off. */
  readonly lastStartMs: number
  /** How often a process was killed so far. */
  readonly kills: number
  /** The person's browser, which keeps its cookies over every restart. */
  client(): TestClient
  kill(victim: Victim, databaseAheadMs: number): Promise<void>
  /** Starts it and kills it again after so many milliseconds. */
  startAndKill(afterMs: number): Promise<void>
  start(): Promise<void>
  setFaults(plan: RoundPlan): Promise<void>
  clearFaults(): Promise<void>
  /** Keeps the data directory when the scene is closed. */
  keep(): void
  [Symbol.asyncDispose](): Promise<void>
}

/** @throws when the product or the simulators do not start */
export async function openScene(): Promise<Scene> {
  await using opened = new AsyncDisposableStack()
  const outside = opened.use(await startOutside())
  const directory = await makeDataDirectory('chaos')
  let keeps = false
  opened.defer(async () => {
    if (!keeps) await removeDataDirectory(directory)
  })
  const environment = {
    ALLOWED_INTEGRATION_HOSTS: outside.host,
    OUTBOX_LOOKUP_SECONDS: '0.1,0.3,0.6',
    SESSION_TIMEOUT_MINUTES: '30',
  }
  const launch = () => startProduct({ directory, environment })

  let product: Product = launch()
  opened.defer(async () => product.stop())
  let kills = 0
  let lastStartMs = 0
  let browser = createTestClient(await product.ready)
  await signUp(browser, outside.jiraUrl)

  async function start(): Promise<void> {
    const startedAt = performance.now()
    product = launch()
    const next = createTestClient(await product.ready)
    lastStartMs = performance.now() - startedAt
    for (const [name, value] of browser.cookies) next.cookies.set(name, value)
    browser = next
    if (kills % 20 === 0) await browser.call(extendSession, {})
  }
  await product.stop()
  await start()

  const running = opened.move()
  return {
    directory,
    outside,
    get lastStartMs() {
      return lastStartMs
    },
    get kills() {
      return kills
    },
    client: () => browser,
    start,
    async kill(victim, databaseAheadMs) {
      kills += 1
      if (victim !== 'server') await killDatabase(directory)
      if (victim === 'database, then server') await sleep(databaseAheadMs)
      await product.kill()
    },
    async startAndKill(afterMs) {
      product = launch()
      await sleep(afterMs)
      kills += 1
      await product.kill()
    },
    async setFaults({ latencyMs, losesAnswer, answersSlowly, project }) {
      const create = { route: 'POST /rest/api/2/issue' }
      await outside.order({
        simulator: 'jira',
        clear: true,
        set: [
          { fault: { kind: 'latency', latencyMs } },
          ...(project.creation === 'refused'
            ? [{ ...create, fault: { kind: 'status' as const, status: 400 } }]
            : []),
          ...(losesAnswer
            ? [{ ...create, times: 1, fault: { kind: 'effect-then-lost' as const } }]
            : []),
          // One answer is some 120 bytes long.
          ...(answersSlowly
            ? [{ ...create, times: 1, fault: { kind: 'slow-body' as const, gapMs: 1 } }]
            : []),
        ],
      })
    },
    clearFaults: () => outside.order({ simulator: 'jira', clear: true }),
    keep() {
      keeps = true
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}

async function signUp(client: TestClient, jiraUrl: string): Promise<void> {
  const person = demoPeople.find(({ emailAddress }) => emailAddress === email)
  const token = person?.personalAccessToken ?? ''
  const { ticket } = await client.call(checkJiraToken, { body: { jiraUrl, token } })
  await client.call(register, { body: { ticket, password, email } })
  await client.call(signIn, { body: { username: email, password } })
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
