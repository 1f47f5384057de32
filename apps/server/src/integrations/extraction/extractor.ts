import { Worker } from 'node:worker_threads'
import type { DocumentFormat } from '@studioops/contracts/documents'
import { AppError } from '../../platform/errors/app-error.ts'
import type { Chunk } from './chunk-lines.ts'
import type { ExtractionProblem } from './extraction-problem.ts'

export type Extraction = {
  /** `no-text`: there is nothing in it but pictures. */
  readonly state: 'ready' | 'no-text'
  readonly chunks: readonly Chunk[]
  /** ISO 639-1. */
  readonly language?: string
  readonly pages?: number
  /** UTF-16 units. */
  readonly characters: number
}

export type FromWorker =
  | { readonly kind: 'progress'; readonly done: number; readonly total: number }
  | { readonly kind: 'problem'; readonly code: ExtractionProblem['code'] }
  | { readonly kind: 'extraction'; readonly extraction: Extraction }

type Source = {
  readonly bytes: Uint8Array
  readonly format: DocumentFormat
  /** Ends the work at once. */
  readonly signal?: AbortSignal
  readonly progress?: (progress: { readonly done: number; readonly total: number }) => void
}

type Limits = {
  readonly heapMegabytes: number
  readonly deadlineMs: number
  readonly deadlinePerMegabyteMs: number
  /** At the same time; the others wait. */
  readonly threads: number
}

const usual: Limits = {
  heapMegabytes: 256,
  deadlineMs: 30_000,
  deadlinePerMegabyteMs: 2_000,
  threads: 1,
}

const workerFile = new URL('./extract-worker.ts', import.meta.url)

/**
 * Reads the text of documents, each in a thread of its own with limits of memory and time, so that
 * nothing that somebody sends stops the server.
 */
export function createExtractor(given: Partial<Limits> = {}) {
  const limits = { ...usual, ...given }
  const waiting: (() => void)[] = []
  let running = 0

  async function take(): Promise<void> {
    if (running < limits.threads) running += 1
    else await new Promise<void>((resolve) => waiting.push(resolve))
  }
  function release(): void {
    const next = waiting.shift()
    if (next === undefined) running -= 1
    else next()
  }

  return {
    /**
     * @throws AppError `document.damaged`, `document.protected`, `document.unpacks-too-large`,
     *   `document.too-slow`, `document.too-much-memory`; the reason of the signal
     */
    async extract(source: Source): Promise<Extraction> {
      await take()
      try {
        source.signal?.throwIfAborted()
        return await runWorker(source, limits)
      } finally {
        release()
      }
    },
  }
}

export type Extractor = ReturnType<typeof createExtractor>

async function runWorker(
  { bytes, format, signal, progress }: Source,
  { heapMegabytes, deadlineMs, deadlinePerMegabyteMs }: Limits,
): Promise<Extraction> {
  const copy = new Uint8Array(bytes)
  const worker = new Worker(workerFile, {
    workerData: { format, bytes: copy },
    transferList: [copy.buffer],
    resourceLimits: { maxOldGenerationSizeMb: heapMegabytes, maxYoungGenerationSizeMb: 32 },
    // What a reader prints about a document belongs into no log.
    stdout: true,
    stderr: true,
    env: {},
  })
  const { promise, resolve, reject } = Promise.withResolvers<Extraction>()
  worker.on('message', (message: FromWorker) => {
    if (message.kind === 'progress') progress?.(message)
    else if (message.kind === 'problem') reject(new AppError(message.code))
    else resolve(message.extraction)
  })
  worker.on('error', (error) => reject(new AppError(codeOf(error), { cause: error })))
  worker.on('exit', () => reject(new AppError('document.damaged')))
  const megabytes = bytes.length / 1_048_576
  const timer = setTimeout(
    () => reject(new AppError('document.too-slow')),
    Math.round(deadlineMs + megabytes * deadlinePerMegabyteMs),
  )
  const stop = () => reject(signal?.reason)
  signal?.addEventListener('abort', stop, { once: true })
  try {
    return await promise
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', stop)
    await worker.terminate()
  }
}

function codeOf(error: unknown): 'document.too-much-memory' | 'document.damaged' {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'document.too-much-memory' : 'document.damaged'
}
