import { setTimeout as sleep } from 'node:timers/promises'
import { askChat, createChat } from '@studioops/contracts/chats'
import * as deletions from '@studioops/contracts/deletions'
import { beginUpload, finishUpload, getDocument } from '@studioops/contracts/documents'
import { createProject } from '@studioops/contracts/projects'
import { addPurchase } from '@studioops/contracts/purchases'
import { createRandom } from '../../apps/server/src/simulators/random.ts'
import { sendBytes } from '../../apps/server/src/testing/sent-documents.ts'
import type { Answer, TestClient } from '../../apps/server/src/testing/test-client.ts'
import { checkEnd, settle } from './deletion-check.ts'
import { addLate, fill, type GraphPlan, hashOf, planGraph } from './deletion-graph.ts'
import { insist, openScene, type Person, type Scene } from './deletion-scene.ts'

export type Campaign = {
  readonly graphs: number
  readonly kills: number
  readonly seed: number
  readonly onProgress?: (ended: number, kills: number) => void
  readonly signal?: AbortSignal
}

export type Report = {
  readonly graphs: number
  readonly seconds: number
  readonly kills: number
  /** Out of the trash, and equal to what went into it. */
  readonly restored: number
  readonly receipts: number
  /** Documents that were said to be stored, in projects that are still there. */
  readonly documents: number
  /** What was refused because its project was gone, by code. */
  readonly refused: Readonly<Record<string, number>>
  readonly orphans: Readonly<Record<string, number>>
  readonly violations: readonly string[]
  /** Where something was wrong: the data directory, which stays. */
  readonly kept: string | undefined
}

/** What became of one graph, for the last comparison. */
export type Known = {
  readonly projectId: string
  readonly plan: GraphPlan
  readonly person: Person
  /** Documents that were said to be stored, with their text. */
  readonly stored: { readonly documentId: string; readonly text: string }[]
}

type Round = {
  readonly scene: Scene
  readonly person: Person
  readonly violations: string[]
  readonly refused: Record<string, number>
}

const atOnce = 8

/** Many projects that go while uploads, answers and other rows come, and the server is killed. */
export async function runDeletion(campaign: Campaign): Promise<Report> {
  const { graphs, kills, seed, signal, onProgress = () => {} } = campaign
  const startedAt = performance.now()
  await using scene = await openScene()
  await scene.confirm()
  const violations: string[] = []
  const refused: Record<string, number> = {}
  const known: Known[] = []
  let restored = 0
  let next = 0

  async function work(lane: number): Promise<void> {
    const person = scene.people[lane % scene.people.length]
    while (person !== undefined && next < graphs && signal?.aborted !== true) {
      const index = next
      next += 1
      const plan = planGraph(index, createRandom(seed * 1_000_003 + index))
      const round = { scene, person, violations, refused }
      known.push(await liveAndGo(round, plan))
      if (plan.isRestored) restored += 1
      onProgress(known.length, scene.kills())
    }
  }

  let isOver = false
  const killing = killUntil(scene, {
    isOver: () => isOver || signal?.aborted === true,
    share: () => known.length / graphs,
    random: createRandom(seed),
    wanted: kills,
  })
  const confirming = setInterval(() => void scene.confirm().catch(() => undefined), 60_000)
  await Promise.all(Array.from({ length: atOnce }, (_, lane) => work(lane)))
  clearInterval(confirming)
  isOver = true
  await killing
  await settle(scene)
  const end = await checkEnd(scene, known)
  violations.push(...end.violations)
  const isBroken = violations.length > 0 || Object.keys(end.orphans).length > 0
  if (isBroken) scene.keep()
  return {
    graphs: known.length,
    seconds: (performance.now() - startedAt) / 1_000,
    kills: scene.kills(),
    restored,
    receipts: end.receipts,
    documents: end.documents,
    refused,
    orphans: end.orphans,
    violations,
    kept: isBroken ? scene.directory : undefined,
  }
}

type Killing = {
  readonly isOver: () => boolean
  /** Of the work that is done, from 0 to 1. */
  readonly share: () => number
  readonly random: () => number
  readonly wanted: number
}

