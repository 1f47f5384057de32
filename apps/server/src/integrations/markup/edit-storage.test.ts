import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { anyDocument } from '../../testing/markup/any-document.ts'
import { corpus } from '../../testing/markup/corpus.ts'
import type { MarkupEdit } from './edits.ts'
import { planStorageEdit } from './edit-storage.ts'
import {
  editAdf,
  editStorage,
  parseAdf,
  parseMarkdown,
  renderAdf,
  renderMarkdown,
  renderStorage,
} from './markup.ts'
import { readStorage, wordsOf } from './storage-xml.ts'

const content = parseMarkdown('new **text**')
const written = '<p>new <strong>text</strong></p>'
const task = (id: number, status: string, words: string) =>
  `<ac:task><ac:task-id>${id}</ac:task-id><ac:task-status>${status}</ac:task-status><ac:task-body>${words}</ac:task-body></ac:task>`
const macro = '<ac:structured-macro  ac:name=\'toc\' ac:macro-id="x"/>'
const table = '<table><tbody><tr><th>a</th><td/></tr></tbody></table>'
const page = `<h1>A &amp; B</h1>\n<p class='x' >one&nbsp;two &mdash; three</p><h2>Sub</h2><p>s</p>\n\n<h1>שלום</h1>${macro}${table}<ac:task-list>${task(1, 'incomplete', 'לבדוק')}${task(2, 'complete', 'b')}</ac:task-list>`

const after = (edit: MarkupEdit, source = page) => {
  const outcome = editStorage(source, [edit])
  return outcome.kind === 'edited' ? outcome.source : outcome.reason
}

