import { answerRun } from '@studioops/contracts/runs'
import * as api from '@studioops/contracts/stories'
import { setOwnRule } from '@studioops/contracts/story-rule-settings'
import { checkStory, mergeRuleSettings, storyRule } from '@studioops/contracts/story-rules'
import { lostCriteria } from '@studioops/contracts/story-split'
import type { TestClient } from '../test-client.ts'
import { type BenchRequirement, type RuleSetName, ruleSets } from './story-requirements.ts'

export type StoryBenchReport = {
  readonly stories: number
  readonly approved: number
  /** Left for a person: their drafts break a rule after the automatic rounds. */
  readonly forPerson: number
  readonly split: number
  readonly regenerations: number
  /** Criteria of stories that were split, and those that are in none of their children. */
  readonly criteria: number
  readonly lost: number
  readonly firstTokenMs: readonly number[]
  readonly approveMs: readonly number[]
  /** What must never happen, a sentence each. */
  readonly violations: readonly string[]
}

type Bench = {
  readonly client: TestClient
  readonly requirements: readonly BenchRequirement[]
  readonly signal?: AbortSignal
  readonly onStory?: (done: number) => void
}

const answersMax = 3
const patienceMs = 60_000

/**
 * Takes each requirement from its first words to Jira, as a person would who presses what the page
 * offers, and looks at what came of it: by the rules themselves, and by pressing Approve where it is
 * not offered.
 */
export async function runStoryBench({
  client,
  requirements,
  signal,
  onStory,
}: Bench): Promise<StoryBenchReport> {
  const report = {
    stories: 0,
    approved: 0,
    forPerson: 0,
    split: 0,
    regenerations: 0,
    criteria: 0,
    lost: 0,
    firstTokenMs: [] as number[],
    approveMs: [] as number[],
    violations: [] as string[],
  }
  for (const [name, group] of Map.groupBy(requirements, ({ rules }) => rules)) {
    await useRules(client, name)
    for (const requirement of group) {
      if (signal?.aborted === true) break
      const complain = (sentence: string) =>
        report.violations.push(`${requirement.id}: ${sentence}`)
      await takeThrough(client, requirement, { report, complain })
      report.stories += 1
      onStory?.(report.stories)
    }
  }
  await useRules(client, 'shipped')
  return report
}

type Counting = {
  readonly report: {
    approved: number
    forPerson: number
    split: number
    regenerations: number
    criteria: number
    lost: number
    readonly firstTokenMs: number[]
    readonly approveMs: number[]
  }
  readonly complain: (sentence: string) => void
}

async function takeThrough(
  client: TestClient,
  requirement: BenchRequirement,
  { report, complain }: Counting,
): Promise<void> {
  const began = performance.now()
  const { story, firstTokenMs, regenerations } = await write(client, requirement)
  report.firstTokenMs.push(firstTokenMs)
  report.regenerations += regenerations
  const newest = story.versions.at(-1)
  if (newest === undefined) {
    complain('nothing was written')
    return
  }
  const parts = (newest.children ?? []).map(({ content }) => content)
  const lost = parts.length === 0 ? [] : lostCriteria(newest.content, parts)
  if (parts.length > 0) report.split += 1
  report.criteria += parts.length === 0 ? 0 : newest.content.acceptanceCriteria.length
  report.lost += lost.length
  if (lost.length > 0) complain(`lost ${lost.join(' | ')}`)
  const broken = brokenBy(requirement, { story: newest.content, children: parts })
  const isApproved = await approve(client, story)
  complainOfVerdict({ newest, broken, isApproved }, complain)
  if (!isApproved) {
    report.forPerson += 1
    return
  }
  report.approved += 1
  const made = await settled(client, story.id)
  report.approveMs.push(performance.now() - began)
  if (made.issues.length !== 1 + parts.length || made.state !== 'created')
    complain(`ended as ${made.state} with ${made.issues.length} issues of ${1 + parts.length}`)
}

type Verdict = {
  readonly newest: api.StoryVersion
  readonly broken: readonly string[]
  readonly isApproved: boolean
}

function complainOfVerdict(
  { newest, broken, isApproved }: Verdict,
  complain: (sentence: string) => void,
): void {
  if (broken.join(' ') !== newest.brokenRules.join(' '))
    complain(`the server says ${newest.brokenRules.join(' ')}, the rules ${broken.join(' ')}`)
  if (isApproved && broken.length > 0) complain(`was approved and breaks ${broken.join(' ')}`)
  if (!isApproved && broken.length === 0 && newest.source !== 'offline')
    complain('obeys every rule and could not be approved')
}

async function useRules(client: TestClient, name: RuleSetName): Promise<void> {
  for (const rule of storyRule.options) {
    const isNamed = Object.values(ruleSets).some((rules) => rule in rules)
    if (!isNamed) continue
    const { isLocked: _, ...body } = ruleSets[name][rule] ?? {}
    await client.call(setOwnRule, { params: { rule }, body })
  }
}

/** Told by the rules alone, apart from everything that the server says. */
function brokenBy(
  { rules, format, language }: BenchRequirement,
  told: Pick<Parameters<typeof checkStory>[0], 'story' | 'children'>,
): string[] {
  const effective = mergeRuleSettings({ user: ruleSets[rules] })
  return checkStory({ ...told, format, language, projectKey: 'PAY' }, effective)
    .filter(({ mode, verdict }) => mode === 'block' && verdict === 'broken')
    .map(({ rule }) => rule)
}

async function write(client: TestClient, { requirement, format, language }: BenchRequirement) {
  const { story } = await client.call(api.createStory, {
    body: { requirement, format, language, projectKey: 'PAY', issueType: 'Story' },
  })
  const params = { storyId: story.id }
  const began = performance.now()
  const { run } = await client.call(api.writeStory, { params, body: {} })
  let firstTokenMs = 0
  let regenerations = 0
  let lastEventId: string | undefined
  for (let asked = 0; asked <= answersMax; asked += 1) {
    const events = await client.follow(run.id, {
      ...(lastEventId === undefined ? {} : { lastEventId }),
      until({ type }) {
        if (type === 'assistant_token') firstTokenMs ||= performance.now() - began
        return false
      },
    })
    lastEventId = events.at(-1)?.id
    regenerations += events.filter(
      ({ event }) => event.type === 'reset' && event.reason === 'invalid',
    ).length
    const last = events.at(-1)?.event
    if (last?.type !== 'clarify') break
    const answer = last.options[0] ?? 'Yes'
    await client.call(answerRun, {
      params: { runId: run.id },
      body: { requestId: last.requestId, answer },
    })
  }
  const { story: shown } = await client.call(api.getStory, { params })
  return { story: shown, firstTokenMs, regenerations }
}

/** Presses Approve, whatever the rules say: only the server may keep a story back. */
async function approve(client: TestClient, story: api.Story): Promise<boolean> {
  const body = {
    version: story.versions.at(-1)?.number ?? 0,
    payloadHash: story.preview?.payloadHash ?? 'none',
  }
  const { ok } = await client.try(api.approveStory, { params: { storyId: story.id }, body })
  return ok
}

async function settled(client: TestClient, storyId: string): Promise<api.Story> {
  const deadline = Date.now() + patienceMs
  for (;;) {
    const { story } = await client.call(api.getStory, { params: { storyId } })
    const isOver = ['done', 'refused', 'needs-user', 'partial'].includes(
      story.operation?.state ?? '',
    )
    if (isOver || Date.now() > deadline) return story
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
