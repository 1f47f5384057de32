import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { createAnyway, checkOperation } from '@studioops/contracts/operations'
import { createRandom } from '../../apps/server/src/simulators/random.ts'
import { approveAll, planCreates } from './exactly-once-plan.ts'
import { openScene, type Person, type Scene } from './exactly-once-scene.ts'
import { issuesWith } from './outside-process.ts'
import { logOf } from './product-process.ts'

export type Campaign = {
  readonly creates: number
  readonly seed: number
  /** Of the creates, how often a worker is killed. Default 0.05. */
  readonly killShare?: number
  readonly onProgress?: (done: number, kills: number) => void
  readonly signal?: AbortSignal
}

export type Report = {
  readonly creates: number
  readonly seconds: number
  readonly kills: number
  readonly lostAnswers: number
  readonly refusedForRate: number
  /** By how each ended before anybody did anything about it. */
  readonly outcomes: Readonly<Record<string, number>>
  readonly duplicates: readonly string[]
  readonly missing: readonly string[]
  /** What a person is not told, and what a process says that nobody should have to read. */
  readonly violations: readonly string[]
  readonly kept: string | undefined
}

const workers = 2
const systems = ['jira', 'cloud'] as const
const resting = new Set(['done', 'refused', 'needs-user', 'cancelled'])
const longestMs = 30 * 60_000
const restMs = 60_000

/**
 * Many creates, while answers are lost, the rate is refused and workers are killed; then every
 * operation against every issue.
 */
export async function runExactlyOnce(campaign: Campaign): Promise<Report> {
  const { creates, seed, killShare = 0.05, onProgress = () => {}, signal } = campaign
  const startedAt = performance.now()
  await using scene = await openScene(workers)
  await setFaults(scene)
  await approveAll(scene, planCreates(scene, { creates, seed }))

  const killing = {
    random: createRandom(seed + 1),
    wanted: Math.round(creates * killShare),
    signal,
  }
  const kills = await killUntilRest(scene, { ...killing, onProgress })
  const outcomes = await countStates(scene)
  const fired = await firedFaults(scene)
  for (const simulator of systems) await scene.outside.order({ simulator, clear: true })
  const untold = await resolveByHand(scene)

  const { duplicates, missing } = await compare(scene, creates)
  const violations = [...untold, ...(await complaints(scene))]
  const isBroken = duplicates.length + missing.length + violations.length > 0
  if (isBroken) scene.keep()
  return {
    creates,
    seconds: (performance.now() - startedAt) / 1_000,
    kills,
    ...fired,
    outcomes,
    duplicates,
    missing,
    violations,
    kept: isBroken ? scene.directory : undefined,
  }
}

async function setFaults({ outside }: Scene): Promise<void> {
  for (const simulator of systems) {
    const route = `POST /rest/api/${simulator === 'cloud' ? 3 : 2}/issue`
    await outside.order({
      simulator,
      clear: true,
      set: [
        { route, probability: 0.3, fault: { kind: 'effect-then-lost' } },
        { route, probability: 0.1, fault: { kind: 'too-many-requests', retryAfter: '1' } },
      ],
    })
  }
}

async function firedFaults({ outside }: Scene) {
  const counts = { lostAnswers: 0, refusedForRate: 0 }
  for (const which of systems)
    for (const { fault, fired } of await outside.faults(which)) {
      if (fault.kind === 'effect-then-lost') counts.lostAnswers += fired
      if (fault.kind === 'too-many-requests') counts.refusedForRate += fired
    }
  return counts
}

type Operation = {
  readonly id: string
  readonly user_id: string
  readonly state: string
  readonly marker: string
  readonly error_code: string | null
  readonly next_attempt_at: Date | null
}

/** Nothing moves it by itself: it ended, or it or an earlier step of its parent waits for a person. */
function isAtRest({ state, next_attempt_at: next }: Operation): boolean {
  return resting.has(state) || (state === 'planned' && next === null)
}

/** What is sent; a group holds only steps together. */
function readOperations({ database }: Scene): Promise<Operation[]> {
  return database.asMaintenance((db) =>
    db
      .selectFrom('outside_operations')
      .select(['id', 'user_id', 'state', 'marker', 'error_code', 'next_attempt_at'])
      .where('system', 'is not', null)
      .execute(),
  )
}

