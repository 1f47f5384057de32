import { type Extraction, type Source, startThread, type Thread } from './extract-thread.ts'

export type { Extraction } from './extract-thread.ts'

const usual = {
  heapMegabytes: 256,
  otherMegabytes: 1_024,
  deadlineMs: 30_000,
  deadlinePerMegabyteMs: 2_000,
  /** At the same time; the other files wait. */
  threads: 1,
  /** So long a thread waits for the next file; it costs some 60 MB. */
  idleMs: 30_000,
  /** What libraries keep for ever ends with the thread. */
  filesPerThread: 500,
}

type Settings = Partial<typeof usual> & {
  /** The path of `pdftotext`, which reads PDFs then; pdf.js reads what it does not. */
  readonly pdftotext?: string | undefined
}

/**
 * Reads the text of documents in a thread with limits of memory and time, so that nothing that somebody
 * sends stops the server. It stays for the next file; one in which anything went wrong does not.
 */
export function createExtractor({ pdftotext, ...given }: Settings = {}) {
  const settings = { ...usual, ...given }
  const waiting: (() => void)[] = []
  const idle: {
    readonly thread: Thread
    readonly files: number
    readonly timer: NodeJS.Timeout
  }[] = []
  let running = 0
  let isClosed = false

  async function take(): Promise<void> {
    if (running < settings.threads) running += 1
    else await new Promise<void>((resolve) => waiting.push(resolve))
  }
  function release(): void {
    const next = waiting.shift()
    if (next === undefined) running -= 1
    else next()
  }

  function takeThread(): { readonly thread: Thread; readonly files: number } {
    const { thread, files, timer } = idle.pop() ?? {}
    clearTimeout(timer)
    if (thread?.isFresh() === true) return { thread, files: files ?? 0 }
    return { thread: startThread(settings, pdftotext), files: 0 }
  }

  async function putBack(thread: Thread, files: number): Promise<void> {
    if (isClosed || !thread.isFresh() || files >= settings.filesPerThread) return thread.end()
    const timer = setTimeout(() => {
      idle.splice(0, idle.length, ...idle.filter((one) => one.thread !== thread))
      void thread.end()
    }, settings.idleMs)
    timer.unref()
    idle.push({ thread, files, timer })
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
        const { thread, files } = takeThread()
        try {
          return await thread.read(source)
        } finally {
          await putBack(thread, files + 1)
        }
      } finally {
        release()
      }
    },

    async [Symbol.asyncDispose](): Promise<void> {
      isClosed = true
      for (const { thread, timer } of idle.splice(0)) {
        clearTimeout(timer)
        await thread.end()
      }
    },
  }
}

export type Extractor = ReturnType<typeof createExtractor>
