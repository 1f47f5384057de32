import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { createExtractor } from '../../apps/server/src/integrations/extraction/extractor.ts'
import {
  askPdftotext,
  findPdftotext,
} from '../../apps/server/src/integrations/extraction/pdftotext.ts'
import { readLines } from '../../apps/server/src/integrations/extraction/read-lines.ts'
import { tokensOf } from '../../apps/server/src/platform/search/text-terms.ts'
import { type Line, median, ratios, spread } from './figures.ts'
import { makePdfs, type MadePdf } from './made-pdfs.ts'

type Effort = {
  /** Of each file whose text is compared. */
  readonly pages: number
  readonly rounds: number
}

const bench = 'extraction'
const run = promisify(execFile)
const textBytesMax = 64 * 1_024 * 1_024
/** Until the compiler knows what is done often; the thread of the product stays for the next file as well. */
const warmUpRounds = 3

/** @returns undefined where poppler is not installed */
async function askPoppler(path: string): Promise<string | undefined> {
  try {
    const { stdout } = await run('pdftotext', [path, '-'], { maxBuffer: textBytesMax })
    return stdout
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

/** Ours, without and with the program, and the program by itself. */
const readers = {
  'pdf.js': async ({ bytes }: MadePdf) => {
    const { lines } = await readLines('pdf', Buffer.from(bytes), () => {})
    return lines.map(({ text }) => text).join('\n')
  },
  'pdftotext in ours': async ({ bytes }: MadePdf) => {
    const path = findPdftotext()
    if (path === undefined) return undefined
    const read = await askPdftotext(bytes, { path, onStart: () => {} })
    return read?.lines.map(({ text }) => text).join('\n')
  },
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
    const poppler = await askPoppler(pdf.path)
    const theirs = poppler === undefined ? undefined : fidelityOf(expected, tokensOf(poppler))
    for (const [reader, read] of Object.entries(readers)) {
      const text = await read(pdf)
      if (text !== undefined)
        lines.push(
          ...linesOf(`${pdf.language}, ${pdf.producer}, ${reader}`, {
            ours: fidelityOf(expected, tokensOf(text)),
            theirs,
          }),
        )
    }
  }
  return lines
}

type Compared = { readonly ours: Fidelity; readonly theirs: Fidelity | undefined }

function linesOf(what: string, { ours, theirs }: Compared): Line[] {
  const beside = (of: keyof Fidelity) =>
    `${percent(ours[of])} beside ${theirs === undefined ? 'nothing' : percent(theirs[of])}`
  return [
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
  ]
}

/** From the bytes to passages, in the thread in which the product does it, which is warm as there. */
async function compareSpeed(made: readonly MadePdf[], rounds: number): Promise<Line[]> {
  await using alone = createExtractor()
  await using helped = createExtractor({ pdftotext: findPdftotext() })
  const pages = made.reduce((sum, pdf) => sum + pdf.pages, 0)
  const speedOf = async (work: (pdf: MadePdf) => Promise<unknown>) => {
    const began = performance.now()
    for (const pdf of made) await work(pdf)
    return (pages * 1_000) / (performance.now() - began)
  }
  const ways = [
    { what: 'pdf.js', least: 0.4, read: alone, speeds: [] as number[] },
    { what: 'pdftotext in ours', least: 0.8, read: helped, speeds: [] as number[] },
  ]
  const theirs: number[] = []
  for (let round = -warmUpRounds; round < rounds; round += 1) {
    const speeds: number[] = []
    for (const { read } of ways)
      speeds.push(await speedOf(({ bytes }) => read.extract({ bytes, format: 'pdf' })))
    const peer = await speedOf(({ path }) => askPoppler(path))
    if (round < 0) continue
    ways.forEach((way, index) => way.speeds.push(speeds[index] ?? 0))
    theirs.push(peer)
  }
  return [
    { bench, what: 'pages a second, pdftotext', value: spread(theirs) },
    ...ways.flatMap(({ what, least, speeds }): Line[] => {
      const share = ratios(speeds, theirs)
      return [
        { bench, what: `  ${what}`, value: spread(speeds) },
        {
          bench,
          what: '    as a share of those of pdftotext',
          value: spread(share, 2),
          aim: { text: `≥ ${least}`, isMet: median(share) >= least },
        },
      ]
    }),
  ]
}

/** Text of PDFs of several producers, beside poppler's `pdftotext` where it is installed. */
export async function measureExtraction({ pages, rounds }: Effort): Promise<Line[]> {
  await using pdfs = await makePdfs(pages)
  const hasPoppler = (await askPoppler('/dev/null').catch(() => '')) !== undefined
  return [
    ...(await compareText(pdfs.made)),
    ...(hasPoppler
      ? await compareSpeed(pdfs.made, rounds)
      : [{ bench, what: 'speed', value: 'pdftotext is not installed (Debian: poppler-utils)' }]),
  ]
}
