import type { DocumentFormat } from '@studioops/contracts/documents'
import type { Line } from './chunk-lines.ts'
import { readDocx, readPptx, readXlsx } from './read-office.ts'
import { type PagesRead, readPdf } from './read-pdf.ts'
import { readCsv, readEmail, readHtmlFile, readMarkdown, readPlainText } from './read-text.ts'

export type Lines = { readonly lines: readonly Line[]; readonly pages?: number }

type Reader = (bytes: Buffer, onPage: PagesRead) => Promise<Lines> | Lines

const withoutPages =
  (read: (bytes: Buffer) => Promise<Line[]> | Line[]): Reader =>
  async (bytes) => ({ lines: await read(bytes) })

const picture: Reader = () => ({ lines: [] })

const readers: Readonly<Record<DocumentFormat, Reader>> = {
  pdf: readPdf,
  docx: withoutPages(readDocx),
  xlsx: withoutPages(readXlsx),
  pptx: readPptx,
  csv: withoutPages(readCsv),
  markdown: withoutPages(readMarkdown),
  html: withoutPages(readHtmlFile),
  text: withoutPages(readPlainText),
  email: withoutPages(readEmail),
  png: picture,
  jpeg: picture,
  gif: picture,
  webp: picture,
}

/** Lines of a document in reading order. @throws ExtractionProblem */
export async function readLines(
  format: DocumentFormat,
  bytes: Buffer,
  onPage: PagesRead,
): Promise<Lines> {
  return readers[format](bytes, onPage)
}
