import { randomUUID } from 'node:crypto'
import {
  givenDocument,
  givenProject,
  whenRead,
} from '../../apps/server/src/testing/sent-documents.ts'
import { atMost, type Line, median, spread } from './figures.ts'
import { makePdfs, type MadePdf } from './made-pdfs.ts'
import { openLive } from './measure-live.ts'

const bench = 'reading'
const live = { streams: 20, words: 200 }
const rounds = 4
const pagesOfFile = 40

/** Tokens of 20 answers, alone and while documents are read all the time, in turn. */
export async function measureReading(pagesMin: number): Promise<Line[]> {
  await using pdfs = await makePdfs(pagesOfFile)
  await using opened = await openLive(live)
  const { client } = opened.workspace
  const projectId = await givenProject(client)
  const hear = async () => (await opened.hear(20)).p99Ms

  async function readOne({ bytes }: MadePdf): Promise<number> {
    const own = Buffer.concat([bytes, Buffer.from(`\n% ${randomUUID()}\n`)])
    const { document } = await givenDocument(client, projectId, { name: 'read.pdf', bytes: own })
    const { state, pages = 0 } = await whenRead(client, projectId, document.id)
    if (state !== 'ready') throw new Error(`a document ended as ${state}`)
    return pages
  }

  /** @returns pages, at least as many as asked for */
  async function readWhile(goesOn: () => boolean): Promise<number> {
    let read = 0
    for (let index = 0; read < pagesMin || goesOn(); index += 1) {
      const pdf = pdfs.made[index % pdfs.made.length]
      read += pdf === undefined ? pagesMin : await readOne(pdf)
    }
    return read
  }

  await hear()
  const [alone, beside, pages]: [number[], number[], number[]] = [[], [], []]
  for (let round = 0; round < rounds; round += 1) {
    alone.push(await hear())
    let isHearing = true
    const heard = hear().finally(() => {
      isHearing = false
    })
    const [p99, read] = await Promise.all([heard, readWhile(() => isHearing)])
    beside.push(p99)
    pages.push(read)
  }
  const rise = median(beside) - median(alone)
  return [
    { bench, what: 'pages that are read at a time', value: spread(pages) },
    { bench, what: 'p99 of a token, ms, alone', value: spread(alone, 1) },
    { bench, what: '  while they are read', value: spread(beside, 1) },
    { bench, what: '  that is more by, ms', value: rise.toFixed(1), aim: atMost(rise, 5, ' ms') },
  ]
}
