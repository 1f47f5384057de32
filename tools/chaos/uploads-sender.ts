import { createHash, randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { beginUpload, cancelUpload, finishUpload, getUpload } from '@studioops/contracts/documents'
import { sendBytes } from '../../apps/server/src/testing/sent-documents.ts'
import type { Scene } from './uploads-scene.ts'

export type Upload = {
  readonly id: string
  readonly sha256: string
  /** How often the server was away while it went on. */
  readonly cuts: number
  /** Anything else is a sentence about what must not be. */
  readonly end: string
}

type File = { readonly name: string; readonly bytes: Buffer; readonly sha256: string }

const largest = 200_000
const sameShare = 0.15
const abandonedShare = 0.02
const cancelledShare = 0.03
const piecesMax = 3
const againMs = 25
/** Longer than any start takes. */
const awayMaxMs = 180_000

/** A page whose person uploads one file after the other, and goes on after each cut. */
export function createUploader({ client, projectId }: Scene, random: () => number) {
  let known: File | undefined

  function nextFile(): File {
    if (known !== undefined && random() < sameShare) return known
    const words = `קובץ ${randomUUID()} `
    const length = 1 + Math.floor(random() ** 3 * largest)
    const bytes = Buffer.from(words.repeat(Math.ceil(length / words.length)).slice(0, length + 40))
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    known = { name: `מסמך ${sha256.slice(0, 6)}.txt`, bytes, sha256 }
    return known
  }

  /** While the server is away nothing is known of what it did. */
  async function ask<T>(cuts: { count: number }, work: () => Promise<T>): Promise<T> {
    const until = performance.now() + awayMaxMs
    for (let isCut = false; ; isCut = true)
      try {
        return await work()
      } catch (error) {
        if (isRefusal(error) || performance.now() > until) throw error
        if (!isCut) cuts.count += 1
        await sleep(againMs)
      }
  }

  async function sendPieces(params: Params, { bytes }: File, from: number): Promise<void> {
    for (let offset = from; offset < bytes.length;) {
      const size = Math.ceil(bytes.length / (1 + Math.floor(random() * piecesMax)))
      const piece = bytes.subarray(offset, offset + size)
      const { status, json } = await sendBytes(client, params, { offset, bytes: piece })
      if (status === 409) return
      if (status !== 200) throw new Error(`piece: ${status} ${JSON.stringify(json)}`)
      offset += piece.length
    }
  }

  /** @returns undefined where it has to be asked again: its bytes are not all there */
  async function tryToFinish(params: Params, file: File): Promise<boolean | undefined> {
    const { outcome } = await client.call(getUpload, { params })
    if (outcome.kind === 'stored') return true
    await sendPieces(params, file, outcome.upload.offset)
    const finished = await client.try(finishUpload, { params })
    if (finished.ok) return finished.body.outcome.kind === 'stored'
    const { code } = finished.problem
    if (['upload.not-whole', 'upload.other-offset'].includes(code) || finished.status >= 500)
      return undefined
    throw new Error(`finish: ${finished.status} ${code}`)
  }

  /** A server that is just starting says so, and is asked again. */
  async function cancel(params: Params): Promise<string> {
    const cancelled = await client.try(cancelUpload, { params })
    if (cancelled.ok || cancelled.status === 404) return 'abandoned'
    const { code } = cancelled.problem
    if (cancelled.status === 503) throw new Error(`cancel: ${code}`)
    return `not cancelled: ${cancelled.status} ${code}`
  }

  return {
    async sendOne(): Promise<Upload> {
      const file = nextFile()
      const cuts = { count: 0 }
      const { name, sha256 } = file
      const key = randomUUID()
      try {
        const body = { name, sizeBytes: file.bytes.length }
        const { upload } = await ask(cuts, () =>
          client.call(beginUpload, { params: { projectId }, body }, { 'idempotency-key': key }),
        )
        const { id } = upload
        const params = { projectId, uploadId: id }
        const ended = (end: string): Upload => ({ id, sha256, cuts: cuts.count, end })
        const fate = random()
        if (fate < abandonedShare) return ended('abandoned')
        if (fate < abandonedShare + cancelledShare) {
          await ask(cuts, () => sendPieces(params, file, 0))
          return ended(await ask(cuts, () => cancel(params)))
        }
        for (;;) {
          const isStored = await ask(cuts, () => tryToFinish(params, file))
          if (isStored === true) return ended('stored')
        }
      } catch (error) {
        return { id: '', sha256, cuts: cuts.count, end: String(error) }
      }
    },
  }
}

/** What a killed request has begun is known to be under way until its time is over. */
function isRefusal(error: unknown): boolean {
  const { message } = error instanceof Error ? error : { message: '' }
  return /: 4\d\d /.test(message) && !message.includes('idempotency.in-progress')
}

type Params = { readonly projectId: string; readonly uploadId: string }