async function killUntil(scene: Scene, { isOver, share, random, wanted }: Killing): Promise<void> {
  while (!isOver() && scene.kills() < wanted) {
    await sleep(20)
    if (share() < (scene.kills() + 0.5) / (wanted + 1)) continue
    await sleep(random() * 300)
    await scene.killProduct()
  }
}

async function liveAndGo(round: Round, plan: GraphPlan): Promise<Known> {
  const { scene, person } = round
  const { client } = person
  const projectId = await beginProject(client, plan)
  await fill(scene, projectId, { plan, userId: person.id })
  const stored: Known['stored'] = []
  for (const [index, text] of plan.uploads.entries())
    stored.push(await insist(() => send(round, { projectId, name: `sent ${index}.txt`, text })))
  const known = { projectId, plan, person, stored }
  if (plan.isRestored) await bringBack(round, known)
  if (plan.fate === 'kept') return known
  const disturbances = await prepareDisturbances(round, known)
  await Promise.all([go(round, known), ...disturbances.map((disturb) => disturb())])
  return known
}

async function go(round: Round, known: Known): Promise<void> {
  const { scene } = round
  const { plan, projectId } = known
  await trash(round, known)
  if (plan.fate === 'purged') await purge(round, known)
  if (plan.fate === 'overdue')
    await scene.owner.query(
      `update projects set deleted_at = now() - interval '31 days' where id = $1`,
      [projectId],
    )
}

/** Named by its graph, so that one whose answer was lost is found again. */
async function beginProject(client: TestClient, { name }: GraphPlan): Promise<string> {
  const key = crypto.randomUUID()
  const { project } = await insist(() =>
    client.call(createProject, { body: { name } }, { 'idempotency-key': key }),
  )
  return project.id
}

type Sent = { readonly projectId: string; readonly name: string; readonly text: string }

async function send(round: Round, sent: Sent) {
  const { client } = round.person
  const params = await sendAhead(client, sent)
  await insist(() => client.call(finishUpload, { params }))
  return { documentId: params.uploadId, text: sent.text }
}

/** Everything of an upload but its end. */
function sendAhead(client: TestClient, { projectId, name, text }: Sent) {
  const bytes = new TextEncoder().encode(text)
  const body = { name, sizeBytes: bytes.length }
  return insist(async () => {
    const { upload } = await client.call(beginUpload, { params: { projectId }, body })
    const params = { projectId, uploadId: upload.id }
    await sendBytes(client, params, { offset: 0, bytes })
    return params
  })
}

/** Into the trash and back: every row is what it was. */
async function bringBack(round: Round, known: Known): Promise<void> {
  const { scene, person, violations } = round
  const { projectId, plan } = known
  const { client } = person
  await whenRead(round, known)
  const before = await hashOf(scene, projectId)
  await trash(round, known)
  const answer = await insist(() => client.try(deletions.restoreProject, { params: { projectId } }))
  // A kill may have come between the commit and the answer.
  if (!answer.ok && answer.status !== 404) violations.push(`${plan.name}: ${say(answer)}`)
  const after = await hashOf(scene, projectId)
  if (before !== after) violations.push(`${plan.name} came back as\n${after}\nand was\n${before}`)
}

const looksMax = 1_200

async function whenRead({ person: { client }, violations }: Round, known: Known): Promise<void> {
  for (const { documentId } of known.stored)
    for (let look = 0; ; look += 1) {
      const params = { projectId: known.projectId, documentId }
      const { document } = await insist(() => client.call(getDocument, { params }))
      if (!['queued', 'processing'].includes(document.state)) break
      if (look > looksMax) {
        violations.push(`${document.name} of ${known.plan.name} is ${document.state} for ever`)
        break
      }
      await sleep(50)
    }
}

async function trash({ person: { client }, violations }: Round, known: Known): Promise<void> {
  const { projectId, plan } = known
  const body = { name: plan.name, purchases: plan.purchasesChoice }
  const answer = await insist(() =>
    client.try(deletions.trashProject, { params: { projectId }, body }),
  )
  if (!answer.ok && answer.status !== 404) violations.push(`${plan.name}: ${say(answer)}`)
}

