import { parentPort, workerData } from 'node:worker_threads'
import { z } from 'zod'
import { documentFormat } from '@studioops/contracts/documents'
import { chunkLines } from './chunk-lines.ts'
import { detectLanguage } from './detect-language.ts'
import { ExtractionProblem } from './extraction-problem.ts'
import type { FromWorker } from './extractor.ts'
import { readLines } from './read-lines.ts'

/** Runs in a thread of its own, which is ended when it takes too long or too much. */
const { format, bytes } = z
  .object({ format: documentFormat, bytes: z.instanceof(Uint8Array) })
  .parse(workerData)

const charactersMax = 20_000_000

const tell = (message: FromWorker) => parentPort?.postMessage(message)

/** PostgreSQL keeps no NUL, and no half of a character. */
const kept = (text: string) => text.replaceAll('\0', ' ').toWellFormed()

async function extract(): Promise<FromWorker> {
  const { lines, pages } = await readLines(format, Buffer.from(bytes.buffer), (done, total) =>
    tell({ kind: 'progress', done, total }),
  )
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
  }
}

try {
  tell(await extract())
} catch (error) {
  // Readers of other people's formats throw whatever they like at what they did not expect.
  tell({
    kind: 'problem',
    code: error instanceof ExtractionProblem ? error.code : 'document.damaged',
  })
}
