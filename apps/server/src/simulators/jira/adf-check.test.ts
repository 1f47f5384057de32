import { describe, expect, it } from 'vitest'
import { adfRefereeOrSkip } from '../../testing/referee.ts'
import type { JsonObject, JsonValue } from '../json-value.ts'
import { findAdfFault } from './adf-check.ts'

const doc = (...content: JsonValue[]): JsonObject => ({ type: 'doc', version: 1, content })
const text = (value: string, ...marks: JsonValue[]): JsonObject => ({
  type: 'text',
  text: value,
  ...(marks.length === 0 ? {} : { marks }),
})
const paragraph = (...content: JsonValue[]): JsonObject => ({ type: 'paragraph', content })
const list = (...items: JsonValue[]): JsonObject => ({
  type: 'bulletList',
  content: items.map((item) => ({ type: 'listItem', content: [item] })),
})

const documents: [what: string, isTaken: boolean, document: JsonObject][] = [
  ['text', true, doc(paragraph(text('שלום', { type: 'strong' })))],
  ['an empty document', true, doc()],
  ['an empty paragraph', true, doc(paragraph())],
  ['a heading', true, doc({ type: 'heading', attrs: { level: 6 }, content: [text('a')] })],
  ['a nested list', true, doc(list(list(paragraph(text('a')))))],
  [
    'code with a link',
    true,
    doc(
      paragraph(
        text('a', { type: 'code' }, { type: 'link', attrs: { href: 'https://h.example' } }),
      ),
    ),
  ],
  ['a rule and a break', true, doc({ type: 'rule' }, paragraph({ type: 'hardBreak' }))],
  ['a panel', true, doc({ type: 'panel', attrs: { panelType: 'info' }, content: [paragraph()] })],
  [
    'a code block',
    true,
    doc({ type: 'codeBlock', attrs: { language: 'ts' }, content: [text('a')] }),
  ],
  [
    'a table',
    true,
    doc({
      type: 'table',
      content: [
        { type: 'tableRow', content: [{ type: 'tableCell', content: [paragraph(text('a'))] }] },
      ],
    }),
  ],
  [
    'boxes',
    true,
    doc({
      type: 'taskList',
      attrs: { localId: '1' },
      content: [{ type: 'taskItem', attrs: { localId: '2', state: 'TODO' }, content: [text('a')] }],
    }),
  ],
  ['no version', false, { type: 'doc', content: [] }],
  ['no content', false, { type: 'doc', version: 1 }],
  ['an empty text', false, doc(paragraph(text('')))],
  ['text outside a block', false, doc(text('a'))],
  ['text in a list item', false, doc(list(text('a')))],
  ['an empty list', false, doc({ type: 'bulletList', content: [] })],
  [
    'an empty list item',
    false,
    doc({ type: 'bulletList', content: [{ type: 'listItem', content: [] }] }),
  ],
  ['a paragraph in a list', false, doc({ type: 'orderedList', content: [paragraph()] })],
  [
    'a mark in a code block',
    false,
    doc({ type: 'codeBlock', content: [text('a', { type: 'strong' })] }),
  ],
  ['code with strong', false, doc(paragraph(text('a', { type: 'code' }, { type: 'strong' })))],
  ['a heading without a level', false, doc({ type: 'heading', content: [text('a')] })],
  ['a heading of level 7', false, doc({ type: 'heading', attrs: { level: 7 } })],
  ['a link without an address', false, doc(paragraph(text('a', { type: 'link' })))],
  ['a mark that does not exist', false, doc(paragraph(text('a', { type: 'bold' })))],
  ['a node that does not exist', false, doc({ type: 'div', content: [] })],
  ['an unknown member', false, doc({ type: 'paragraph', text: 'a' })],
  ['a row outside a table', false, doc({ type: 'tableRow', content: [] })],
]

describe('document check of Jira Cloud', () => {
  it.each(documents)('%s: taken %s', (_what, isTaken, document) => {
    expect(findAdfFault(document) === undefined).toBe(isTaken)
  })

  it("agrees with Atlassian's own schema on every one of them", ({ skip }) => {
    const judge = adfRefereeOrSkip({ skip })
    const verdicts = documents.map(([what, , document]) => [what, judge(document).ok])
    expect(verdicts).toEqual(documents.map(([what, isTaken]) => [what, isTaken]))
  })

  it('names the place', () => {
    expect(findAdfFault(doc(paragraph(), paragraph(text(''))))).toBe(
      'doc.content[1].content[0]: a text node must not be empty',
    )
  })
})
