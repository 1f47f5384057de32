import { Parser } from 'htmlparser2'
import mammoth from 'mammoth'
import readWorkbook from 'read-excel-file/universal'
import type { Line } from './chunk-lines.ts'
import { ExtractionProblem } from './extraction-problem.ts'
import { linesOfRows } from './lines-of-rows.ts'
import { readHtml } from './read-text.ts'
import { unpackOffice } from './unpack-office.ts'

/** Headings are known by the names of their styles, which are English in every language of Word. */
export async function readDocx(archive: Buffer): Promise<Line[]> {
  await unpackOffice(archive)
  const { value } = await damagedUnless(() =>
    mammoth.convertToHtml({ buffer: archive }, { convertImage: noImage }),
  )
  return readHtml(value)
}

const noImage = mammoth.images.imgElement(async () => ({ src: '' }))

/** A line for each row with the names of its columns before the cells; a sheet is a page. */
export async function readXlsx(archive: Buffer): Promise<Line[]> {
  await unpackOffice(archive)
  const sheets = await damagedUnless(() => readWorkbook(new Blob([new Uint8Array(archive)])))
  return sheets.flatMap(({ sheet, data }, index) => {
    const page = index + 1
    const rows = data.map((row) => row.map(textOfCell))
    return [{ text: sheet, page, level: 1 }, ...linesOfRows(rows, page)]
  })
}

/** What a cell holds is up to whoever wrote the file. */
function textOfCell(cell: unknown): string {
  if (typeof cell === 'string') return cell
  if (typeof cell === 'number' || typeof cell === 'boolean') return String(cell)
  if (!(cell instanceof Date)) return ''
  const iso = cell.toISOString()
  return iso.endsWith('T00:00:00.000Z') ? iso.slice(0, 10) : iso.slice(0, 16).replace('T', ' ')
}

/** A slide is a page, its first text the heading; notes follow their slide. */
export async function readPptx(archive: Buffer): Promise<{ lines: Line[]; pages: number }> {
  const parts = await unpackOffice(archive)
  const numbers = parts.names.flatMap((name) => {
    const number = /^ppt\/slides\/slide(\d+)\.xml$/.exec(name)?.[1]
    return number === undefined ? [] : [Number(number)]
  })
  const slides = numbers.toSorted((one, other) => one - other)
  const lines = slides.flatMap((number, index) => {
    const page = index + 1
    const notes = `ppt/notesSlides/notesSlide${number}.xml`
    const [title, ...texts] = paragraphsOf(parts.text(`ppt/slides/slide${number}.xml`))
    const below = parts.names.includes(notes) ? paragraphsOf(parts.text(notes)) : []
    const first = title === undefined ? [] : [{ text: title, page, level: 1 }]
    return [...first, ...[...texts, ...below].map((text) => ({ text, page }))]
  })
  return { lines, pages: slides.length }
}

/** Paragraphs of DrawingML (ECMA-376, 21.1.2): runs of text in `a:t`, each paragraph an `a:p`. */
function paragraphsOf(xml: string): string[] {
  const paragraphs: string[] = []
  let text = ''
  let isText = false
  const parser = new Parser(
    {
      onopentagname(name) {
        if (name === 'a:p') text = ''
        if (name === 'a:br') text += '\n'
        isText = name === 'a:t'
      },
      ontext: (part) => {
        if (isText) text += part
      },
      onclosetag(name) {
        if (name === 'a:t') isText = false
        if (name === 'a:p' && text.trim() !== '') paragraphs.push(text.trim())
      },
    },
    { xmlMode: true },
  )
  parser.end(xml)
  return paragraphs
}

async function damagedUnless<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch {
    throw new ExtractionProblem('document.damaged')
  }
}