type Killing = {
  readonly random: () => number
  readonly wanted: number
  readonly signal: AbortSignal | undefined
  readonly onProgress: (done: number, kills: number) => void
}

/** Spreads the kills over the work: one whenever its share of the writes has come to rest. */
async function killUntilRest(scene: Scene, killing: Killing): Promise<number> {
  const { random, wanted, signal, onProgress } = killing
  const until = performance.now() + longestMs
  let kills = 0
  while (performance.now() < until && signal?.aborted !== true) {
    const all = await readOperations(scene)
    const rested = all.filter(isAtRest).length
    onProgress(rested, kills)
    if (rested === all.length) break
    if (kills < wanted && rested / all.length >= kills / wanted) {
      await sleep(random() * 60)
      await scene.killWorker(kills % workers)
      kills += 1
    } else await sleep(50)
  }
  return kills
}

async function countStates(scene: Scene): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const { state } of await readOperations(scene)) counts[state] = (counts[state] ?? 0) + 1
  return counts
}

/** Looks again at what nobody could tell, and creates what is not there: both by the person's hand. */
async function resolveByHand(scene: Scene): Promise<string[]> {
  const untold: string[] = []
  const all = await readOperations(scene)
  for (const { id, state, error_code: code, user_id: userId } of all) {
    if (state !== 'needs-user') continue
    if (code === null) untold.push(`${id} needs a person and does not say why`)
    const client = clientOf(scene, userId)
    const params = { operationId: id }
    await client.call(checkOperation, { params })
    if ((await restOf(scene, id)) !== 'needs-user') continue
    await client.call(createAnyway, { params })
    await restOf(scene, id)
  }
  return untold
}

function clientOf({ people }: Scene, userId: string): Person['client'] {
  const person = people.find((one) => one.userId === userId)
  if (person === undefined) throw new Error(`nobody is ${userId}`)
  return person.client
}

async function restOf(scene: Scene, id: string): Promise<string | undefined> {
  await untilRest(scene)
  return (await readOperations(scene)).find((one) => one.id === id)?.state
}

async function untilRest(scene: Scene): Promise<void> {
  const until = performance.now() + restMs
  while (performance.now() < until && !(await readOperations(scene)).every(isAtRest))
    await sleep(100)
}

async function compare(scene: Scene, creates: number) {
  const duplicates: string[] = []
  const missing: string[] = []
  const counters = await Promise.all(systems.map((which) => scene.outside.jira(which)))
  const operations = await readOperations(scene)
  for (const { id, marker, state } of operations) {
    const count = counters.reduce((sum, each) => sum + issuesWith(marker, each), 0)
    if (count > 1) duplicates.push(`${id} (${state}) stands there ${count} times`)
    if (state === 'done' && count === 0) missing.push(`${id} is shown as done and is not there`)
    if (state !== 'done') missing.push(`${id} ended as ${state} with ${count} issues`)
  }
  const total = counters.reduce((sum, each) => sum + each.creates.total, 0)
  if (operations.length !== creates)
    missing.push(`${creates} were approved, and the outbox has ${operations.length}`)
  if (total > creates) duplicates.push(`${total} issues stand there, and ${creates} were approved`)
  return { duplicates, missing }
}

async function complaints({ directory }: Scene): Promise<string[]> {
  const text = await readFile(logOf(directory), 'utf8')
  return text
    .split('\n')
    .filter((line) => /unhandled|uncaught|outside operation broke|look-up broke/i.test(line))
    .slice(0, 5)
}

export function describeExactlyOnce(report: Report): string {
  const { creates, seconds, kills, lostAnswers, refusedForRate, outcomes } = report
  const list = (name: string, lines: readonly string[]) =>
    lines.length === 0 ? [`0 ${name}`] : [`${lines.length} ${name}:`, ...lines.slice(0, 10)]
  return [
    `${creates} creates in ${seconds.toFixed(0)} s; ${kills} kills, ${lostAnswers} answers lost, ${refusedForRate} times too many requests`,
    `ended by themselves: ${Object.entries(outcomes)
      .map(([state, count]) => `${count} ${state}`)
      .join(', ')}`,
    ...list('duplicates', report.duplicates),
    ...list('missing', report.missing),
    ...list('violations', report.violations),
    ...(report.kept === undefined ? [] : [`The data directory is kept: ${report.kept}`]),
  ].join('\n')
}