describe('an edit of a page of Confluence [CON-12]', () => {
  it.each<[what: string, edit: MarkupEdit, change: readonly [from: string, to: string]]>([
    [
      'replaces a section with those below it',
      { kind: 'replace-section', heading: { text: 'A & B' }, content },
      [`\n<p class='x' >one&nbsp;two &mdash; three</p><h2>Sub</h2><p>s</p>`, written],
    ],
    [
      'appends to a section',
      { kind: 'append-to-section', heading: { text: 'Sub' }, content },
      ['<p>s</p>', `<p>s</p>${written}`],
    ],
    [
      'inserts under a heading',
      { kind: 'insert-after-heading', heading: { text: 'שלום', level: 1 }, content },
      ['<h1>שלום</h1>', `<h1>שלום</h1>${written}`],
    ],
    [
      'replaces words between references',
      { kind: 'replace-text', find: '\u00A0two', replacement: '<2>' },
      ['&nbsp;two', '&lt;2&gt;'],
    ],
    [
      'gives a macro a parameter',
      { kind: 'set-macro-parameter', macro: { name: 'toc' }, parameter: 'maxLevel', value: '"2"' },
      [
        macro,
        `<ac:structured-macro  ac:name='toc' ac:macro-id="x"><ac:parameter ac:name="maxLevel">&quot;2&quot;</ac:parameter></ac:structured-macro>`,
      ],
    ],
    [
      'fills a cell',
      { kind: 'set-cell', table: 0, row: 0, cell: 1, content },
      ['<td/>', `<td>${written}</td>`],
    ],
    [
      'ticks a task',
      { kind: 'tick-task', task: 'לבדוק', done: true },
      [task(1, 'incomplete', 'לבדוק'), task(1, 'complete', 'לבדוק')],
    ],
    ['replaces a node', { kind: 'replace-node', path: [3], content }, ['<p>s</p>', written]],
    ['takes a node away', { kind: 'remove-node', path: [2] }, ['<h2>Sub</h2>', '']],
  ])('%s and nothing else', (_what, edit, [from, to]) => {
    expect(page.split(from)).toHaveLength(2)
    expect(after(edit)).toBe(page.replace(from, () => to))
  })

  it('says what there is where it does not find what is meant, and makes no edit at all', () => {
    expect(
      editStorage(page, [
        { kind: 'append', content },
        { kind: 'append-to-section', heading: { text: 'nowhere' }, content },
      ]),
    ).toEqual({
      kind: 'refused',
      reason: 'heading-not-found',
      index: 1,
      candidates: ['A & B', 'Sub', 'שלום'],
    })
    expect(after({ kind: 'replace-text', find: 'e', replacement: 'x' })).toBe('text-not-unique')
    expect(after({ kind: 'replace-node', path: [5, 0, 0], content })).toBe('node-not-found')
    expect(after({ kind: 'append', content }, '<p>a')).toBe('malformed')
    expect(after({ kind: 'append', content }, '<p>a</p></x><x>')).toBe('malformed')
    expect(after({ kind: 'append', content }, '<b>'.repeat(50_000))).toMatch(/malformed|too-large/)
  })

  const pages = fc.oneof(
    anyDocument.map(renderStorage),
    fc.constantFrom(
      ...corpus.filter(({ format }) => format === 'storage').map(({ source }) => source),
    ),
  )
  const place = fc.nat({ max: 3 })
  const edits: fc.Arbitrary<MarkupEdit> = fc.oneof(
    fc.record({
      kind: fc.constantFrom('insert-after' as const, 'replace-node' as const),
      path: fc.array(place, { minLength: 1, maxLength: 3 }),
      content: anyDocument,
    }),
    fc.record({
      kind: fc.constant('remove-node' as const),
      path: fc.array(place, { minLength: 1, maxLength: 3 }),
    }),
    fc.record({
      kind: fc.constantFrom('append' as const, 'prepend' as const),
      content: anyDocument,
    }),
    fc.record({
      kind: fc.constant('set-cell' as const),
      table: place,
      row: place,
      cell: place,
      content: anyDocument,
    }),
    fc.record({ kind: fc.constant('tick-task' as const), task: place, done: fc.boolean() }),
    fc.record({
      kind: fc.constant('replace-text' as const),
      find: fc.constantFrom('a', 'plain', '&', '\u00A0', 'ש'),
      replacement: fc.string(),
      occurrence: place,
    }),
    fc.record({
      kind: fc.constant('set-macro-parameter' as const),
      macro: fc.record({
        name: fc.constantFrom('toc', 'code', 'jira'),
        occurrence: fc.constant(0),
      }),
      parameter: fc.constantFrom('a', 'key'),
      value: fc.option(fc.string(), { nil: undefined }),
    }),
  )

  it('leaves every byte outside of its one place, and a page that is well-formed', () => {
    fc.assert(
      fc.property(pages, edits, (source, edit) => {
        const plan = planStorageEdit(source, edit)
        fc.pre(!('kind' in plan))
        const { start, end } = plan
        const outcome = editStorage(source, [edit])
        const edited = outcome.kind === 'edited' ? outcome.source : ''
        expect(edited.startsWith(source.slice(0, start))).toBe(true)
        expect(edited.endsWith(source.slice(end))).toBe(true)
        expect(readStorage(edited).kind).toBe('tree')
      }),
      { numRuns: 200, maxSkipsPerRun: 1_000 },
    )
  })

  it('changes in one of many sections only that one', () => {
    fc.assert(
      fc.property(
        fc.array(anyDocument, { minLength: 2, maxLength: 4 }),
        fc.nat(),
        (parts, seed) => {
          const bodies = parts.map(({ blocks }) =>
            renderStorage({
              blocks: blocks.filter(({ type }) => type !== 'heading' && type !== 'layout'),
            }),
          )
          const sections = bodies.map((body, index) => `<h1>Section ${index}</h1>\n${body}\n`)
          const at = seed % sections.length
          const text = `Section ${at}`
          const outcome = editStorage(sections.join(''), [
            { kind: 'replace-section', heading: { text, level: 1, occurrence: 0 }, content },
          ])
          const edited = outcome.kind === 'edited' ? outcome.source : ''
          const others = sections.filter((_, index) => index !== at)
          expect(others.filter((other) => !edited.includes(other))).toEqual([])
          expect(edited).toContain(`<h1>${text}</h1>${written}`)
        },
      ),
      { numRuns: 100 },
    )
  })

  it('keeps the words of a text that it replaces in, beyond those that are meant', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }),
        fc.string({ unit: 'grapheme' }),
        (before, behind) => {
          const source = renderStorage({
            blocks: [
              {
                type: 'paragraph',
                content: [{ type: 'text', text: `x${before}§§${behind}x`, marks: [] }],
              },
            ],
          })
          const edited = after({ kind: 'replace-text', find: '§§', replacement: '&' }, source)
          const [was, is] = [source, edited].map((one) => {
            const tree = readStorage(one)
            return tree.kind === 'tree' ? tree.nodes.map(wordsOf).join('') : ''
          })
          expect(is).toBe(was?.replace('§§', '&'))
        },
      ),
    )
  })
})

describe('an edit of a document of ADF [CON-12]', () => {
  it('leaves all other nodes the same', () => {
    fc.assert(
      fc.property(anyDocument, anyDocument, (document, added) => {
        const source = renderAdf(document)
        const outcome = editAdf(source, [{ kind: 'append', content: added }])
        const nodes = outcome.kind === 'edited' ? (outcome.source.content ?? []) : []
        for (const [index, node] of (source.content ?? []).entries())
          expect(nodes[index]).toBe(node)
      }),
      { numRuns: 100 },
    )
  })

  it('ticks, fills, replaces and sets as on a page of storage', () => {
    const source = renderAdf(parseMarkdown('# A\n\none\n\n# B\n\n- [ ] do\n\n|a|b|\n|-|-|\n|c|d|'))
    const outcome = editAdf(source, [
      { kind: 'replace-section', heading: { text: 'A' }, content },
      { kind: 'tick-task', task: 'do', done: true },
      { kind: 'set-cell', table: 0, row: 1, cell: 1, content },
      { kind: 'replace-text', find: 'c', replacement: 'C' },
    ])
    const expected = '# A\n\nnew **text**\n\n# B\n\n- [x] do\n\n|a|b|\n|-|-|\n|C|new **text**|'
    const edited = outcome.kind === 'edited' ? outcome.source : undefined
    expect(renderMarkdown(parseAdf(edited))).toBe(renderMarkdown(parseMarkdown(expected)))
    expect(JSON.stringify(outcome)).toContain('"state":"DONE"')
  })
})
