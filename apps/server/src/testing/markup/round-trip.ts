import {
  type MarkupDocument,
  type MarkupFormat,
  parseAdf,
  parseMarkdown,
  parseStorage,
  parseWiki,
  renderAdf,
  renderMarkdown,
  renderStorage,
  renderWiki,
} from '../../integrations/markup/markup.ts'

export const formats: readonly MarkupFormat[] = ['markdown', 'adf', 'wiki', 'storage']

/** Written in a format and read again. */
export function roundTrip(document: MarkupDocument, format: MarkupFormat): MarkupDocument {
  switch (format) {
    case 'markdown':
      return parseMarkdown(renderMarkdown(document))
    case 'adf':
      return parseAdf(JSON.parse(JSON.stringify(renderAdf(document))))
    case 'wiki':
      return parseWiki(renderWiki(document))
    case 'storage':
      return parseStorage(renderStorage(document))
  }
}

/** The document without what only makes its nodes the same ones, and without labels of what is kept. */
export function withoutKept(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutKept)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => name !== 'kept' && name !== 'label')
      .map(([name, inner]) => [name, withoutKept(inner)]),
  )
}
