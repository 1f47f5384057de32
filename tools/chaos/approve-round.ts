import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { checkOperation, createAnyway, type Operation } from '@studioops/contracts/operations'
import {
  approveStory,
  createStory,
  editStory,
  fillJiraFields,
  getStory,
} from '@studioops/contracts/stories'
import type { Story } from '@studioops/contracts/stories'
import type { StoryContent } from '@studioops/contracts/story-content'
import type { RoundPlan } from './approve-plan.ts'
import type { Scene } from './approve-scene.ts'
import { issuesWith } from './outside-process.ts'

/** What came of a press, as the person saw it. */
type Seen = 'acknowledged' | 'cut' | `refused ${string}`

export type Ending = 'done' | 'refused' | 'found by a check' | 'created anyway' | 'never at rest'

export type RoundResult = {
  readonly plan: RoundPlan
  readonly storyId: string
  /** Every marker that the story ever had. */
  readonly markers: readonly string[]
  readonly killedAfterMs: number
  readonly acknowledged: boolean
  /** Whether an operation stood in the database when the server was dead, and in which state it was found. */
  readonly found: Operation['state'] | 'none'
  /** Whether the first press after the restart was told that one with its key is still under way. */
  readonly toldToWait: boolean
  readonly ending: Ending
  readonly restedAfterMs: number
  readonly violations: readonly string[]
}

const restWithinMs = 45_000
const restingStates: readonly Operation['state'][] = ['done', 'refused', 'needs-user', 'cancelled']

/** The answer to a second press with the key of one that is not answered yet. */
const underWay: Seen = 'refused idempotency.in-progress'
const harmless: readonly Seen[] = ['acknowledged', underWay]
/** How long an undisturbed approval takes, from the press until it is shown as done. */
export async function measureApproval(scene: Scene): Promise<{ tookMs: number; storyId: string }> {
  await scene.clearFaults()
  const story = await draftStory(scene, 'PAY', 'Undisturbed')
  const pressedAt = performance.now()
  const seen = await press(scene, story, randomUUID())
  if (seen !== 'acknowledged') throw new Error(`an undisturbed approval was answered with ${seen}`)
  while ((await show(scene, story.id)).operation?.state !== 'done') await sleep(2)
  return { tookMs: performance.now() - pressedAt, storyId: story.id }
}

/**
 * One approval that is killed and taken up again, until it has come to rest.
 *
 * @param normalMs how long an approval takes without latency, from the press to `done`
 */
export async function playRound(
  scene: Scene,
  plan: RoundPlan,
  normalMs: number,
): Promise<RoundResult> {
  const violations: string[] = []
  const expect: Expecting['expect'] = (isKept, sentence) => {
    if (!isKept) violations.push(sentence)
  }
  await scene.clearFaults()
  const story = await draftStory(scene, plan.project.key, `Round ${plan.number}`)
  const markers = new Set([markerOf(story)])
  await scene.setFaults(plan)

  const key = randomUUID()
  const pressedAt = performance.now()
  const presses = Array.from({ length: plan.presses }, () => press(scene, story, key))
  await killAt(scene, { plan, marker: markerOf(story), normalMs: normalMs + 3 * plan.latencyMs })
  const killedAfterMs = performance.now() - pressedAt
  const seen = await Promise.all(presses)

  for (const share of plan.startKills) await scene.startAndKill(share * scene.lastStartMs)
  await scene.start()
  const startedAt = performance.now()
  const before = await show(scene, story.id)
  const acknowledged = seen.includes('acknowledged')
  const isThere = before.operation !== undefined
  expect(isThere || !acknowledged, 'the approval was acknowledged and is gone')

  const again = await pressUntilAcknowledged(scene, story, { plan, key })
  for (const one of again.seen)
    expect(harmless.includes(one), `a press after the restart was answered with ${one}`)
  const rested = await waitForRest(scene, story.id)
  const restedAfterMs = performance.now() - startedAt
  const ending = await settle(scene, rested, { expect })
  const last = await show(scene, story.id)
  if (last.operation !== undefined) markers.add(last.operation.marker)

  return {
    plan,
    storyId: story.id,
    markers: [...markers],
    killedAfterMs,
    acknowledged,
    found: before.operation?.state ?? 'none',
    toldToWait: again.toldToWait,
    ending,
    restedAfterMs,
    violations,
  }
}

