import { LRUCache } from 'lru-cache'
import { z } from 'zod'
import type { Embedder } from '../../integrations/llm/embedder.ts'
import { ModelError } from '../../integrations/llm/model-error.ts'
import type { Database, Db } from '../../platform/db/database.ts'
import { defineJob, type JobKinds, type NewJob } from '../../platform/jobs/job.ts'
import type { Jobs } from '../../platform/jobs/job-worker.ts'
import type { Log } from '../../platform/log/log.ts'
import { likenesses, type PackedVectors, packVectors } from '../../platform/search/vectors.ts'
import * as store from './documents.meanings.store.ts'

type Dependencies = {
  readonly database: Database
  readonly jobs: Pick<Jobs, 'enqueue'>
  readonly log: Log
  /** Absent where none is set up: passages are found by their words only. */
  readonly embedder: Embedder | undefined
}

const kind = 'documents.embed'
const payload = z.object({ fileId: z.uuid(), projectId: z.uuid() })

const textsAtOnce = 64
const batchMs = 60_000
/** Longer than this nobody waits for a better order. */
const questionMs = 1_500
const textLengthMax = 6_000
const cacheBytes = 64 * 1_024 * 1_024
const filesPerSweep = 200

export type Meanings = ReturnType<typeof createMeanings>

/** What passages mean, by the vectors of the configured provider; everything goes on without it. */
export function createMeanings({ database, jobs, log, embedder }: Dependencies) {
  // Of a file and a model they never change; who may read them, each search asks anew.
  const vectors = new LRUCache<string, PackedVectors>({
    maxSize: cacheBytes,
    sizeCalculation: ({ ids, bytes }) => Math.max(1, bytes.length + ids.length * 8),
  })
  const questions = new LRUCache<string, Float32Array>({ max: 500 })

  async function embed(fileId: string, asking: Embedder, signal: AbortSignal): Promise<void> {
    const chunks = await database.asMaintenance((db) =>
      store.readUnembedded(db, fileId, asking.model),
    )
    const made: Float32Array[] = []
    for (let from = 0; from < chunks.length; from += textsAtOnce) {
      const part = chunks.slice(from, from + textsAtOnce)
      const texts = part.map(({ text }) => text.slice(0, textLengthMax).toWellFormed())
      made.push(...(await asking.embed(texts, { deadlineMs: batchMs, signal })))
    }
    const dimensions = made[0]?.length
    if (dimensions === undefined) return
    const ids = chunks.map(({ id }) => id)
    const packed = { ids, dimensions, bytes: packVectors(made) }
    await database.asMaintenance((db) =>
      store.writeMeaning(db, { fileId, model: asking.model, ...packed }),
    )
  }

  const jobOf = (file: z.output<typeof payload>): NewJob => ({
    kind,
    payload: file,
    cause: 'change',
    singleton: `${kind} ${file.fileId}`,
  })

  const kinds: JobKinds = {
    [kind]: defineJob({
      payload,
      async run({ fileId }, { signal }) {
        if (embedder !== undefined) await embed(fileId, embedder, signal)
      },
    }),
  }

  return {
    kinds,

    /** In the transaction that keeps the text of a file. */
    async ask(db: Db, file: z.output<typeof payload>): Promise<void> {
      if (embedder !== undefined) await jobs.enqueue(db, jobOf(file))
    },

    /** Files from before the provider, or its model, was set up. @returns how many */
    async catchUp(): Promise<number> {
      if (embedder === undefined) return 0
      return database.asMaintenance(async (db) => {
        const files = await store.listUnembedded(db, embedder.model, filesPerSweep)
        for (const file of files) await jobs.enqueue(db, jobOf(file))
        return files.length
      })
    },

    /** Before the transaction in which `near` is asked: a provider is not waited for in one. */
    async prepare(question: string): Promise<void> {
      if (embedder === undefined || questions.has(question)) return
      try {
        const [vector] = await embedder.embed([question], { deadlineMs: questionMs })
        if (vector !== undefined) questions.set(question, vector)
      } catch (error) {
        if (!(error instanceof ModelError)) throw error
        log.info({ reason: error.kind }, 'passages are found by their words only')
      }
    },

    /** Ids of the nearest passages, the nearest first; none where the question was not prepared. */
    async near(
      db: Db,
      asked: { readonly projectIds: readonly string[]; question: string; limit: number },
    ): Promise<readonly number[]> {
      const wanted = questions.get(asked.question)
      if (embedder === undefined || wanted === undefined) return []
      const known = new Map(vectors.entries())
      const rows = await store.listMeanings(db, {
        projectIds: asked.projectIds,
        model: embedder.model,
        known: [...known.keys()],
      })
      const hits = rows.flatMap(({ name, dimensions, ids, bytes }) => {
        const packed = known.get(name) ?? {
          dimensions,
          ids: ids ?? [],
          bytes: bytes ?? Buffer.alloc(0),
        }
        vectors.set(name, packed)
        return [...likenesses(packed, wanted)]
      })
      return hits
        .toSorted((one, other) => other.score - one.score || one.id - other.id)
        .slice(0, asked.limit)
        .map(({ id }) => id)
    },
  }
}
