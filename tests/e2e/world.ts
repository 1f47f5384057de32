import {
  checkJiraToken,
  getSession,
  register as registerEndpoint,
  signIn,
  stepUp,
} from '@studioops/contracts/accounts'
import {
  saveConfluence,
  saveModel,
  saveTrello,
  testConfluence,
  testModel,
  testTrello,
} from '@studioops/contracts/connections'
import { listBoards, readBoard } from '@studioops/contracts/boards'
import {
  type DemoFaults,
  getInstallation,
  setDemoFaults,
  startDemo,
} from '@studioops/contracts/installation'
import { changePerson, listPeople } from '@studioops/contracts/people'
import { stopRun } from '@studioops/contracts/runs'
import {
  approveStory,
  createStory,
  editStory,
  getStory,
  type Story,
  writeStory,
} from '@studioops/contracts/stories'
import { addStorySource, findStorySources } from '@studioops/contracts/story-context'
import type { BrowserContext } from 'playwright-core'
import { createTestClient, type TestClient } from '../../apps/server/src/testing/test-client.ts'
import { demoPerson, password } from './steps.ts'
import type { Language } from './words.ts'

/** A person of the demo with something in every state, made through the API because that is quick. */
export type Resident = {
  readonly client: TestClient
  /** Ids of stories by how they stand. */
  readonly stories: Readonly<Record<StoryName, string>>
}

type StoryName =
  | 'untouched'
  | 'stopped'
  | 'asked'
  | 'draft'
  | 'created'
  | 'offline'
  | 'ready'
  | 'split'
  | 'broken'

/** Who lives in the demo, and what they ask for. */
export const inhabitants = {
  en: {
    name: 'daniel.cohen',
    projectKey: 'PAY',
    requirement: 'Customers want to pay a saved cart later, so that they can compare prices first.',
    question: 'Customers can choose among our card schemes.',
    large: [
      'An accountant exports the open invoices as a spreadsheet.',
      'The file is named after the month.',
      'Amounts are shown in shekels and in the original currency.',
      'Paid invoices are left out.',
      'The export of 10,000 invoices is ready within 5 seconds.',
      'A second press while it runs begins no second export.',
      'The file is kept for 30 days.',
    ].join(' '),
  },
  he: {
    name: 'noa.levi',
    projectKey: 'STU',
    requirement: 'לקוחות רוצים לשלם מאוחר יותר על עגלה שמורה, כדי שיוכלו להשוות מחירים קודם.',
    question: 'לקוחות רוצים לשלם בכרטיס שמור.',
    large: [
      'רואת חשבון מייצאת את החשבוניות הפתוחות כגיליון.',
      'הקובץ נקרא על שם החודש.',
      'הסכומים מוצגים בשקלים ובמטבע המקורי.',
      'חשבוניות ששולמו אינן נכללות.',
      'ייצוא של 10,000 חשבוניות מוכן תוך 5 שניות.',
      'לחיצה שנייה בזמן הריצה אינה מתחילה ייצוא שני.',
      'הקובץ נשמר 30 יום.',
    ].join(' '),
  },
} as const

/** Starts the demo of a new installation. @returns what the people of the demo do, in both languages */
export async function beginDemo(url: string): Promise<Record<Language, readonly string[]>> {
  const { demo } = await createTestClient(url).call(startDemo, {})
  const titles = demo?.people.map(({ title }) => title) ?? []
  return { en: titles.map(({ en }) => en), he: titles.map(({ he }) => he) }
}

/** Registers the person of the language, without model and without stories. */
export async function moveIn(url: string, language: Language): Promise<TestClient> {
  const client = createTestClient(url, language)
  const { name } = inhabitants[language]
  const person = demoPerson(name)
  const { demo } = await client.call(getInstallation, {})
  const { ticket } = await client.call(checkJiraToken, {
    body: { jiraUrl: demo?.jiraUrl ?? '', token: person.personalAccessToken },
  })
  await client.call(registerEndpoint, { body: { ticket, password, language } })
  await client.call(signIn, { body: { username: name, password } })
  return client
}

export async function connectModel(client: TestClient): Promise<void> {
  const { demo } = await client.call(getInstallation, {})
  if (demo === undefined) throw new Error('there is no demo')
  const body = { baseUrl: demo.modelUrl, model: demo.modelName, apiKey: demo.modelKey }
  await client.call(saveModel, { body })
  await client.call(testModel, { body })
}

/** Connects Trello and Confluence with what the demo gives the person, and reads the boards once. */
export async function connectMore(client: TestClient, language: Language): Promise<void> {
  const { demo } = await client.call(getInstallation, {})
  const person = demo?.people.find(({ employeeId }) => employeeId === inhabitants[language].name)
  if (demo === undefined || person === undefined) throw new Error('there is no demo')
  const trello = { baseUrl: demo.trelloUrl, key: demo.trelloKey, token: person.trelloToken }
  await client.call(saveTrello, { body: trello })
  await client.call(testTrello, { body: trello })
  const confluence = {
    baseUrl: demo.confluenceUrl,
    flavour: 'dc' as const,
    token: person.confluenceToken,
  }
  await client.call(saveConfluence, { body: confluence })
  await client.call(testConfluence, { body: confluence })
  const { boards } = await client.call(listBoards, {})
  for (const { id } of boards) await client.call(readBoard, { params: { boardId: id } })
}

