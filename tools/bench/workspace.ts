import { checkJiraToken, getSession, register, signIn } from '@studioops/contracts/accounts'
import { getInstallation, startDemo } from '@studioops/contracts/installation'
import { createStory, editStory } from '@studioops/contracts/stories'
import { createTestClient, type TestClient } from '../../apps/server/src/testing/test-client.ts'
import {
  databasePid,
  makeDataDirectory,
  type Product,
  removeDataDirectory,
  startProduct,
} from '../chaos/product-process.ts'

const password = 'Right1!pass'

/** The product on a data directory of its own, with the demo and one person who is signed in. */
export type Workspace = {
  readonly directory: string
  readonly product: Product
  readonly origin: string
  readonly client: TestClient
  readonly userId: string
  /** Process id of its PostgreSQL. */
  readonly databasePid: number
  [Symbol.asyncDispose](): Promise<void>
}

type Opening = {
  readonly environment?: Readonly<Record<string, string>>
  readonly nodeArguments?: readonly string[]
  /** The outside; default: the simulators of the demo inside the product. */
  readonly jira?: { readonly url: string; readonly token: string }
}

export async function openWorkspace({ jira, ...options }: Opening = {}): Promise<Workspace> {
  await using opened = new AsyncDisposableStack()
  const directory = await makeDataDirectory('bench')
  opened.defer(() => removeDataDirectory(directory))
  const environment = { LOG_LEVEL: 'info', ...options.environment }
  const product = startProduct({ ...options, directory, environment })
  opened.defer(() => product.stop())
  const origin = await product.ready
  const client = createTestClient(origin)
  const userId = await signUp(client, jira ?? (await chooseDemo(client)))
  const pid = await databasePid(directory)
  if (pid === undefined) throw new Error('the embedded PostgreSQL is not there')
  const running = opened.move()
  return {
    directory,
    product,
    origin,
    client,
    userId,
    databasePid: pid,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}

async function chooseDemo(client: TestClient) {
  const { mode, demo } = await client.call(getInstallation, {})
  const started = mode === 'new' ? (await client.call(startDemo, {})).demo : demo
  const person = started?.people.find(({ state }) => state === 'active')
  return { url: started?.jiraUrl ?? '', token: person?.token ?? '' }
}

async function signUp(client: TestClient, jira: { url: string; token: string }): Promise<string> {
  const body = { jiraUrl: jira.url, token: jira.token }
  const { ticket, identity } = await client.call(checkJiraToken, { body })
  await client.call(register, { body: { ticket, password } })
  await client.call(signIn, { body: { username: identity.employeeId, password } })
  const { session } = await client.call(getSession, {})
  if (session === undefined) throw new Error('nobody is signed in')
  return session.account.id
}

/** What a browser would send with its requests. */
export function cookieOf({ cookies }: TestClient): string {
  return [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
}

export async function addStories({ client }: Workspace, count: number): Promise<void> {
  const section = 'As agreed.'
  for (let number = 1; number <= count; number += 1) {
    const summary = `Story ${number}: pay with a saved card and hear why a payment failed`
    const { story } = await client.call(createStory, {
      body: {
        requirement: `${summary}. The card is charged once.`,
        format: 'classic',
        language: 'en',
        projectKey: 'PAY',
        issueType: 'Story',
      },
    })
    const content = {
      summary,
      narrative: { asA: 'customer', iWant: 'to pay', soThat: 'the order is sent' },
      acceptanceCriteria: ['The card is charged once.', 'A failed payment is explained.'],
      scenarios: [],
      stlcNotes: {
        scope: section,
        data: section,
        environments: section,
        cases: section,
        entryCriteria: section,
        exitCriteria: section,
      },
      storyPoints: 2,
    }
    await client.call(editStory, { params: { storyId: story.id }, body: { basedOn: 0, content } })
  }
}
