import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { checkJiraToken, register, signIn, stepUp } from '@studioops/contracts/accounts'
import { saveModel } from '@studioops/contracts/connections'
import pg from 'pg'
import { openOwnerTarget, openProductDatabase } from '../../apps/server/src/cli/product-database.ts'
import { loadConfig } from '../../apps/server/src/config/config.ts'
import type { Database } from '../../apps/server/src/platform/db/database.ts'
import { demoModelKey, demoPeople } from '../../apps/server/src/simulators/demo-data.ts'
import { createTestClient, type TestClient } from '../../apps/server/src/testing/test-client.ts'
import { startOutside } from './outside-process.ts'
import { makeDataDirectory, removeDataDirectory, startProduct } from './product-process.ts'

const password = 'Right1!pass'

export type Person = { readonly id: string; readonly client: TestClient }

/** The product as a process that is killed, and the way to its rows and objects past it. */
export type Scene = {
  readonly directory: string
  readonly objects: string
  readonly staging: string
  readonly environment: Readonly<Record<string, string>>
  readonly people: readonly Person[]
  /** The owner of the tables. */
  readonly owner: pg.Pool
  readonly database: Database
  /** How often it was killed; whoever asks something over a kill asks again. */
  kills(): number
  /** SIGKILL, and its start anew; resolves when it is there again. */
  killProduct(): Promise<void>
  /** Gives the passwords again; a confirmed session lasts for some minutes only. */
  confirm(): Promise<void>
  keep(): void
  [Symbol.asyncDispose](): Promise<void>
}

/** @throws when the product or the simulators do not start */
export async function openScene(): Promise<Scene> {
  await using opened = new AsyncDisposableStack()
  const outside = opened.use(await startOutside())
  await outside.order({ simulator: 'model', pace: { firstTokenMs: 10, gapMs: 10 } })
  const directory = await makeDataDirectory('deletion')
  let keeps = false
  opened.defer(async () => {
    if (!keeps) await removeDataDirectory(directory)
  })
  const environment = { ALLOWED_INTEGRATION_HOSTS: outside.host, PORT: String(await freePort()) }
  let product = startProduct({ directory, environment })
  opened.defer(() => product.stop())
  const people = await signUp(await product.ready, outside)
  const config = loadConfig({ STUDIOOPS_DATA_DIR: directory, ...environment })
  const owner = new pg.Pool({ ...(await openOwnerTarget(config, opened)), max: 8 })
  owner.on('error', () => undefined)
  opened.defer(() => owner.end())
  const database = await openProductDatabase(config, opened)
  let kills = 0
  const running = opened.move()
  return {
    directory,
    objects: join(directory, 'files/objects'),
    staging: join(directory, 'files/staging'),
    environment: { STUDIOOPS_DATA_DIR: directory, DATABASE_URL: '', ...environment },
    people,
    owner,
    database,
    kills: () => kills,
    async killProduct() {
      await product.kill()
      kills += 1
      product = startProduct({ directory, environment })
      await product.ready
    },
    async confirm() {
      for (const { client } of people)
        await insist(() => client.call(stepUp, { body: { password } }))
    },
    keep() {
      keeps = true
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}

type Addresses = { readonly jiraUrl: string; readonly modelUrl: string }

async function signUp(origin: string, { jiraUrl, modelUrl }: Addresses): Promise<Person[]> {
  const people: Person[] = []
  for (const person of demoPeople.filter(({ status }) => status === 'active')) {
    const client = createTestClient(origin)
    const token = person.personalAccessToken
    const { ticket, identity } = await client.call(checkJiraToken, { body: { jiraUrl, token } })
    await client.call(register, { body: { ticket, password } })
    const body = { username: identity.employeeId, password }
    const { session } = await client.call(signIn, { body })
    await client.call(saveModel, {
      body: { baseUrl: modelUrl, model: 'demo-writer', apiKey: demoModelKey },
    })
    people.push({ id: session.account.id, client })
  }
  return people
}

/** The same after each start, so that whoever asks finds it again. */
async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise<void>((resolve) => server.close(() => resolve()))
  return port
}

const againMs = 50

/** While the server is away, or not ready yet, nothing can be asked of it. */
export async function insist<T>(ask: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      const answer = await ask()
      if (!isToldLater(answer)) return answer
    } catch (error) {
      if (!isAway(error)) throw error
    }
    await sleep(againMs)
  }
}

/** It starts, waits for its database, or still believes that a request goes on that was killed. */
const laterCodes = ['server.starting', 'database.unavailable', 'idempotency.in-progress']
const isLater = (text: string) => laterCodes.some((code) => text.includes(`"${code}"`))

function isToldLater(answer: unknown): boolean {
  if (typeof answer !== 'object' || answer === null || !('problem' in answer)) return false
  return isLater(JSON.stringify(answer.problem))
}

/** An answer that was begun and broke off is none. */
function isAway(error: unknown): boolean {
  if (error instanceof TypeError || error instanceof SyntaxError) return true
  return error instanceof Error && isLater(error.message)
}
