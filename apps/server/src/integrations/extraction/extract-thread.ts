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
  /** A process group that works for it. */
  | { readonly kind: 'program'; readonly pid: number }
  | { readonly kind: 'problem'; readonly code: ExtractionProblem['code'] }
  | { readonly kind: 'extraction'; readonly extraction: Extraction; readonly isUntouched: boolean }

export type Source = {
  readonly bytes: Uint8Array
  readonly format: DocumentFormat
  /** Ends the work at once. */
  readonly signal?: AbortSignal
  readonly progress?: (progress: { readonly done: number; readonly total: number }) => void
}

export type ThreadLimits = {
  readonly heapMegabytes: number
  /** Outside the heap: what was unpacked, and the file itself. */
  readonly otherMegabytes: number
  readonly deadlineMs: number
  readonly deadlinePerMegabyteMs: number
}

const workerFile = new URL('./extract-worker.ts', import.meta.url)
const megabyte = 1_048_576
const lookMs = 250

/**
 * A thread that reads one file after the other. One that failed, whatever the reason, has to be ended,
 * and so has one that is not `fresh` any more.
 *
 * @param pdftotext the path of the program; absent where it is not to be asked
 */
export function startThread(limits: ThreadLimits, pdftotext: string | undefined) {
  const worker = new Worker(workerFile, {
    workerData: { pdftotext },
    resourceLimits: {
      maxOldGenerationSizeMb: limits.heapMegabytes,
      maxYoungGenerationSizeMb: 32,
    },
    // What a reader prints about a document belongs into no log.
    stdout: true,
    stderr: true,
    env: {},
  })
  let program: number | undefined
  let isFresh = true
  // Each file has its own listeners; an error that comes between two is heard as an end by the next.
  worker.on('error', () => undefined)
  worker.on('exit', () => {
    isFresh = false
  })
  worker.unref()

  return {
    isFresh: () => isFresh,

    /** @throws AppError as `Extractor.extract`; the reason of the signal */
    async read({ bytes, format, signal, progress }: Source): Promise<Extraction> {
      const { promise, resolve, reject } = Promise.withResolvers<Extraction>()
      const hear = (message: FromWorker) => {
        if (message.kind === 'progress') progress?.(message)
        else if (message.kind === 'program') program = message.pid
        else if (message.kind === 'problem') reject(new AppError(message.code))
        else {
          program = undefined
          isFresh = message.isUntouched
          resolve(message.extraction)
        }
      }
      const fail = (error: unknown) => reject(new AppError(codeOf(error), { cause: error }))
      const stop = () => reject(signal?.reason)
      const deadlineMs =
        limits.deadlineMs + (bytes.length / megabyte) * limits.deadlinePerMegabyteMs
      const timer = setTimeout(() => reject(new AppError('document.too-slow')), deadlineMs)
      const watch = setInterval(async () => {
        const held = await worker.getHeapStatistics().catch(() => undefined)
        if ((held?.external_memory ?? 0) > limits.otherMegabytes * megabyte)
          reject(new AppError('document.too-much-memory'))
      }, lookMs)
      worker.on('message', hear).on('error', fail).on('exit', fail)
      signal?.addEventListener('abort', stop, { once: true })
      worker.ref()
      try {
        const copy = new Uint8Array(bytes)
        worker.postMessage({ format, bytes: copy }, [copy.buffer])
        return await promise
      } catch (error) {
        isFresh = false
        throw error
      } finally {
        worker.unref()
        clearTimeout(timer)
        clearInterval(watch)
        signal?.removeEventListener('abort', stop)
        worker.off('message', hear).off('error', fail).off('exit', fail)
      }
    },

    async end(): Promise<void> {
      await worker.terminate()
      if (program !== undefined) endGroup(program)
    },
  }
}

export type Thread = ReturnType<typeof startThread>

function endGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It has ended by itself.
  }
}

function codeOf(error: unknown): 'document.too-much-memory' | 'document.damaged' {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'document.too-much-memory' : 'document.damaged'
}
