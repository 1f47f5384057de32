import fc from 'fast-check'
import type {
  Block,
  Cell,
  Inline,
  List,
  Mark,
  MarkupDocument,
  TableRow,
} from '../../integrations/markup/document.ts'
import { normalizeDocument } from '../../integrations/markup/normalize.ts'

const signs = '*_-+^~!?#[]{}()|\\&;:.,/@%"\'<>=$`'

/** Texts that are hostile to every format at once, in two directions. */
export const words: fc.Arbitrary<string> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      'plain',
      'Login',
      'שלום עולם',
      'ה-API עובד',
      'a b',
      'é',
      '日本',
      '1',
    ),
  },
  {
    weight: 3,
    arbitrary: fc
      .array(fc.constantFrom(...signs.split(''), 'a', 'B', 'ש', ' ', '1', 'h1. ', '- ', 'x'), {
        minLength: 1,
        maxLength: 8,
      })
      .map((parts) => parts.join('')),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '😀',
      '👩‍👩‍👧',
      '\u200Fעברית\u200E and English',
      '\u2067א\u2069',
      '{code}',
      '{color:red}',
      '<b>x</b>',
      '</details>',
      ']]>',
      '&amp;',
      '&#65;',
      'https://x.example/a',
      'www.x.example',
      'me@x.example',
      '[x](javascript:alert(1))',
      '[~admin]',
      '\u00A0',
      '☐ box',
      '1. a',
      '# a',
      '> a',
      '|a|b|',
      '---',
      ':) (y)',
      '```',
      '{quote}',
      '[!NOTE]',
      '\\\\',
    ),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }) },
)

const href = fc.constantFrom(
  'https://x.example/',
  'https://x.example/a_b*c?d=(e)&copy=1#f',
  'https://x.example/שלום',
  'mailto:me@x.example',
  'https://x.example/?q=[1|2]!',
  '/wiki/x',
)

const mark: fc.Arbitrary<Mark> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.constantFrom(
      ...(
        ['strong', 'emphasis', 'strike', 'underline', 'superscript', 'subscript', 'code'] as const
      ).map((type): Mark => ({ type })),
    ),
  },
  fc.record({ type: fc.constant('link' as const), href }),
  fc.record({
    type: fc.constant('link' as const),
    href,
    title: fc.constantFrom('a title', 'say "so"', 'שם'),
  }),
  fc.record({
    type: fc.constantFrom('color' as const, 'background' as const),
    color: fc.constantFrom('#ff5630', '#00875a'),
  }),
)

const leaf: fc.Arbitrary<Inline> = fc.oneof(
  fc.constant<Inline>({ type: 'break' }),
  fc.constantFrom<Inline>(
    { type: 'mention', by: 'account', id: '5b10a2844c20165700ede21g', text: '@Dana' },
    { type: 'mention', by: 'account', id: '557058:f-1' },
    { type: 'mention', by: 'name', id: 'dana.k' },
    { type: 'mention', by: 'key', id: 'JIRAUSER10100' },
    { type: 'emoji', shortName: ':check_mark:', text: '✅' },
    { type: 'emoji', shortName: ':rocket:', text: '🚀' },
    { type: 'emoji', shortName: ':slight_smile:', text: '🙂' },
    { type: 'date', date: '2026-11-21' },
    { type: 'status', text: 'In progress', color: 'blue' },
    { type: 'status', text: 'בוצע', color: 'green' },
    { type: 'image', source: { kind: 'url', url: 'https://x.example/a.png' }, alt: 'plan' },
    { type: 'image', source: { kind: 'attachment', name: 'תרשים 1.png' }, width: 200 },
    { type: 'image', source: { kind: 'media', id: 'abc', collection: 'c' } },
    { type: 'macro', name: 'jira', parameters: [['key', 'PRJ-1']] },
    {
      type: 'opaque',
      format: 'adf',
      source: '{"type":"placeholder","attrs":{"text":"x"}}',
      label: 'placeholder',
    },
    {
      type: 'opaque',
      format: 'storage',
      source: '<ac:placeholder>x</ac:placeholder>',
      label: 'placeholder: x',
    },
    { type: 'opaque', format: 'wiki', source: '{anchor:a}', label: 'anchor' },
  ),
)

const inline: fc.Arbitrary<Inline> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constant('text' as const),
      text: words,
      marks: fc.array(mark, { maxLength: 3 }),
    }),
  },
  { weight: 1, arbitrary: leaf },
)

const content = fc.array(inline, { minLength: 1, maxLength: 5 })
const align = fc.constantFrom({}, {}, {}, { align: 'center' as const }, { align: 'end' as const })

const line: fc.Arbitrary<Block> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .tuple(content, align)
      .map(([value, side]): Block => ({ type: 'paragraph', ...side, content: value })),
  },
  fc
    .tuple(fc.constantFrom(1 as const, 2 as const, 3 as const, 6 as const), content, align)
    .map(([level, value, side]): Block => ({ type: 'heading', level, ...side, content: value })),
)

const code: fc.Arbitrary<Block> = fc
  .record({
    language: fc.constantFrom(undefined, 'sql', 'ts', 'gherkin', 'c++'),
    title: fc.constantFrom(undefined, undefined, 'a.sql', 'a|b'),
    text: fc.constantFrom(
      '',
      'select 1',
      'a\n\n  b\n',
      '```\nx\n```',
      '{code}',
      '\n',
      ']]>',
      '<p>&amp;</p>',
      'שלום\t1',
    ),
  })
  .map(({ language, title, text }) => ({
    type: 'code-block',
    ...(language === undefined ? {} : { language }),
    ...(title === undefined ? {} : { title }),
    text,
  }))

