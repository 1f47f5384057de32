import { isDeepStrictEqual } from 'node:util'
import { adapt, losses } from '../../integrations/markup/adapt.ts'
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

export function parseIn(format: MarkupFormat, source: string): MarkupDocument {
  switch (format) {
    case 'markdown':
      return parseMarkdown(source)
    case 'adf':
      return parseAdf(JSON.parse(source))
    case 'wiki':
      return parseWiki(source)
    case 'storage':
      return parseStorage(source)
  }
}

export function renderIn(format: MarkupFormat, document: MarkupDocument): string {
  switch (format) {
    case 'markdown':
      return renderMarkdown(document)
    case 'adf':
      return JSON.stringify(renderAdf(document))
    case 'wiki':
      return renderWiki(document)
    case 'storage':
      return renderStorage(document)
  }
}

type FormatReport = {
  readonly format: MarkupFormat
  /** Documents that came back exactly as the format can say them. */
  readonly exact: number
  /** Of them those of which nothing was lost at all. */
  readonly whole: number
}

export type RoundTripReport = {
  readonly documents: number
  readonly formats: readonly FormatReport[]
  /** Documents of which all four formats lose nothing, and that came through all of them in a row. */
  readonly chain: { readonly possible: number; readonly whole: number }
  readonly failures: readonly { readonly format: string; readonly document: MarkupDocument }[]
}

/** Takes each document through the four formats and back, one by one and in a row. */
export function roundTripCampaign(documents: readonly MarkupDocument[]): RoundTripReport {
  const failures: { readonly format: string; readonly document: MarkupDocument }[] = []
  const reports = formats.map((format): FormatReport => {
    let exact = 0
    let whole = 0
    for (const document of documents) {
      const said = adapt(document, format)
      const isExact = isSame(roundTrip(document, format), said.document)
      const isWhole = said.losses.length === 0
      if (isExact && (!isWhole || isSame(said.document, document))) exact += 1
      else failures.push({ format, document })
      if (isExact && isWhole) whole += 1
    }
    return { format, exact, whole }
  })
  const common = documents.filter((document) =>
    formats.every((format) => losses(document, format).length === 0),
  )
  const through = common.filter((document) => {
    const end = formats.reduce((last, format) => roundTrip(last, format), document)
    const isWhole = isSame(end, document)
    if (!isWhole) failures.push({ format: 'all in a row', document })
    return isWhole
  })
  return {
    documents: documents.length,
    formats: reports,
    chain: { possible: common.length, whole: through.length },
    failures,
  }
}

function isSame(a: MarkupDocument, b: MarkupDocument): boolean {
  return isDeepStrictEqual(withoutKept(a), withoutKept(b))
}