async function purge({ person: { client }, violations }: Round, known: Known): Promise<void> {
  const { projectId, plan } = known
  const body = { name: plan.name }
  const answer = await insist(() =>
    client.try(deletions.purgeProject, { params: { projectId }, body }),
  )
  if (!answer.ok && answer.status !== 404) violations.push(`${plan.name}: ${say(answer)}`)
}

type Disturbance = () => Promise<void>

/** What people and programs do while a project goes: it is done before, or refused with a reason. */
async function prepareDisturbances(round: Round, known: Known): Promise<Disturbance[]> {
  const { scene, person } = round
  const { projectId, plan } = known
  const { client } = person
  const uploads: Disturbance[] = []
  for (let index = 0; index < plan.late; index += 1) {
    const text = `late ${index} of ${plan.name}`
    const params = await sendAhead(client, { projectId, name: 'late.txt', text })
    uploads.push(async () => hear(round, await insist(() => client.try(finishUpload, { params }))))
  }
  const rows = Array.from({ length: plan.late }, () => async () => {
    await sleep(Math.random() * 30)
    const code = await addLate(scene, projectId)
    // The foreign key says that the project is gone.
    if (code !== undefined) note(round, code)
    if (code !== undefined && code !== '23503')
      round.violations.push(`a late row of ${plan.name}: ${code}`)
  })
  const purchases = Array.from({ length: plan.late }, () => async () => {
    await sleep(Math.random() * 20)
    const params = { projectId }
    hear(round, await insist(() => client.try(addPurchase, { params, body: latePurchase })))
  })
  return [
    ...uploads,
    ...rows,
    ...purchases,
    ...(plan.isStreaming ? [await stream(round, known)] : []),
  ]
}

const latePurchase = {
  boughtOn: '2026-11-22',
  vendor: 'late',
  description: '',
  quantity: '1',
  unitPrice: '1',
  currency: 'ILS',
  vatRate: '18',
  status: 'planned',
  category: '',
} as const

const streamEndsWithinMs = 60_000

/** An answer that is being written; its reader comes to an end, however the project goes. */
async function stream(round: Round, { projectId, plan }: Known): Promise<Disturbance> {
  const { person, scene, violations } = round
  const { client } = person
  const { chat } = await insist(() => client.call(createChat, { body: { projectId } }))
  const params = { chatId: chat.id }
  const body = { text: `What of ${plan.name}?` }
  const asked = await insist(() => client.try(askChat, { params, body }))
  // One whose answer was lost is being written already.
  if (!asked.ok) return async () => undefined
  const kills = scene.kills()
  return async () => {
    const reading = client.follow(asked.body.run.id).catch((error: unknown) => error)
    const late = sleep(streamEndsWithinMs, 'late' as const, { ref: false })
    if ((await Promise.race([reading, late])) === 'late' && scene.kills() === kills)
      violations.push(`the answer in ${plan.name} is read for ever`)
  }
}

function hear(round: Round, answer: Answer<unknown>): void {
  if (answer.ok) return
  note(round, answer.problem.code)
  if (answer.status >= 500) round.violations.push(`somebody was told ${say(answer)}`)
}

function note({ refused }: Round, code: string): void {
  refused[code] = (refused[code] ?? 0) + 1
}

function say(answer: Answer<unknown>): string {
  return answer.ok ? 'ok' : `${answer.status} ${answer.problem.code}`
}

export function describeDeletion({ violations, orphans, refused, ...report }: Report): string {
  const { graphs, restored, receipts, documents, kills, seconds, kept } = report
  const list = (counts: Readonly<Record<string, number>>) =>
    Object.entries(counts)
      .map(([name, count]) => `${name} ${count}`)
      .join(', ') || 'none'
  return [
    `${graphs} projects, ${kills} kills in ${seconds.toFixed(0)} s`,
    `${receipts} receipts verified, ${restored} projects came back out of the trash`,
    `${documents} documents of those that stayed are whole`,
    `refused while their project went: ${list(refused)}`,
    `orphans: ${list(orphans)}`,
    `${violations.length} violations`,
    ...violations.slice(0, 10),
    ...(kept === undefined ? [] : [`kept: ${kept}`]),
  ].join('\n')
}