/** Gives a story a card and an issue to be written from. */
export async function giveContext(client: TestClient, storyId: string): Promise<void> {
  const params = { storyId }
  const query = { kind: 'trello-card', query: '' } as const
  const { found } = await client.call(findStorySources, { params, query })
  const [card] = found
  if (card?.boardId === undefined) throw new Error('there is no card')
  const { ref, boardId } = card
  await client.call(addStorySource, { params, body: { kind: 'trello-card', ref, boardId } })
  await client.call(addStorySource, { params, body: { kind: 'jira-issue', ref: 'PAY-1' } })
}

/** Connects the model and fills the house: a story in each state, several being written at once. */
export async function settle(client: TestClient, language: Language): Promise<Resident> {
  const { projectKey, requirement, question, large } = inhabitants[language]
  await connectModel(client)
  const begin = async (text: string, format: 'classic' | 'bdd' = 'classic') => {
    const issueType = 'Story'
    const body = { requirement: text, format, language, projectKey, issueType }
    return (await client.call(createStory, { body })).story.id
  }
  const write = async (text: string, format?: 'classic' | 'bdd') => {
    const storyId = await begin(text, format)
    const { run } = await client.call(writeStory, { params: { storyId }, body: {} })
    await client.follow(run.id)
    return storyId
  }
  const stop = async () => {
    const storyId = await begin(requirement, 'bdd')
    const { run } = await client.call(writeStory, { params: { storyId }, body: {} })
    await client.follow(run.id, { until: (_, count) => count > 30 })
    await client.call(stopRun, { params: { runId: run.id } })
    return storyId
  }
  const create = async () => {
    const storyId = await write(requirement)
    await approve(client, storyId)
    await storyBecomes(client, storyId, ({ state }) => state === 'created')
    return storyId
  }
  const spoil = async () => {
    const storyId = await write(requirement)
    const newest = (await client.call(getStory, { params: { storyId } })).story.versions.at(-1)
    if (newest === undefined) throw new Error('nothing was written')
    const { number, content } = newest
    const long = `${content.summary} `.repeat(12).slice(0, 240).trim()
    const body = { basedOn: number, content: { ...content, summary: long } }
    await client.call(editStory, { params: { storyId }, body })
    return storyId
  }
  const [untouched, stopped, asked, draft, created, ready, split, broken] = await Promise.all([
    begin(requirement),
    stop(),
    write(question),
    write(requirement, 'bdd'),
    create(),
    write(requirement),
    write(large, 'bdd'),
    spoil(),
  ])
  await playFaults(client, { jira: 'none', model: 'away' })
  const offline = await write(requirement)
  await playFaults(client, { jira: 'none', model: 'none' })
  const stories = { untouched, stopped, asked, draft, created, offline, ready, split, broken }
  return { client, stories }
}

export async function approve(client: TestClient, storyId: string): Promise<void> {
  const story = await storyBecomes(client, storyId, ({ preview }) => preview !== undefined)
  const version = story.versions.at(-1)?.number ?? 0
  const payloadHash = story.preview?.payloadHash ?? ''
  await client.call(
    approveStory,
    { params: { storyId }, body: { version, payloadHash } },
    { 'idempotency-key': crypto.randomUUID().replaceAll('-', '') },
  )
}

export async function playFaults(
  client: TestClient,
  faults: Pick<DemoFaults, 'jira' | 'model'> & Partial<DemoFaults>,
): Promise<void> {
  await client.call(setDemoFaults, { body: faults })
}

async function storyBecomes(
  client: TestClient,
  storyId: string,
  isSo: (story: Story) => boolean,
): Promise<Story> {
  for (let tries = 0; tries < 300; tries += 1) {
    const { story } = await client.call(getStory, { params: { storyId } })
    if (isSo(story)) return story
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error(`the story ${storyId} did not come so far in 30 s`)
}

/** Signs the person of the client in in this browser: two browsers never share a session. */
export async function lendSession(
  context: BrowserContext,
  client: TestClient,
  url: string,
): Promise<void> {
  const { session } = await client.call(getSession, {})
  const own = createTestClient(url)
  await own.call(signIn, { body: { username: session?.account.employeeId ?? '', password } })
  await context.addCookies([...own.cookies].map(([name, value]) => ({ name, value, url })))
}

/** Lets everybody run the workspace; the first of them to have registered is the owner. */
export async function runTogether(clients: readonly TestClient[]): Promise<void> {
  for (const client of clients) {
    const { session } = await client.call(getSession, {})
    if (session?.account.role !== 'owner') continue
    await client.call(stepUp, { body: { password } })
    const { people } = await client.call(listPeople, {})
    for (const { id, role } of people)
      if (role === 'member')
        await client.call(changePerson, { params: { personId: id }, body: { role: 'admin' } })
  }
}
