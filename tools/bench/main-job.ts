import { setTimeout as sleep } from 'node:timers/promises'
import { checkJiraToken, register, signIn } from '@studioops/contracts/accounts'
import { saveModel, testModel } from '@studioops/contracts/connections'
import { startDemo } from '@studioops/contracts/installation'
import { approveStory, createStory, getStory, writeStory } from '@studioops/contracts/stories'
import type { Story } from '@studioops/contracts/stories'
import type { TestClient } from '../../apps/server/src/testing/test-client.ts'

const password = 'Right1!pass'
const issueWithinMs = 60_000

/** Does one step of the job, and may tell how long it took. */
export type Timed = <T>(name: string, work: () => Promise<T>) => Promise<T>

/**
 * The main job in the demo workspace, by the requests that the page sends.
 *
 * @returns the key of the issue
 */
export async function carryToJira(client: TestClient, step: Timed): Promise<string> {
  const page = await client.fetch('/', { headers: { accept: 'text/html' } })
  if (!page.ok) throw new Error(`the first page is answered with ${page.status}`)
  const { demo } = await step('the demo workspace is chosen', () => client.call(startDemo, {}))
  const person = demo?.people.find(({ state }) => state === 'active')
  if (demo === undefined || person === undefined) throw new Error('the demo offers nobody to be')
  await step('registered and signed in', () => signUp(client, demo.jiraUrl, person.token))
  const model = { baseUrl: demo.modelUrl, model: demo.modelName, apiKey: demo.modelKey }
  await step('the model is connected and tested', async () => {
    const { passed } = await client.call(testModel, { body: model })
    if (!passed) throw new Error('the test of the model failed')
    await client.call(saveModel, { body: model })
  })
  const story = await step('a story is written', () => write(client))
  const key = await step('it is approved and stands in Jira', () => approve(client, story))
  const browsed = await fetch(`${demo.jiraUrl}/browse/${key}`)
  if (!browsed.ok) throw new Error(`Jira shows ${key} with ${browsed.status}`)
  return key
}

async function signUp(client: TestClient, jiraUrl: string, token: string): Promise<void> {
  const { ticket, identity } = await client.call(checkJiraToken, { body: { jiraUrl, token } })
  await client.call(register, { body: { ticket, password } })
  await client.call(signIn, { body: { username: identity.employeeId, password } })
}

async function write(client: TestClient): Promise<Story> {
  const { story } = await client.call(createStory, {
    body: {
      requirement: 'A customer pays with a saved card. A failed payment is explained.',
      format: 'classic',
      language: 'en',
      projectKey: 'PAY',
      issueType: 'Story',
    },
  })
  const params = { storyId: story.id }
  const { run } = await client.call(writeStory, { params, body: {} })
  const events = await client.follow(run.id)
  const last = events.at(-1)?.event
  if (last?.type !== 'done' || last.state !== 'complete')
    throw new Error(`the story was not written: ${JSON.stringify(last)}`)
  return (await client.call(getStory, { params })).story
}

async function approve(client: TestClient, { id, versions, preview }: Story): Promise<string> {
  const params = { storyId: id }
  const body = { version: versions.at(-1)?.number ?? 0, payloadHash: preview?.payloadHash ?? '' }
  await client.call(approveStory, { params, body })
  const until = performance.now() + issueWithinMs
  while (performance.now() < until) {
    const { story } = await client.call(getStory, { params })
    if (story.issueKey !== undefined) return story.issueKey
    await sleep(50)
  }
  throw new Error('no issue was made')
}
