import {
  beginUpload,
  cancelUpload,
  type Document,
  finishUpload,
  getUpload,
  type UploadOutcome,
} from '@studioops/contracts/documents'
import { limits } from '@studioops/contracts/limits'
import { problem } from '@studioops/contracts/problem'
import type { ApiClient } from '../../lib/api-client.ts'
import { csrfToken } from '../../lib/csrf-token.ts'
import { newIdempotencyKey } from '../../lib/idempotency-key.ts'
import { isWorthRetrying, OfflineError, ProblemError } from '../../lib/problem.ts'
import { forgetLeft, type LeftUpload, rememberLeft } from './left-uploads.ts'

/** One file on its way. */
export type UploadItem = {
  readonly id: string
  readonly projectId: string
  readonly documentId: string | undefined
  readonly file: File
  /** Known as soon as the server knows of it. */
  readonly uploadId?: string | undefined
  readonly sentBytes: number
  readonly state: 'waiting' | 'sending' | 'storing' | 'done' | 'same' | 'failed' | 'cancelled'
  readonly error?: unknown
  readonly document?: Document
}

const atOnce = 3
const triesMax = 8

const ended: ReadonlySet<UploadItem['state']> = new Set(['done', 'same', 'failed', 'cancelled'])
export const hasEnded = ({ state }: UploadItem): boolean => ended.has(state)

type Announced = Pick<UploadItem, 'projectId' | 'documentId'>

/** An upload of which the server has so many bytes. */
export type OpenUpload = LeftUpload & { readonly offset: number }

/**
 * Files that the page sends, above the router: they go on while the person looks elsewhere. After a
 * cut each goes on from where the server says that it stands.
 */
