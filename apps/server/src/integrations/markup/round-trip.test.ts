import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { anyDocument } from '../../testing/markup/any-document.ts'
import { corpus } from '../../testing/markup/corpus.ts'
import {
  formats,
  parseIn,
  renderIn,
  roundTrip,
  roundTripCampaign,
  withoutKept,
} from '../../testing/markup/round-trip.ts'
import { adfRefereeOrSkip } from '../../testing/referee.ts'
import { adapt } from './adapt.ts'
import { losses, normalizeDocument, renderAdf, renderStorage } from './markup.ts'
import { readStorage } from './storage-xml.ts'

describe('documents in the four formats [CON-11]', () => {
  it.each(formats)('come back from %s as that format can say them, exactly', (format) => {
    fc.assert(
      fc.property(anyDocument, (document) => {
        const said = adapt(document, format)
        expect(withoutKept(roundTrip(document, format))).toEqual(withoutKept(said.document))
      }),
      { numRuns: 400 },
    )
  })

  it.each(formats)('come back from %s whole where no loss is named', (format) => {
    fc.assert(
      fc.property(anyDocument, (document) => {
        fc.pre(losses(document, format).length === 0)
        expect(withoutKept(roundTrip(document, format))).toEqual(withoutKept(document))
      }),
      { numRuns: 150 },
    )
  })

  it.each(formats)('are the same text in %s when that is read and written again', (format) => {
    fc.assert(
      fc.property(anyDocument, (document) => {
        const once = roundTrip(document, format)
        expect(roundTrip(once, format)).toEqual(once)
      }),
      { numRuns: 150 },
    )
  })

  it('shaped by hand come back from all four', () => {
    const documents = corpus.map(({ format, source }) => parseIn(format, source))
    expect(documents.length).toBeGreaterThan(100)
    expect(roundTripCampaign(documents).failures).toEqual([])
  })

  it('of ADF come back node by node, whatever the model knows of them', () => {
    const sources = corpus.filter(({ format }) => format === 'adf').map(({ source }) => source)
    const again = sources.map((source) => JSON.parse(renderIn('adf', parseIn('adf', source))))
    expect(again).toEqual(sources.map((source) => JSON.parse(source)))
  })

  it.each([
    '<div class="x">\n <p>unknown</p></div>',
    '<ac:structured-macro ac:macro-id="1" ac:name="x">\n<ac:parameter ac:name="k">v</ac:parameter></ac:structured-macro>',
    '<ac:layout><ac:layout-section ac:type="new"><ac:layout-cell/></ac:layout-section></ac:layout>',
  ])('keep byte for byte what only Confluence knows: %s', (source) => {
    expect(renderIn('storage', parseIn('storage', source))).toBe(source)
  })

  it.each(['{chart:type=bar}', '[^file.pdf]', '??cited??', '{anchor:x}'])(
    'keep byte for byte what only Jira knows: %s',
    (source) => {
      expect(renderIn('wiki', parseIn('wiki', source))).toBe(source)
      expect(renderIn('storage', parseIn('wiki', source))).not.toContain('ac:')
    },
  )

  it('have one normal form', () => {
    fc.assert(
      fc.property(anyDocument, (document) => {
        expect(normalizeDocument(document)).toEqual(document)
      }),
      { numRuns: 300 },
    )
  })

  it('are always valid for Jira Cloud', (context) => {
    const judge = adfRefereeOrSkip(context)
    fc.assert(
      fc.property(anyDocument, (document) => {
        expect(judge(renderAdf(document))).toEqual({ ok: true, errors: [] })
      }),
      { numRuns: 300 },
    )
  })

  it('are always well-formed for Confluence', () => {
    fc.assert(
      fc.property(anyDocument, (document) => {
        expect(readStorage(renderStorage(document)).kind).toBe('tree')
      }),
      { numRuns: 300 },
    )
  })
})
