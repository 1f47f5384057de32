import { setPriority } from 'node:os'
import { parentPort, workerData } from 'node:worker_threads'
import { z } from 'zod'
import { documentFormat } from '@studioops/contracts/documents'
import { chunkLines } from './chunk-lines.ts'
import { detectLanguage } from './detect-language.ts'
import { ExtractionProblem } from './extraction-problem.ts'
import type { FromWorker } from './extract-thread.ts'
import { boundInflation } from './inflation.ts'
import { askPdftotext } from './pdftotext.ts'
import { readLines, type Lines } from './read-lines.ts'
import { loadPdfJs } from './read-pdf.ts'
import { watchShared } from './untouched.ts'

/** Runs in a thread of its own, which is ended when it takes too long or too much. */
const { pdftotext } = z.object({ pdftotext: z.string().optional() }).parse(workerData)
const file = z.object({ format: documentFormat, bytes: z.instanceof(Uint8Array) })
type File = z.output<typeof file>

const charactersMax = 20_000_000
const inflatedBytesMax = 200_000_000

const tell = (message: FromWorker) => parentPort?.postMessage(message)
const progress = (done: number, total: number) => tell({ kind: 'progress', done, total })

/** PostgreSQL keeps no NUL, and no half of a character. */
const kept = (text: string) => text.replaceAll('\0', ' ').toWellFormed()

/** Somebody waits for an answer; nobody for a document. Elsewhere it would be the whole process. */
if (process.platform === 'linux') setPriority(0, 10)
await loadPdfJs()
const countAnew = boundInflation(inflatedBytesMax, () =>
  tell({ kind: 'problem', code: 'document.unpacks-too-large' }),
)
const isUntouched = watchShared()

async function linesOf({ format, bytes }: File): Promise<Lines> {
  const buffer = Buffer.from(bytes.buffer)
  if (format !== 'pdf' || pdftotext === undefined) return readLines(format, buffer, progress)
  const onStart = (pid: number) => tell({ kind: 'program', pid })
  const told = await askPdftotext(buffer, { path: pdftotext, onStart })
  return told ?? readLines(format, buffer, progress)
}

async function extract(source: File): Promise<FromWorker> {
  const { lines, pages } = await linesOf(source)
  const chunks = chunkLines(lines.map((line) => ({ ...line, text: kept(line.text) })))
  const characters = chunks.reduce((sum, { text }) => sum + text.length, 0)
  if (characters > charactersMax) throw new ExtractionProblem('document.unpacks-too-large')
  const language = detectLanguage(
    chunks
      .map(({ text }) => text)
      .join('\n')
      .slice(0, 20_000),
  )
  const hasText = chunks.some(({ text }) => /[\p{L}\p{N}]/u.test(text))
  return {
    kind: 'extraction',
    extraction: {
      state: hasText ? 'ready' : 'no-text',
      chunks: hasText ? chunks : [],
      characters,
      ...(language === undefined ? {} : { language }),
      ...(pages === undefined ? {} : { pages }),
    },
    isUntouched: isUntouched(),
  }
}

async function answer(message: unknown): Promise<void> {
  countAnew()
  try {
    tell(await extract(file.parse(message)))
  } catch (error) {
    // Readers of other people's formats throw whatever they like at what they did not expect.
    tell({
      kind: 'problem',
      code: error instanceof ExtractionProblem ? error.code : 'document.damaged',
    })
  }
}

parentPort?.on('message', (message) => void answer(message))
