import { z } from 'zod'
import type { Extractor, Extraction } from '../../integrations/extraction/extractor.ts'
import type { Database } from '../../platform/db/database.ts'
import { AppError } from '../../platform/errors/app-error.ts'
import { defineJob, type JobKinds, type JobScope, type NewJob } from '../../platform/jobs/job.ts'
import type { Meanings } from './documents.meanings.ts'
import type { Passages } from './documents.passages.ts'
import type { Shelf } from './documents.shelf.ts'
import * as store from './documents.jobs.store.ts'

const payload = z.object({ projectId: z.uuid(), fileId: z.uuid() })
type Payload = z.output<typeof payload>

const kind = 'documents.read'

/** The work of reading a file, to be put into the transaction that stores it. */
export function readJob(file: Payload, userId: string): NewJob {
  return { kind, payload: file, userId, cause: 'change', isUrgent: true }
}

type Dependencies = {
  readonly database: Database
  readonly shelf: Shelf
  readonly extractor: Extractor
  readonly passages: Passages
  readonly meanings: Pick<Meanings, 'ask'>
}

/** A job that is stopped by another person than its own finds out within this time. */
const lookMs = 1_000

/**
 * Reads the text of files. A file belongs to the job that its row names: one that comes late, or after
 * it was stopped, changes nothing.
 */
export function createDocumentJobs({
  database,
  shelf,
  extractor,
  passages,
  meanings,
}: Dependencies): JobKinds {
  async function read({ fileId, projectId }: Payload, scope: JobScope): Promise<void> {
    const file = await database.asMaintenance((db) => store.takeFile(db, fileId, scope.id))
    if (file === undefined) return
    const stopped = new AbortController()
    const timer = setInterval(() => {
      database
        .asMaintenance((db) => store.isTaken(db, fileId, scope.id))
        .then((isTaken) => (isTaken ? undefined : stopped.abort()))
        .catch(() => undefined)
    }, lookMs)
    const signal = AbortSignal.any([scope.signal, stopped.signal])
    try {
      const { bytes } = await shelf.open(file)
      const extraction = await extractor.extract({
        bytes: Buffer.concat(await Array.fromAsync(bytes)),
        format: file.format,
        signal,
        progress: scope.progress,
      })
      await keep({ fileId, projectId }, scope.id, extraction)
    } catch (error) {
      await explain(error, { fileId, scope, stopped: stopped.signal })
    } finally {
      clearInterval(timer)
    }
  }

  async function keep(file: Payload, jobId: string, extraction: Extraction): Promise<void> {
    const { fileId, projectId } = file
    await database.asMaintenance(async (db) => {
      const { state, chunks } = extraction
      if (!(await store.endFile(db, { fileId, jobId, state, extraction }))) return
      await passages.add(db, projectId, await store.replaceChunks(db, fileId, chunks))
      if (state === 'ready') await meanings.ask(db, file)
    })
    await passages.merge(projectId)
  }

  type Failed = { readonly fileId: string; readonly scope: JobScope; readonly stopped: AbortSignal }

  /** What the file itself is to blame for is not tried again; a store that is away is. */
  async function explain(error: unknown, { fileId, scope, stopped }: Failed): Promise<void> {
    const { id: jobId, signal } = scope
    if (stopped.aborted) return
    if (signal.aborted && signal.reason === 'cancelled')
      await database.asMaintenance((db) =>
        store.failFile(db, { fileId, jobId, state: 'cancelled' }),
      )
    if (signal.aborted) throw error
    const { code, facts } =
      error instanceof AppError ? error : { code: 'internal' as const, facts: {} }
    const isFinal = code.startsWith('document.') || code === 'storage.damaged'
    const state = isFinal || scope.isLastAttempt ? 'failed' : 'queued'
    await database.asMaintenance((db) => store.failFile(db, { fileId, jobId, state, code, facts }))
    if (!isFinal) throw error
  }

  return { [kind]: defineJob({ payload, run: read }) }
}
