import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseMarkdown } from '../../integrations/markup/parse-markdown.ts'
import { hashOf, toPayload, withMarker } from './stories.payload.ts'

const content = {
  summary: 'Pay with a saved card',
  narrative: { asA: 'customer', iWant: 'to pay', soThat: 'I am done' },
  acceptanceCriteria: ['The card is charged once'],
  scenarios: [{ name: 'Normal', given: 'a card', when: 'I pay', then: 'it is charged' }],
  stlcNotes: {
    scope: 'Scope',
    data: 'Data',
    environments: 'Env',
    cases: 'Cases',
    entryCriteria: 'Entry',
    exitCriteria: 'Exit',
  },
  storyPoints: 2,
}
const draft = {
  content,
  language: 'en' as const,
  projectKey: 'PAY',
  issueType: 'Story',
  marker: 'so-abcdefghij',
  screen: {
    hasLabels: true,
    hasDescription: true,
    storyPoints: { id: 'customfield_1', name: 'Story Points' },
    fields: [],
    required: [],
  },
}

describe('what Jira will get', () => {
  it('has both sections, points and the mark in their fields [STY-9]', () => {
    const { payload, notes } = toPayload(draft)
    expect(payload.description).toContain('## Acceptance Criteria')
    expect(payload.description).toContain('## STLC notes')
    expect(payload.additionalFields).toEqual({ customfield_1: 2, labels: ['so-abcdefghij'] })
    expect(notes).toEqual([])
  })

  it('puts what the screen does not take into the description, and says so [CON-11]', () => {
    const { payload, notes } = toPayload({
      ...draft,
      screen: { ...draft.screen, hasLabels: false, storyPoints: undefined },
    })
    expect(payload.additionalFields).toEqual({})
    expect(payload.description).toContain('**Story points:** 2')
    expect(payload.description).toContain('so-abcdefghij')
    expect(notes).toEqual(['points-in-description', 'marker-in-description'])
  })

  it.each([
    ['customer', '**As a** customer'],
    ['a customer', '**As** a customer'],
    ['An auditor', '**As** An auditor'],
  ])('says an article once: %s', (asA, expected) => {
    const narrative = { ...content.narrative, asA }
    expect(
      toPayload({ ...draft, content: { ...content, narrative } }).payload.description,
    ).toContain(expected)
  })

  it('keeps the text of people as text, whatever it looks like [SEC-14]', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const story = { ...content, acceptanceCriteria: [`x${text.replaceAll(/\s+/g, ' ')}x`] }
        const { payload } = toPayload({ ...draft, content: story })
        const { blocks } = parseMarkdown(payload.description)
        // Two sections with their headings, and nothing that the text has made of itself.
        const plain = parseMarkdown(toPayload(draft).payload.description).blocks
        expect(blocks.map((block) => block.type)).toEqual(plain.map((block) => block.type))
      }),
    )
  })
})

describe('the hash of an approval [D-25]', () => {
  const { payload } = toPayload(draft)

  it('is another for another payload or another Jira', () => {
    const hashes = new Set([
      hashOf(payload, 'https://a'),
      hashOf(payload, 'https://b'),
      hashOf({ ...payload, summary: 'x' }, 'https://a'),
      hashOf({ ...payload, description: 'x' }, 'https://a'),
      hashOf({ ...payload, projectKey: 'X' }, 'https://a'),
      hashOf({ ...payload, issueType: 'Bug' }, 'https://a'),
      hashOf({ ...payload, additionalFields: { labels: ['x'] } }, 'https://a'),
    ])
    expect(hashes.size).toBe(7)
  })

  it('does not depend on the order in which the database gives the fields back', () => {
    const { labels, customfield_1 } = payload.additionalFields
    expect(hashOf({ ...payload, additionalFields: { labels, customfield_1 } }, 'x')).toBe(
      hashOf({ ...payload, additionalFields: { customfield_1, labels } }, 'x'),
    )
  })
})

it('changes the mark everywhere for a second try', () => {
  const inText = toPayload({
    ...draft,
    screen: { ...draft.screen, hasLabels: false, storyPoints: undefined },
  }).payload
  for (const payload of [toPayload(draft).payload, inText])
    expect(JSON.stringify(withMarker(payload, draft.marker, 'so-second'))).not.toContain(
      draft.marker,
    )
})
