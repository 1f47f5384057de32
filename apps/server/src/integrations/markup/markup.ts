import type { MarkupDocument } from './document.ts'
import type { EditOutcome, MarkupEdit } from './edits.ts'
import type { AdfDocument } from './to-adf.ts'

export type { MarkupDocument } from './document.ts'
export type { EditOutcome, EditRefusal, MarkupEdit } from './edits.ts'
export { parseMarkdown } from './parse-markdown.ts'
export { type AdfDocument, toAdf as renderAdf } from './to-adf.ts'
export { toWiki as renderWiki } from './to-wiki.ts'

export type MarkupFormat = 'markdown' | 'adf' | 'wiki' | 'storage'

/** Something of a document that a format cannot say. */
export type Loss = {
  /** A row of docs/markup.md, such as `status` or `table-spans`. */
  readonly feature: string
  readonly count: number
}

/** GitHub-flavoured Markdown. Never throws. */
export function renderMarkdown(_document: MarkupDocument): string {
  return notYet()
}

/** @param value a document of ADF, or anything. Never throws; what is no document is an empty one. */
export function parseAdf(_value: unknown): MarkupDocument {
  return notYet()
}

/** Wiki markup of Jira. Never throws. */
export function parseWiki(_text: string): MarkupDocument {
  return notYet()
}

/** Storage format of Confluence. Never throws; what is not well-formed becomes its own text. */
export function parseStorage(_source: string): MarkupDocument {
  return notYet()
}

/** Well-formed, whatever the document. Never throws. */
export function renderStorage(_document: MarkupDocument): string {
  return notYet()
}

/** All edits in their order, or none. Every byte that no edit means stays. Never throws. */
export function editStorage(_source: string, _edits: readonly MarkupEdit[]): EditOutcome<string> {
  return notYet()
}

/** The same over a document of ADF; nodes that no edit means stay deep-equal. Never throws. */
export function editAdf(
  _source: AdfDocument,
  _edits: readonly MarkupEdit[],
): EditOutcome<AdfDocument> {
  return notYet()
}

/** What of a document `format` cannot say; empty means that it comes back whole. */
export function losses(_document: MarkupDocument, _format: MarkupFormat): readonly Loss[] {
  return notYet()
}

function notYet(): never {
  throw new Error('This reader or writer is not there yet')
}
