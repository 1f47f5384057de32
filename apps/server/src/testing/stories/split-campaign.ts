import { randomUUID } from 'node:crypto'
import { continueOperation, checkOperation, createAnyway } from '@studioops/contracts/operations'
import * as api from '@studioops/contracts/stories'
import type { StoryContent } from '@studioops/contracts/story-content'
import { createRandom } from '../../simulators/random.ts'
import type { Fault } from '../../simulators/fault-control.ts'
import type { TestApp } from '../test-app.ts'
import type { TestClient } from '../test-client.ts'

export type SplitReport = {
  readonly approvals: number
  /** Issues that Jira holds of them. */
  readonly issues: number
  /** How often a person had to press something for it to go on. */
  readonly helped: number
  readonly restarts: number
  readonly violations: readonly string[]
}

type Campaign = {
  readonly app: TestApp
  readonly approvals: number
  readonly seed: number
  readonly signal?: AbortSignal
  readonly onApproval?: (done: number) => void
}

const creating = 'POST /rest/api/2/issue'
const joining = 'POST /rest/api/2/issueLink'

/** What goes wrong, and how often: on the way, in Jira, and in its answer. */
const troubles: readonly { fault: Fault; route: string; probability: number }[] = [
  { fault: { kind: 'effect-then-lost' }, route: creating, probability: 0.12 },
  { fault: { kind: 'garbage' }, route: creating, probability: 0.06 },
  { fault: { kind: 'cut', by: 'rst' }, route: creating, probability: 0.06 },
  { fault: { kind: 'away' }, route: creating, probability: 0.05 },
  { fault: { kind: 'status', status: 400, body: 'json' }, route: creating, probability: 0.06 },
  { fault: { kind: 'status', status: 503 }, route: creating, probability: 0.02 },
  { fault: { kind: 'effect-then-lost' }, route: joining, probability: 0.1 },
  { fault: { kind: 'status', status: 502, body: 'html' }, route: joining, probability: 0.05 },
]

const roundsMax = 200
const restartEvery = 40

/**
 * Approves splits, twice each, while Jira loses answers, refuses and goes away, and the server is
 * started anew in between; goes on wherever a person would, and counts what stands in Jira.
 */
export async function runSplitCampaign(campaign: Campaign): Promise<SplitReport> {
  const { app, approvals, seed, signal, onApproval } = campaign
  const random = createRandom(seed)
  const violations: string[] = []
  let [issues, helped, restarts, done] = [0, 0, 0, 0]
  let client = await app.withModel()
  for (; done < approvals && signal?.aborted !== true; done += 1) {
    const parts = 2 + Math.floor(random() * 3)
    // A session does not last as long as a long campaign.
    if (done % 100 === 99) client = await app.signedIn()
    const story = await draft(client, done, parts)
    const before = made(app)
    for (const trouble of troubles) app.jira.simulator.faults.set(trouble)
    await press(client, story)
    const isRestarted = done % restartEvery === restartEvery - 1
    if (isRestarted) await app.restart()
    restarts += isRestarted ? 1 : 0
    const found = await seeThrough({ app, client, storyId: story.id })
    app.jira.simulator.faults.clear()
    helped += found.helped
    const stands = made(app) - before
    issues += stands
    const wrong = faultsOf(found.story, { stands, wanted: parts + 1 })
    violations.push(...wrong.map((sentence) => `approval ${done + 1}: ${sentence}`))
    onApproval?.(done + 1)
  }
  return { approvals: done, issues, helped, restarts, violations }
}

function faultsOf(
  { state, operation, issues }: api.Story,
  { stands, wanted }: { readonly stands: number; readonly wanted: number },
): string[] {
  const keys = new Set(issues.map(({ key }) => key))
  const isWhole = keys.size === wanted && !keys.has(undefined)
  return [
    ...(state === 'created' ? [] : [`has no way on: ${operation?.state ?? state}`]),
    ...(stands === wanted ? [] : [`${stands} issues stand in Jira instead of ${wanted}`]),
    ...(isWhole ? [] : ['an issue has no key of its own']),
  ]
}

function made({ jira }: TestApp): number {
  const { creates } = jira.simulator.counters() as { creates: { total: number } }
  return creates.total
}

function contentOf(number: number, criteria: readonly string[], storyPoints: number): StoryContent {
  return {
    summary: `Split ${number}, ${criteria.length} criteria of it`,
    narrative: { asA: 'a clerk', iWant: 'to print lists', soThat: 'nobody has to ask for them' },
    acceptanceCriteria: [...criteria],
    scenarios: [],
    stlcNotes: {
      scope: 'Lists',
      data: 'Two lists',
      environments: 'Test',
      cases: 'One each',
      entryCriteria: 'Built',
      exitCriteria: 'Passed',
    },
    storyPoints,
  }
}

async function draft(client: TestClient, number: number, parts: number): Promise<api.Story> {
  const body = {
    requirement: `Lists for clerks, number ${number}.`,
    format: 'classic' as const,
    language: 'en' as const,
    projectKey: 'PAY',
    issueType: 'Story',
  }
  const { story } = await client.call(api.createStory, { body })
  const criteria = Array.from(
    { length: parts },
    (_, index) => `List number ${index + 1} is printed.`,
  )
  const children = criteria.map((criterion, index) => ({
    content: {
      ...contentOf(number, [criterion], 2),
      summary: `Split ${number}, list ${index + 1}`,
    },
    level: 1 as const,
  }))
  const content = contentOf(number, criteria, 8)
  const written = await client.call(api.editStory, {
    params: { storyId: story.id },
    body: { basedOn: 0, content, children },
  })
  return written.story
}

/** Twice at once, as an impatient person and a browser that repeats. */
async function press(client: TestClient, story: api.Story): Promise<void> {
  const body = {
    version: story.versions.at(-1)?.number ?? 0,
    payloadHash: story.preview?.payloadHash ?? '',
  }
  const params = { storyId: story.id }
  const send = () =>
    client.try(api.approveStory, { params, body }, { 'idempotency-key': randomUUID() })
  await Promise.all([send(), send()])
}

type Watch = { readonly app: TestApp; readonly client: TestClient; readonly storyId: string }

/** Does what the page offers, until all of it stands in Jira or nothing is offered any more. */
async function seeThrough({ app, client, storyId }: Watch) {
  for (let helped = 0; ; helped += 1) {
    const story = await rested(client, storyId)
    if (story.state === 'created' || helped >= roundsMax) return { story, helped }
    // Refusals and outages end some time.
    if (helped > 12) app.jira.simulator.faults.clear()
    await goOn(client, story)
  }
}

async function goOn(client: TestClient, story: api.Story): Promise<void> {
  if (story.state === 'draft') return press(client, story)
  const { operation } = story
  if (operation === undefined) return
  if (operation.state === 'partial') {
    await client.try(continueOperation, { params: { operationId: operation.id } })
    return
  }
  for (const { id: operationId, state } of operation.steps ?? []) {
    const params = { operationId }
    if (state === 'needs-user') await client.try(createAnyway, { params })
    if (state === 'planned' || state === 'unknown') await client.try(checkOperation, { params })
  }
}

async function rested(client: TestClient, storyId: string): Promise<api.Story> {
  for (let look = 0; ; look += 1) {
    const { story } = await client.call(api.getStory, { params: { storyId } })
    const isOver = ['done', 'refused', 'needs-user', 'partial'].includes(
      story.operation?.state ?? '',
    )
    if (isOver || story.state === 'draft' || look >= 8) return story
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
}
