import { getDocumentProxy } from 'unpdf'
import type { Line } from './chunk-lines.ts'
import { ExtractionProblem } from './extraction-problem.ts'
import { type DrawnItem, type DrawnLine, linesOfPage } from './hebrew-lines.ts'

export type PagesRead = (done: number, total: number) => void

/** Text of a PDF by pages. Its scripts, forms and attached files are not looked at. */
export async function readPdf(
  bytes: Uint8Array,
  onPage: PagesRead,
): Promise<{ readonly lines: Line[]; readonly pages: number }> {
  const pdf = await openPdf(bytes)
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
  try {
    // A Buffer is refused.
    return await getDocumentProxy(new Uint8Array(bytes), { verbosity: 0 })
  } catch (error) {
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
