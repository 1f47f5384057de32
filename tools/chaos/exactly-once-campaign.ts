import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { createAnyway, checkOperation } from '@studioops/contracts/operations'
import { sql } from 'kysely'
import { z } from 'zod'
import { createRandom } from '../../apps/server/src/simulators/random.ts'
import { approveAll, planCreates } from './exactly-once-plan.ts'
import { openScene, type Person, type Scene } from './exactly-once-scene.ts'
import { countStanding } from './exactly-once-count.ts'
import type { OutsideName } from './outside-process.ts'
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
  /** By kind of write. */
  readonly kinds: Readonly<Record<string, number>>
  /** By how each ended before anybody did anything about it. */
  readonly outcomes: Readonly<Record<string, number>>
  readonly duplicates: readonly string[]
  readonly missing: readonly string[]
  /** What a person is not told, and what a process says that nobody should have to read. */
  readonly violations: readonly string[]
  readonly kept: string | undefined
}

const workers = 2
/** What creates, in each of the systems. */
const routes: Readonly<Record<OutsideName, readonly string[]>> = {
  jira: ['POST /rest/api/2/issue'],
  cloud: ['POST /rest/api/3/issue'],
  trello: ['POST /1/cards', 'POST /1/cards/*/actions/comments', 'POST /1/checklists'],
  confluence: ['POST /rest/api/content'],
  wiki: ['POST /api/v2/pages'],
}
const systems = Object.keys(routes) as OutsideName[]
const longestMs = 120 * 60_000
const restMs = 60_000

/**
 * Many creates, while answers are lost, the rate is refused and workers are killed; then every
 * operation against what stands in the systems.
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
  const kinds = await countBy(scene, 'kind')
  const outcomes = await countBy(scene, 'state')
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
    kinds,
    outcomes,
    duplicates,
    missing,
    violations,
    kept: isBroken ? scene.directory : undefined,
  }
}

async function setFaults({ outside }: Scene): Promise<void> {
  for (const simulator of systems) {
    const set = routes[simulator].flatMap((route) => [
      { route, probability: 0.3, fault: { kind: 'effect-then-lost' as const } },
      { route, probability: 0.1, fault: { kind: 'too-many-requests' as const, retryAfter: '1' } },
    ])
    await outside.order({ simulator, clear: true, set })
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

/** Nothing moves it by itself: it ended, or it or an earlier step of its parent waits for a person. */
const atRest = sql<boolean>`state in ('done', 'refused', 'needs-user', 'cancelled')
  or (state = 'planned' and next_attempt_at is null)`

/** What is sent; a group holds only steps together. */
function readOperations({ database }: Scene) {
  return database.asMaintenance((db) =>
    db
      .selectFrom('outside_operations')
      .select(['id', 'user_id', 'kind', 'title', 'state', 'marker', 'payload', 'error_code'])
      .where('system', 'is not', null)
      .execute(),
  )
}
export type Operation = Awaited<ReturnType<typeof readOperations>>[number]

async function countRest({ database }: Scene): Promise<{ all: number; rested: number }> {
  return database.asMaintenance((db) =>
    db
      .selectFrom('outside_operations')
      .select([
        sql<number>`count(*)::int`.as('all'),
        sql<number>`(count(*) filter (where ${atRest}))::int`.as('rested'),
      ])
      .where('system', 'is not', null)
      .executeTakeFirstOrThrow(),
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
    const { all, rested } = await countRest(scene)
    onProgress(rested, kills)
    if (rested === all) break
    const isDue = kills < wanted && rested / all >= kills / wanted
    await sleep(isDue ? random() * 60 : 50)
    if (isDue && (await scene.killWorker())) kills += 1
  }
  return kills
}

async function countBy(scene: Scene, column: 'state' | 'kind'): Promise<Record<string, number>> {
  const groups = Map.groupBy(await readOperations(scene), (operation) => operation[column])
  return Object.fromEntries(Array.from(groups, ([name, rows]) => [name, rows.length]))
}

/** Looks again at what nobody could tell, and creates what is not there: both by the person's hand. */
async function resolveByHand(scene: Scene): Promise<string[]> {
  const untold: string[] = []
  for (const person of scene.people) await person.signIn()
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
  while (performance.now() < until) {
    const { all, rested } = await countRest(scene)
    if (all === rested) return
    await sleep(100)
  }
}

async function compare(scene: Scene, creates: number) {
  const operations = await readOperations(scene)
  const { standing, total } = await countStanding(scene.outside)
  const duplicates: string[] = []
  const missing: string[] = []
  // What a person says twice stands there twice.
  for (const [sign, alike] of Map.groupBy(operations, signOf)) {
    const there = standing(sign)
    const done = alike.filter(({ state }) => state === 'done').length
    const name = `${sign} (${alike.map(({ id, state }) => `${id} ${state}`).join(', ')})`
    if (there > alike.length) duplicates.push(`${name} stands there ${there} times`)
    if (there < done) missing.push(`${name} is shown as done and stands there ${there} times`)
    if (done < alike.length)
      missing.push(`${name} ended otherwise, and stands there ${there} times`)
  }
  if (operations.length !== creates)
    missing.push(`${creates} were approved, and the outbox has ${operations.length}`)
  if (total > creates) duplicates.push(`${total} stand there, and ${creates} were approved`)
  return { duplicates, missing }
}

const spoken = z.object({ text: z.string().optional(), name: z.string().optional() })

/** By what its effect is counted. */
function signOf({ kind, title, marker, payload }: Operation): string {
  if (kind === 'confluence.page.create') return title
  if (kind !== 'trello.comment.create' && kind !== 'trello.checklist.create') return marker
  const { text, name } = spoken.parse(payload)
  return /so-\w+/.exec(text ?? name ?? '')?.[0] ?? marker
}

async function complaints({ directory }: Scene): Promise<string[]> {
  const text = await readFile(logOf(directory), 'utf8')
  return text
    .split('\n')
    .filter((line) => /unhandled|uncaught|outside operation broke|look-up broke/i.test(line))
    .slice(0, 5)
}

export function describeExactlyOnce(report: Report): string {
  const { creates, seconds, kills, lostAnswers, refusedForRate, kinds, outcomes } = report
  const counted = (counts: Readonly<Record<string, number>>) =>
    Object.entries(counts)
      .map(([name, count]) => `${count} ${name}`)
      .join(', ')
  const list = (name: string, lines: readonly string[]) =>
    lines.length === 0 ? [`0 ${name}`] : [`${lines.length} ${name}:`, ...lines.slice(0, 10)]
  return [
    `${creates} creates in ${seconds.toFixed(0)} s; ${kills} kills, ${lostAnswers} answers lost, ${refusedForRate} times too many requests`,
    `of these ${counted(kinds)}`,
    `ended by themselves: ${counted(outcomes)}`,
    ...list('duplicates', report.duplicates),
    ...list('missing', report.missing),
    ...list('violations', report.violations),
    ...(report.kept === undefined ? [] : [`The data directory is kept: ${report.kept}`]),
  ].join('\n')
}
