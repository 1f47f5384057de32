import { getStory } from '@studioops/contracts/stories'
import { createPlanner } from './approve-plan.ts'
import { measureApproval, playRound, type RoundResult } from './approve-round.ts'
import { openScene, type Scene } from './approve-scene.ts'
import { issuesWith } from './outside-process.ts'

export type Campaign = {
  /** It ends with the round in which this many kills are reached, or with the third that broke. */
  readonly kills: number
  readonly seed: number
  /** The slowest answers of Jira. Default 150. */
  readonly latencyMaxMs?: number
  readonly onRound?: (result: RoundResult, kills: number) => void
  /** Ends it after the round that is under way. */
  readonly signal?: AbortSignal
}

export type Report = {
  readonly rounds: readonly RoundResult[]
  readonly kills: number
  readonly seconds: number
  /** How long an approval takes that nobody disturbs, in milliseconds; the kills are spread over it. */
  readonly normalMs: number
  /** Markers that more than one issue carries, or issues that carry none. */
  readonly doubled: readonly string[]
  /** Rounds whose approval is gone, or whose issue is. */
  readonly lost: readonly string[]
  /** Everything that must not be, in sentences; the two above included. */
  readonly violations: readonly string[]
  /** The data directory, where it was kept because of violations. */
  readonly kept: string | undefined
}

const measurements = 3
/** Whoever breaks that often will not be whole at the end. */
const brokenRoundsMax = 3

/**
 * Approves stories and kills the product while it carries them out.
 *
 * @throws when the product or the simulators do not start
 */
export async function runCampaign({
  kills,
  seed,
  latencyMaxMs,
  onRound = () => {},
  signal,
}: Campaign): Promise<Report> {
  const startedAt = performance.now()
  await using scene = await openScene()
  const undisturbed = []
  for (let count = 0; count < measurements; count += 1)
    undisturbed.push(await measureApproval(scene))
  // The first one also asks Jira for its fields.
  const normalMs = Math.min(...undisturbed.map(({ tookMs }) => tookMs))

  const plan = createPlanner(seed, latencyMaxMs)
  const rounds: RoundResult[] = []
  const isBroken = () =>
    rounds.filter(({ violations: own }) => own.length > 0).length >= brokenRoundsMax
  while (scene.kills < kills && signal?.aborted !== true && !isBroken()) {
    const result = await playRound(scene, plan(), normalMs)
    rounds.push(result)
    onRound(result, scene.kills)
  }

  const { doubled, lost } = await countAll(scene, rounds, undisturbed.length)
  const violations = [
    ...rounds.flatMap(({ plan: { number }, violations: own }) =>
      own.map((sentence) => `round ${number}: ${sentence}`),
    ),
    ...doubled.map((sentence) => `doubled: ${sentence}`),
    ...lost.map((sentence) => `lost: ${sentence}`),
  ]
  if (violations.length > 0) scene.keep()
  return {
    rounds,
    kills: scene.kills,
    seconds: (performance.now() - startedAt) / 1_000,
    normalMs,
    doubled,
    lost,
    violations,
    kept: violations.length > 0 ? scene.directory : undefined,
  }
}

/** After everything, and one more start: every story against every issue. */
async function countAll(scene: Scene, rounds: readonly RoundResult[], undisturbed: number) {
  await scene.clearFaults()
  await scene.kill('server', 0)
  await scene.start()
  const jira = await scene.outside.jira()
  const doubled: string[] = []
  const lost: string[] = []
  let expected = undisturbed
  for (const { plan, storyId, markers } of rounds) {
    const counts = markers.map((marker) => issuesWith(marker, jira))
    const made = counts.reduce((sum, count) => sum + count, 0)
    if (made > 1) doubled.push(`round ${plan.number}, ${markers.join(' and ')}: ${made} issues`)
    const { story } = await scene.client().call(getStory, { params: { storyId } })
    const state = story.operation?.state ?? 'no operation'
    if (state === 'done') expected += 1
    const wanted = state === 'done' ? 1 : 0
    if (made < wanted || !['done', 'refused'].includes(state))
      lost.push(`round ${plan.number}: shown as ${state}, and Jira has ${made}`)
  }
  const { total } = jira.creates
  if (total !== expected)
    doubled.push(`Jira has ${total} issues, and ${expected} are shown as done`)
  return { doubled, lost }
}