export function createUploadQueue() {
  let items: readonly UploadItem[] = []
  const listeners = new Set<() => void>()
  const stops = new Map<string, AbortController>()
  let api: ApiClient | undefined
  let onStored: (projectId: string) => void = () => undefined

  function change(id: string, changes: Partial<UploadItem>): void {
    items = items.map((item) => (item.id === id ? { ...item, ...changes } : item))
    for (const listen of listeners) listen()
  }

  function next(): void {
    const waiting = items.find(({ state }) => state === 'waiting')
    if (waiting === undefined || stops.size >= atOnce || api === undefined) return
    const stop = new AbortController()
    stops.set(waiting.id, stop)
    change(waiting.id, { state: 'sending' })
    void carry(waiting, { api, stop })
      .catch((error: unknown) =>
        change(
          waiting.id,
          stop.signal.aborted ? { state: 'cancelled' } : { state: 'failed', error },
        ),
      )
      .finally(() => {
        stops.delete(waiting.id)
        next()
      })
    next()
  }

  type Way = { readonly api: ApiClient; readonly stop: AbortController }

  /** @returns its id */
  async function begin(item: UploadItem, { api: client, stop }: Way): Promise<string> {
    const { file, projectId, documentId } = item
    const { name, size: sizeBytes, lastModified } = file
    const ofDocument = documentId === undefined ? {} : { documentId }
    const { upload } = await client.call(
      beginUpload,
      { params: { projectId }, body: { name, sizeBytes, ...ofDocument } },
      { idempotencyKey: newIdempotencyKey(), signal: stop.signal },
    )
    const uploadId = upload.id
    change(item.id, { uploadId })
    rememberLeft({ uploadId, projectId, ...ofDocument, name, sizeBytes, lastModified })
    return uploadId
  }

  async function carry(item: UploadItem, way: Way): Promise<void> {
    const { file, projectId } = item
    const { api: client, stop } = way
    const uploadId = item.uploadId ?? (await begin(item, way))
    const params = { projectId, uploadId }
    const release = () => {
      forgetLeft(uploadId)
      void client.call(cancelUpload, { params }).catch(() => undefined)
    }
    stop.signal.addEventListener('abort', release, { once: true })
    const outcome = await sendWhole({ client, params, file, signal: stop.signal }, (sentBytes) =>
      change(item.id, sentBytes < file.size ? { sentBytes } : { sentBytes, state: 'storing' }),
    )
    if (outcome.kind !== 'stored') throw new OfflineError('the upload did not come to its end')
    forgetLeft(uploadId)
    const { document, sameAs } = outcome
    change(item.id, { state: sameAs.length > 0 ? 'same' : 'done', document })
    onStored(projectId)
  }

  return {
    items: () => items,
    listen(listener: () => void): () => void {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    /** What sends, and what to do when something has arrived. */
    connect(client: ApiClient, stored: (projectId: string) => void): void {
      api = client
      onStored = stored
    },
    add(files: readonly File[], to: Announced): void {
      const added = files.map((file): UploadItem => ({
        ...to,
        id: newIdempotencyKey(),
        file,
        sentBytes: 0,
        state: 'waiting',
      }))
      items = [...items, ...added]
      for (const listen of listeners) listen()
      next()
    },
    /** With the rest of a file of which the server has a part. */
    goOn(file: File, { uploadId, projectId, documentId, offset }: OpenUpload): void {
      const id = newIdempotencyKey()
      const added: UploadItem = {
        id, projectId, documentId, uploadId, file, sentBytes: offset, state: 'waiting',
      } // prettier-ignore
      items = [...items, added]
      for (const listen of listeners) listen()
      next()
    },
    cancel(id: string): void {
      const stop = stops.get(id)
      if (stop === undefined) change(id, { state: 'cancelled' })
      else stop.abort()
    },
    retry(id: string): void {
      const failed = items.find((item) => item.id === id)
      // What was refused is not there any more.
      const goesOn = isWorthRetrying(failed?.error) ? {} : { uploadId: undefined }
      change(id, { ...goesOn, state: 'waiting', sentBytes: 0, error: undefined })
      next()
    },
    clear(): void {
      items = items.filter((item) => !hasEnded(item))
      for (const listen of listeners) listen()
    },
  }
}

/** One for the page. */
export const uploadQueue = createUploadQueue()

type Sending = {
  readonly client: ApiClient
  readonly params: { readonly projectId: string; readonly uploadId: string }
  readonly file: File
  readonly signal: AbortSignal
}

/** Sends the pieces and finishes; what passes is tried again from where the server stands. */
async function sendWhole(
  sending: Sending,
  onSent: (bytes: number) => void,
): Promise<UploadOutcome> {
  const { client, params, file, signal } = sending
  for (let attempt = 1; ; attempt += 1)
    try {
      const { outcome } = await client.call(getUpload, { params }, { signal })
      if (outcome.kind === 'stored') return outcome
      for (let offset = outcome.upload.offset; offset < file.size;) {
        const piece = file.slice(offset, offset + limits.uploadPartBytesMax)
        await sendPiece(sending, piece, offset)
        offset += piece.size
        onSent(offset)
      }
      const finished = await client.call(finishUpload, { params }, { signal })
      return finished.outcome
    } catch (error) {
      if (signal.aborted || attempt >= triesMax || !isWorthRetrying(error)) throw error
      await new Promise((resolve) => setTimeout(resolve, Math.min(10_000, 500 * 2 ** attempt)))
    }
}

async function sendPiece({ params, signal }: Sending, piece: Blob, offset: number): Promise<void> {
  const path = `/api/projects/${params.projectId}/uploads/${params.uploadId}`
  const token = csrfToken(document.cookie)
  const headers = {
    'content-type': 'application/offset+octet-stream',
    'upload-offset': String(offset),
    ...(token === undefined ? {} : { 'x-csrf-token': token }),
  }
  const reply = await fetch(path, { method: 'PATCH', headers, body: piece, signal }).catch(
    (cause: unknown) => {
      if (signal.aborted) throw cause
      throw new OfflineError('the server could not be reached', { cause })
    },
  )
  if (!reply.ok) throw new ProblemError(problem.parse(await reply.json()))
}
