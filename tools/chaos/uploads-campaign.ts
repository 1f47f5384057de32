import { setTimeout as sleep } from 'node:timers/promises'
import { listDocuments } from '@studioops/contracts/documents'
import { createRandom } from '../../apps/server/src/simulators/random.ts'
import { findLeftovers, findLosses, type Acknowledged } from './uploads-check.ts'
import { openScene, type Scene } from './uploads-scene.ts'
import { createUploader, type Upload } from './uploads-sender.ts'

export type Campaign = {
  readonly kills: number
  /** Uploads that go on at the same time. */
  readonly atOnce: number
  readonly seed: number
  readonly onKill?: (kills: number, acknowledged: number) => void
  readonly signal?: AbortSignal
}

export type Report = {
  readonly kills: number
  /** Uploads that a kill came between. */
  readonly cut: number
  readonly acknowledged: number
  /** Uploads that nobody went on with, as of somebody who closes the page. */
  readonly abandoned: number
  /** Rows, staged files and objects that the sweep removed. */
  readonly swept: number
  readonly seconds: number
  readonly violations: readonly string[]
}

const killWithinMs = 400
const readWithinMs = 120_000

/** @throws when the product or the simulators do not start */
export async function runUploads(campaign: Campaign): Promise<Report> {
  const { kills: wanted, atOnce, seed, signal, onKill = () => {} } = campaign
  const startedAt = performance.now()
  const random = createRandom(seed)
  await using scene = await openScene()
  const acknowledged: Acknowledged[] = []
  const counts = { cut: 0, abandoned: 0 }
  const broken: string[] = []
  let isOver = false

  async function sendMany(worker: number): Promise<void> {
    const uploader = createUploader(scene, createRandom(seed * 1_000 + worker))
    while (!isOver) {
      const upload: Upload = await uploader.sendOne()
      counts.cut += upload.cuts > 0 ? 1 : 0
      if (upload.end === 'abandoned') counts.abandoned += 1
      else if (upload.end === 'stored') acknowledged.push(upload)
      else broken.push(upload.end)
      if (broken.length > 10) return
    }
  }

  const sending = Promise.all(Array.from({ length: atOnce }, (_, worker) => sendMany(worker)))
  for (let kill = 1; kill <= wanted && signal?.aborted !== true; kill += 1) {
    await sleep(random() * killWithinMs)
    await scene.kill()
    await scene.start()
    onKill(scene.kills(), acknowledged.length)
  }
  isOver = true
  await sending
  const unread = await waitUntilRead(scene)
  await scene.stop()
  const { violations, swept } = await scene.withDatabase(async (ground) => {
    const losses = await findLosses(ground, acknowledged)
    const removed = await ground.sweep()
    return { violations: [...losses, ...(await findLeftovers(ground))], swept: removed }
  })
  return {
    kills: scene.kills(),
    ...counts,
    acknowledged: acknowledged.length,
    swept,
    seconds: (performance.now() - startedAt) / 1_000,
    violations: [...broken, ...unread, ...violations],
  }
}

/** A file is stored with the job that reads it, or is not: none waits for ever. */
async function waitUntilRead({ client, projectId }: Scene): Promise<string[]> {
  const until = performance.now() + readWithinMs
  for (;;) {
    const waiting = await Promise.all(
      (['queued', 'processing'] as const).map((state) =>
        client.call(listDocuments, { params: { projectId }, query: { state } }),
      ),
    )
    const total = waiting.reduce((sum, one) => sum + one.total, 0)
    if (total === 0) return []
    if (performance.now() > until) return [`${total} documents are never read`]
    await sleep(200)
  }
}

export function describeUploads({ violations, ...report }: Report): string {
  const { kills, cut, acknowledged, abandoned, swept, seconds } = report
  return [
    `${kills} kills came between ${cut} uploads in ${seconds.toFixed(0)} s`,
    `${acknowledged} files acknowledged, ${abandoned} uploads abandoned, ${swept} leftovers swept`,
    `${violations.length} violations`,
    ...violations.slice(0, 20),
  ].join('\n')
}
