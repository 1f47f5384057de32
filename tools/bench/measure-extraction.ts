import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { promisify } from 'node:util'
import { createExtractor } from '../../apps/server/src/integrations/extraction/extractor.ts'
import { readLines } from '../../apps/server/src/integrations/extraction/read-lines.ts'
import { tokensOf } from '../../apps/server/src/platform/search/text-terms.ts'
import {
  givenDocument,
  givenProject,
  whenRead,
} from '../../apps/server/src/testing/sent-documents.ts'
import { atMost, type Line, median, ratios, spread } from './figures.ts'
import { makePdfs, type MadePdf } from './made-pdfs.ts'
import { openLive } from './measure-live.ts'

type Effort = {
  /** Of each file whose text is compared. */
  readonly pages: number
  readonly rounds: number
  /** Read while tokens are timed. */
  readonly livePages: number
}

const bench = 'extraction'
const run = promisify(execFile)
const textBytesMax = 64 * 1_024 * 1_024

/** @returns undefined where poppler is not installed */
async function askPdftotext(path: string): Promise<string | undefined> {
  try {
    const { stdout } = await run('pdftotext', [path, '-'], { maxBuffer: textBytesMax })
    return stdout
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

async function askOurs({ bytes }: MadePdf): Promise<string> {
  const { lines } = await readLines('pdf', Buffer.from(bytes), () => {})
  return lines.map(({ text }) => text).join('\n')
}

type Fidelity = { readonly found: number; readonly inOrder: number }

/** Shares of the words that are there, and that are there in their order. */
function fidelityOf(expected: readonly string[], got: readonly string[]): Fidelity {
  const left = new Map<string, number>()
  for (const word of got) left.set(word, (left.get(word) ?? 0) + 1)
  let found = 0
  for (const word of expected) {
    const count = left.get(word) ?? 0
    if (count > 0) found += 1
    left.set(word, count - 1)
  }
  return {
    found: found / expected.length,
    inOrder: longestCommon(expected, got) / expected.length,
  }
}

/** Length of the longest common subsequence. */
function longestCommon(one: readonly string[], other: readonly string[]): number {
  const numbers = new Map<string, number>()
  const numbered = (words: readonly string[]) =>
    Int32Array.from(words, (word) => {
      const number = numbers.get(word) ?? numbers.size
      numbers.set(word, number)
      return number
    })
  const [rows, columns] = [numbered(one), numbered(other)]
  let above = new Uint32Array(columns.length + 1)
  for (const word of rows) {
    const row = new Uint32Array(columns.length + 1)
    for (let column = 1; column < row.length; column += 1)
      row[column] =
        columns[column - 1] === word
          ? (above[column - 1] ?? 0) + 1
          : Math.max(above[column] ?? 0, row[column - 1] ?? 0)
    above = row
  }
  return above.at(-1) ?? 0
}

const percent = (share: number) => `${(share * 100).toFixed(2)} %`

async function compareText(made: readonly MadePdf[]): Promise<Line[]> {
  const lines: Line[] = []
  for (const pdf of made) {
    const expected = tokensOf(pdf.text)
    const ours = fidelityOf(expected, tokensOf(await askOurs(pdf)))
    const poppler = await askPdftotext(pdf.path)
    const theirs = poppler === undefined ? undefined : fidelityOf(expected, tokensOf(poppler))
    const beside = (of: keyof Fidelity) =>
      `${percent(ours[of])} beside ${theirs === undefined ? 'nothing' : percent(theirs[of])}`
    const what = `${pdf.language}, ${pdf.producer}`
    lines.push(
      {
        bench,
        what: `${what}: words found`,
        value: beside('found'),
        aim: { text: '≥ 99.5 %', isMet: ours.found >= 0.995 },
      },
      {
        bench,
        what: `${what}: in their order`,
        value: beside('inOrder'),
        aim: { text: '≥ 99 %', isMet: ours.inOrder >= 0.99 },
      },
    )
  }
  return lines
}

/** From the bytes to passages, in the thread in which the product does it. */
async function compareSpeed(made: readonly MadePdf[], rounds: number): Promise<Line[]> {
  const extractor = createExtractor()
  const [ours, theirs]: [number[], number[]] = [[], []]
  const timed = async (work: (pdf: MadePdf) => Promise<unknown>) => {
    const began = performance.now()
    for (const pdf of made) await work(pdf)
    return (performance.now() - began) / 1_000
  }
  const pages = made.reduce((sum, pdf) => sum + pdf.pages, 0)
  for (let round = 0; round < rounds; round += 1) {
    ours.push(pages / (await timed(({ bytes }) => extractor.extract({ bytes, format: 'pdf' }))))
    theirs.push(pages / (await timed(({ path }) => askPdftotext(path))))
  }
  const share = ratios(ours, theirs)
  return [
    { bench, what: 'pages a second', value: spread(ours) },
    {
      bench,
      what: '  as a share of those of pdftotext',
      value: spread(share, 2),
      aim: { text: '≥ 0.4', isMet: median(share) >= 0.4 },
    },
  ]
}

const live = { streams: 20, words: 200 }
const liveRounds = 3

/** Tokens of 20 answers, alone and while documents are read. */
async function compareTokens(made: readonly MadePdf[], pages: number): Promise<Line[]> {
  await using opened = await openLive(live)
  const { client } = opened.workspace
  const projectId = await givenProject(client)
  const hear = async () => (await opened.hear(20)).p99Ms
  async function readAll(): Promise<number> {
    let read = 0
    for (let index = 0; read < pages; index += 1) {
      const pdf = made[index % made.length]
      if (pdf === undefined) break
      const bytes = Buffer.concat([pdf.bytes, Buffer.from(`\n% ${randomUUID()}\n`)])
      const { document } = await givenDocument(client, projectId, { name: 'read.pdf', bytes })
      const { state, pages: known = 0 } = await whenRead(client, projectId, document.id)
      if (state !== 'ready') throw new Error(`a document ended as ${state}`)
      read += known
    }
    return read
  }
  await hear()
  const [alone, beside]: [number[], number[]] = [[], []]
  let read = 0
  for (let round = 0; round < liveRounds; round += 1) {
    alone.push(await hear())
    const [p99, count] = await Promise.all([hear(), readAll()])
    beside.push(p99)
    read = count
  }
  const rise = median(beside) - median(alone)
  return [
    { bench, what: 'p99 of a token, ms, alone', value: spread(alone, 1) },
    { bench, what: `  while ${read} pages are read`, value: spread(beside, 1) },
    { bench, what: '  that is more by, ms', value: rise.toFixed(1), aim: atMost(rise, 5, ' ms') },
  ]
}

/** Text of PDFs of several producers, beside poppler's `pdftotext` where it is installed. */
export async function measureExtraction({ pages, rounds, livePages }: Effort): Promise<Line[]> {
  await using pdfs = await makePdfs(pages)
  const hasPoppler = (await askPdftotext('/dev/null').catch(() => '')) !== undefined
  return [
    ...(await compareText(pdfs.made)),
    ...(hasPoppler
      ? await compareSpeed(pdfs.made, rounds)
      : [{ bench, what: 'speed', value: 'pdftotext is not installed (Debian: poppler-utils)' }]),
    ...(await compareTokens(pdfs.made, livePages)),
  ]
}
