import { parseMarkdown } from '../markup/parse-markdown.ts'
import { type AdfDocument, renderAdf } from '../markup/render-adf.ts'
import { renderWiki } from '../markup/render-wiki.ts'
import type { JiraFlavour } from './jira-credential.ts'

/** Markdown as it leaves for this flavour of Jira: wiki markup, or a document. */
export function toJiraText(markdown: string, flavour: JiraFlavour): string | AdfDocument {
  const document = parseMarkdown(markdown)
  return flavour === 'cloud' ? renderAdf(document) : renderWiki(document)
}

export type RenderedDescription = {
  /** Wiki markup, or the JSON text of a document. */
  readonly rawDescription: string
  readonly rawFormat: 'wiki' | 'adf'
}

/** The same for showing: character for character what `toJiraText` sends. */
export function renderDescription(markdown: string, flavour: JiraFlavour): RenderedDescription {
  const text = toJiraText(markdown, flavour)
  return typeof text === 'string'
    ? { rawDescription: text, rawFormat: 'wiki' }
    : { rawDescription: JSON.stringify(text), rawFormat: 'adf' }
}
