import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { englishPassages } from '../../apps/server/src/testing/retrieval/english-passages.ts'
import { hebrewPassages } from '../../apps/server/src/testing/retrieval/hebrew-passages.ts'
import { openBrowser } from '../../tests/e2e/browser.ts'

export type MadePdf = {
  readonly language: 'Hebrew' | 'English'
  /** Who wrote the file; the same pages come from several. */
  readonly producer: string
  readonly path: string
  readonly bytes: Uint8Array
  readonly pages: number
  /** What stands on it, in the order in which it is read. */
  readonly text: string
}

type Sheet = {
  readonly heading: string
  readonly paragraphs: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

const run = promisify(execFile)

const texts = {
  Hebrew: {
    passages: hebrewPassages,
    lang: 'he',
    dir: 'rtl',
    fonts: ['DejaVu Sans', 'Assistant', 'Heebo'],
    line: (number: number) => [
      `INV-${4_000 + number}`,
      `תשלום ${number} (מקדמה)`,
      `${(number * 1_250).toLocaleString('en')} ₪`,
    ],
    note: (number: number) =>
      `סעיף ${number}.2: החל מ־12.05.2026 ועד 30.06.2026, הנחה של 18% על חבילת Premium (גרסה 2.1), בטלפון 03-5551234.`,
  },
  English: {
    passages: englishPassages,
    lang: 'en',
    dir: 'ltr',
    fonts: ['DejaVu Serif', 'Nimbus Roman', 'sans-serif'],
    line: (number: number) => [
      `INV-${4_000 + number}`,
      `Payment ${number} (advance)`,
      `€${(number * 1_250).toLocaleString('en')}`,
    ],
    note: (number: number) =>
      `Section ${number}.2: from 12 May to 30 June 2026, 18% off the Premium plan (version 2.1), phone 03-5551234.`,
  },
} as const

type Language = keyof typeof texts

function sheetOf(language: Language, number: number): Sheet {
  const { passages, line, note } = texts[language]
  const at = (index: number) => passages[index % passages.length]
  return {
    heading: `${number}. ${at(number)?.name ?? ''}`,
    paragraphs: [
      ...Array.from({ length: 7 }, (_, index) => at(number * 3 + index)?.text ?? ''),
      note(number),
    ],
    rows: Array.from({ length: 5 }, (_, index) => line(number * 5 + index)),
  }
}

const escape = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')

function pageOf({ heading, paragraphs, rows }: Sheet, font: string): string {
  const cells = rows.map(
    (row) => `<tr>${row.map((cell) => `<td>${escape(cell)}</td>`).join('')}</tr>`,
  )
  return `<section style="break-after:page;font-family:'${font}'"><h1>${escape(heading)}</h1>
    ${paragraphs.map((text) => `<p>${escape(text)}</p>`).join('')}<table>${cells.join('')}</table></section>`
}

const textOf = ({ heading, paragraphs, rows }: Sheet) =>
  [heading, ...paragraphs, ...rows.map((row) => row.join(' '))].join('\n')

type Producer = {
  readonly name: string
  readonly args: (from: string, to: string) => string[]
  readonly languages: readonly Language[]
}

/** Programs that write the pages anew which Chromium prints, where they are installed. */
const producers: readonly Producer[] = [
  {
    name: 'pdftocairo',
    args: (from, to) => ['-pdf', from, to],
    languages: ['Hebrew', 'English'],
  },
  {
    name: 'gs',
    args: (from, to) => [
      '-q',
      '-dBATCH',
      '-dNOPAUSE',
      '-sDEVICE=pdfwrite',
      `-sOutputFile=${to}`,
      from,
    ],
    // Its Hebrew glyphs no longer say which letters they are, to whoever reads them.
    languages: ['English'],
  },
]

/** PDFs with known text, in a directory that goes with them. */
export async function makePdfs(pages: number) {
  const directory = await mkdtemp(join(tmpdir(), 'made-pdfs-'))
  const made: MadePdf[] = []
  const browser = await openBrowser()
  try {
    const page = await browser.newPage()
    for (const language of ['Hebrew', 'English'] as const) {
      const { lang, dir, fonts } = texts[language]
      const sheets = Array.from({ length: pages }, (_, index) => sheetOf(language, index + 1))
      const body = sheets.map((sheet, index) => pageOf(sheet, fonts[index % fonts.length] ?? ''))
      await page.setContent(
        `<!doctype html><html lang="${lang}" dir="${dir}"><style>
          h1 { font-size: 18pt } p, td { font-size: 10.5pt; line-height: 1.4 } td { padding-inline-end: 2em }
        </style>${body.join('')}</html>`,
      )
      const printed = join(directory, `${language}-chromium.pdf`)
      await page.pdf({
        path: printed,
        format: 'A4',
        margin: { top: '15mm', bottom: '15mm', left: '18mm', right: '18mm' },
      })
      const common = { language, pages, text: sheets.map(textOf).join('\n') }
      made.push({ ...common, producer: 'Chromium', path: printed, bytes: await readFile(printed) })
      const able = producers.filter(({ languages }) => languages.includes(language))
      const written = able.map(async (producer) => {
        const path = join(directory, `${language}-${producer.name}.pdf`)
        const bytes = await writtenAnew(producer, printed, path)
        return bytes === undefined ? [] : [{ ...common, producer: producer.name, path, bytes }]
      })
      made.push(...(await Promise.all(written)).flat())
    }
  } finally {
    await browser.close()
  }
  return {
    made,
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }),
  }
}

/** @returns undefined where the program is not installed */
async function writtenAnew({ name, args }: Producer, from: string, to: string) {
  try {
    await run(name, args(from, to))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
  return readFile(to)
}
