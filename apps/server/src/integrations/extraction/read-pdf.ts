import { getResolvedPDFJS } from 'unpdf'
import type { Line } from './chunk-lines.ts'
import { ExtractionProblem } from './extraction-problem.ts'
import { type DrawnItem, type DrawnLine, linesOfPage } from './hebrew-lines.ts'
import { connectPdfJs } from './pdf-ports.ts'

export type PagesRead = (done: number, total: number) => void

/** What each file needs; pdf.js is loaded once. */
export async function loadPdfJs(): Promise<void> {
  await getResolvedPDFJS()
}

/** Text of a PDF by pages. Its scripts, forms and attached files are not looked at. */
export async function readPdf(
  bytes: Uint8Array,
  onPage: PagesRead,
): Promise<{ readonly lines: Line[]; readonly pages: number }> {
  await using opened = await openPdf(bytes)
  const { pdf } = opened
  const pages: DrawnLine[][] = []
  for (let number = 1; number <= pdf.numPages; number += 1) {
    const page = await pdf.getPage(number)
    const { items } = await page.getTextContent()
    // Without marked content, which was not asked for, every item is a run of text.
    pages.push(linesOfPage(items as DrawnItem[]))
    page.cleanup()
    onPage(number, pdf.numPages)
  }
  return { lines: linesOf(pages), pages: pdf.numPages }
}

async function openPdf(bytes: Uint8Array) {
  const pdfJs = await getResolvedPDFJS()
  const worker = connectPdfJs(pdfJs)
  const task = pdfJs.getDocument({
    // A Buffer is refused.
    data: new Uint8Array(bytes),
    worker,
    verbosity: 0,
    disableFontFace: true,
    isImageDecoderSupported: false,
    isOffscreenCanvasSupported: false,
    useSystemFonts: true,
    useWasm: false,
    useWorkerFetch: false,
  })
  const close = async () => {
    await task.destroy()
    worker.destroy()
  }
  try {
    return { pdf: await task.promise, [Symbol.asyncDispose]: close }
  } catch (error) {
    await close()
    const name = error instanceof Error ? error.name : ''
    throw new ExtractionProblem(
      name === 'PasswordException' ? 'document.protected' : 'document.damaged',
    )
  }
}

/** What is clearly larger than most of the text, and short, is a heading. */
function linesOf(pages: readonly DrawnLine[][]): Line[] {
  const heights = pages.flatMap((page) => page.map(({ height }) => height))
  const usual = heights.toSorted((one, other) => one - other)[Math.floor(heights.length / 2)] ?? 10
  return pages.flatMap((page, index) =>
    page.map(({ text, height }) => ({
      text,
      page: index + 1,
      level: levelOf(height / usual, text),
    })),
  )
}

function levelOf(ratio: number, text: string): number | undefined {
  if (ratio < 1.2 || text.length > 150) return undefined
  return ratio > 1.6 ? 1 : 2
}