async function draftStory(scene: Scene, projectKey: string, name: string): Promise<Story> {
  const client = scene.client()
  const title = `${name}: pay with a saved card`
  const { story } = await client.call(createStory, {
    body: {
      requirement: title,
      format: 'classic',
      language: 'en',
      projectKey,
      issueType: 'Story',
    },
  })
  const params = { storyId: story.id }
  const body = { basedOn: 0, content: { ...content, summary: title } }
  const edited = await client.call(editStory, { params, body })
  return fillAsked(scene, edited.story)
}

/** The first choice of each field that the project requires. */
async function fillAsked(scene: Scene, story: Story): Promise<Story> {
  if (story.preview === undefined) throw new Error('the story has no preview')
  const { asked } = story.preview
  if (asked.length === 0) return story
  const values = Object.fromEntries(
    asked.map(({ id, options }) => [id, options?.slice(0, 1).map((one) => one.id) ?? []]),
  )
  const filled = await scene
    .client()
    .call(fillJiraFields, { params: { storyId: story.id }, body: { values } })
  return filled.story
}

const content: Omit<StoryContent, 'summary'> = {
  narrative: { asA: 'customer', iWant: 'to pay with my saved card', soThat: 'I need not type it' },
  acceptanceCriteria: ['The card is charged once.', 'A failed payment is explained.'],
  scenarios: [],
  stlcNotes: {
    scope: 'Payment with saved cards.',
    data: 'Cards of three brands.',
    environments: 'Staging.',
    cases: 'One for each criterion.',
    entryCriteria: 'The requirement is agreed on.',
    exitCriteria: 'All criteria are met.',
  },
  storyPoints: 2,
}

/** Before the approval its marker stands in the preview only: as a label, or in the description. */
function markerOf({ preview }: Story): string {
  const [found] = /so-[a-z2-7]{10}/.exec(JSON.stringify(preview)) ?? []
  if (found === undefined) throw new Error('the preview shows no marker')
  return found
}

/** Never throws: a person whose server dies sees an error, and presses again. */
async function press(scene: Scene, { id, versions, preview }: Story, key: string): Promise<Seen> {
  const body = {
    version: versions.at(-1)?.number ?? 0,
    payloadHash: preview?.payloadHash ?? '',
  }
  try {
    const answer = await scene
      .client()
      .try(approveStory, { params: { storyId: id }, body }, { 'idempotency-key': key })
    return answer.ok ? 'acknowledged' : `refused ${answer.problem.code}`
  } catch {
    return 'cut'
  }
}

type Killing = {
  readonly plan: RoundPlan
  readonly marker: string
  readonly normalMs: number
}

async function killAt(scene: Scene, { plan, marker, normalMs }: Killing): Promise<void> {
  if (plan.moment.kind === 'press') await sleep(plan.moment.share * normalMs)
  else await untilEffect(scene, { marker, withinMs: normalMs + 500 })
  await scene.kill(plan.victim, plan.databaseAheadMs)
}

/** Some approvals never have an effect; those are killed at the end of the time. */
async function untilEffect(
  { outside }: Scene,
  { marker, withinMs }: { marker: string; withinMs: number },
): Promise<void> {
  const until = performance.now() + withinMs
  while (performance.now() < until) {
    if (issuesWith(marker, await outside.jira()) > 0) return
    await sleep(2)
  }
}

async function show(scene: Scene, storyId: string): Promise<Story> {
  const { story } = await scene.client().call(getStory, { params: { storyId } })
  return story
}

type Pressing = { readonly plan: RoundPlan; readonly key: string }