const leafBlock: fc.Arbitrary<Block> = fc.oneof(
  { weight: 6, arbitrary: line },
  code,
  fc.constantFrom<Block>(
    { type: 'rule' },
    { type: 'paragraph', content: [] },
    { type: 'image', source: { kind: 'url', url: 'https://x.example/a.png' } },
    { type: 'image', source: { kind: 'attachment', name: 'a.png' }, alt: 'a, b', height: 9 },
    { type: 'macro', name: 'toc', parameters: [['maxLevel', '2']] },
    { type: 'macro', name: 'html', parameters: [], body: { kind: 'plain', text: 'a\nb ]]> c' } },
    { type: 'opaque', format: 'storage', source: '<div class="x">y</div>', label: 'div: y' },
    {
      type: 'opaque',
      format: 'adf',
      source: '{"type":"extension","attrs":{"extensionType":"com.x","extensionKey":"y"}}',
      label: 'extension',
    },
  ),
)

const title = fc.constantFrom({}, { title: 'Read me' }, { title: 'שים לב <b>' })

type Blocks = { blocks: Block[] }

const { blocks } = fc.letrec<Blocks & { block: Block; list: Block; table: Block }>((tie) => {
  const inner = fc.array(tie('block'), { maxLength: 3 })
  const item = fc
    .tuple(fc.constantFrom({}, {}, { done: true }, { done: false }), inner)
    .map(([done, value]) => ({ ...done, blocks: value }))
  const cell: fc.Arbitrary<Cell> = fc
    .tuple(
      fc.boolean(),
      fc.constantFrom({}, {}, {}, { colspan: 2 }, { rowspan: 2 }),
      fc.oneof({ weight: 3, arbitrary: fc.array(line, { maxLength: 1 }) }, inner),
    )
    .map(([header, span, value]) => ({ header, ...span, blocks: value }))
  return {
    blocks: fc.array(tie('block'), { maxLength: 4 }),
    list: fc
      .tuple(
        fc.boolean(),
        fc.constantFrom(1, 1, 3, 0),
        fc.array(item, { minLength: 1, maxLength: 3 }),
        fc.constantFrom('any', 'plain', 'tasks'),
      )
      .map(([ordered, start, items, kind]): List => ({
        type: 'list',
        ordered: kind === 'tasks' ? false : ordered,
        start: ordered ? start : 1,
        items: items.map(({ blocks: value, done }) =>
          kind === 'plain'
            ? { blocks: value }
            : kind === 'tasks'
              ? { done: done ?? false, blocks: value }
              : { ...(done === undefined ? {} : { done }), blocks: value },
        ),
      })),
    table: fc
      .tuple(
        fc.array(fc.array(cell, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 3 }),
        fc.boolean(),
      )
      .map(([rows, isUsual]): Block => ({
        type: 'table',
        rows: rows.map((cells, index): TableRow => ({
          cells: isUsual ? cells.map((one) => ({ ...one, header: index === 0 })) : cells,
        })),
      })),
    block: fc.oneof(
      { maxDepth: 2, depthSize: 'small' },
      { weight: 6, arbitrary: leafBlock },
      { weight: 3, arbitrary: tie('list') },
      { weight: 2, arbitrary: tie('table') },
      { weight: 1, arbitrary: inner.map((value): Block => ({ type: 'quote', blocks: value })) },
      {
        weight: 1,
        arbitrary: fc
          .tuple(
            fc.constantFrom(
              'info' as const,
              'note' as const,
              'success' as const,
              'warning' as const,
              'error' as const,
            ),
            title,
            inner,
          )
          .map(([kind, named, value]): Block => ({ type: 'panel', kind, ...named, blocks: value })),
      },
      {
        weight: 1,
        arbitrary: fc
          .tuple(fc.constantFrom({}, { color: '#123456' }), title, inner)
          .map(([own, named, value]): Block => ({
            type: 'panel',
            kind: 'custom',
            ...own,
            ...named,
            blocks: value,
          })),
      },
      {
        weight: 1,
        arbitrary: fc
          .tuple(title, inner)
          .map(([named, value]): Block => ({ type: 'expand', ...named, blocks: value })),
      },
      {
        weight: 1,
        arbitrary: inner.map((value): Block => ({
          type: 'macro',
          name: 'excerpt',
          parameters: [['hidden', 'true']],
          body: { kind: 'rich', blocks: value },
        })),
      },
    ),
  }
})

const layout: fc.Arbitrary<Block> = fc
  .tuple(
    fc.constantFrom([50, 50], [33.33, 66.66], [25, 50, 25], [40, 60]),
    fc.array(blocks, { minLength: 3, maxLength: 3 }),
  )
  .map(([widths, columns]): Block => ({
    type: 'layout',
    columns: widths.map((width, index) => ({ width, blocks: columns[index] ?? [] })),
  }))

/** Documents of everything that the model knows. */
export const anyDocument: fc.Arbitrary<MarkupDocument> = fc
  .oneof(
    { weight: 5, arbitrary: blocks },
    { weight: 1, arbitrary: fc.tuple(blocks, layout, blocks).map(([a, b, c]) => [...a, b, ...c]) },
  )
  .map((value) => normalizeDocument({ blocks: value }))