/** Presses as the page does; whoever is told to wait reloads it and presses with a new key. */
async function pressUntilAcknowledged(
  scene: Scene,
  story: Story,
  { plan, key }: Pressing,
): Promise<{ seen: Seen[]; toldToWait: boolean }> {
  const pressAll = (ownKey: string) =>
    Promise.all(Array.from({ length: plan.pressesAgain }, () => press(scene, story, ownKey)))
  const first = await pressAll(plan.keepsKey ? key : randomUUID())
  if (first.includes('acknowledged')) return { seen: first, toldToWait: false }
  const second = await pressAll(randomUUID())
  return { seen: [...first, ...second], toldToWait: first.includes(underWay) }
}

/** @returns the story as it was shown when its operation rested, or at the end of all patience */
async function waitForRest(scene: Scene, storyId: string): Promise<Story> {
  const until = performance.now() + restWithinMs
  let shown = await show(scene, storyId)
  while (!isAtRest(shown) && performance.now() < until) {
    await sleep(25)
    shown = await show(scene, storyId)
  }
  return shown
}

function isAtRest({ operation }: Story): boolean {
  return operation !== undefined && restingStates.includes(operation.state)
}

type Expecting = {
  readonly expect: (isKept: boolean, sentence: string) => void
}

/** Does what is left to do for the person, and holds what is shown against what stands in Jira. */
async function settle(scene: Scene, story: Story, expecting: Expecting): Promise<Ending> {
  const { expect } = expecting
  const { operation } = story
  if (operation === undefined || !isAtRest(story)) {
    expect(false, `it never came to rest: ${JSON.stringify(operation ?? 'no operation')}`)
    return 'never at rest'
  }
  const count = issuesWith(operation.marker, await scene.outside.jira())
  switch (operation.state) {
    case 'done':
      expect(count === 1, `it is shown as done, and Jira has ${count} issues of it`)
      await requireIssue(scene, operation, expect)
      return 'done'
    case 'needs-user':
      expect(count <= 1, `nobody knows what became of it, and Jira has ${count} issues of it`)
      expect(operation.problem !== undefined, 'the person is not told why they are asked')
      return resolveByHand(scene, operation, { ...expecting, count })
    case 'refused':
      expect(count === 0, `it is shown as refused, and Jira has ${count} issues of it`)
      expect(operation.problem !== undefined, 'the person is not told why it was refused')
      return 'refused'
    // oxlint-disable-next-line typescript/switch-exhaustiveness-check -- the others are not at rest, or nobody cancels here
    default:
      expect(false, `it rests as ${operation.state}`)
      return 'never at rest'
  }
}

async function requireIssue(
  { outside }: Scene,
  { key, url, marker }: Operation,
  expect: Expecting['expect'],
): Promise<void> {
  const page = url === undefined ? undefined : await fetch(url)
  const text = (await page?.text()) ?? ''
  expect(
    page?.status === 200 && url?.startsWith(outside.jiraUrl) === true && text.includes(marker),
    `the page of ${key} does not show its issue`,
  )
}

type Resolving = Expecting & { readonly count: number }

/** First a look; what is not there is created, which is the person's decision. */
async function resolveByHand(
  scene: Scene,
  operation: Operation,
  { count, expect }: Resolving,
): Promise<Ending> {
  await scene.clearFaults()
  const params = { operationId: operation.id }
  await scene.client().call(checkOperation, { params })
  const checked = await restOf(scene, operation)
  if (count === 1) {
    expect(checked.state === 'done', 'its issue stands in Jira, and a check does not find it')
    return 'found by a check'
  }
  expect(checked.state === 'needs-user', `a check of nothing ends as ${checked.state}`)
  await scene.client().call(createAnyway, { params })
  const made = await restOf(scene, operation)
  expect(made.state === 'done', `created anyway, it ends as ${made.state}`)
  expect(made.marker !== operation.marker, 'created anyway, it has its old marker')
  return 'created anyway'
}

async function restOf(scene: Scene, operation: Operation): Promise<Operation> {
  const rested = await waitForRest(scene, operation.storyId ?? '')
  return rested.operation ?? operation
}
