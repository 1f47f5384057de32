import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { adfRefereeOrSkip } from '../../testing/referee.ts'
import { type Block, type Inline, type MarkupDocument, plainText, text } from './document.ts'
import { parseMarkdown } from './parse-markdown.ts'
import { normalizeDocument } from './normalize.ts'
import { type AdfNode, renderAdf } from './render-adf.ts'
import { renderWiki } from './render-wiki.ts'
import { readWiki } from './wiki-reader.test-data.ts'

const wikiOf = (markdown: string) => renderWiki(parseMarkdown(markdown))

describe('Markdown', () => {
  it('becomes a document', () => {
    expect(
      parseMarkdown('## Goal\n\nA **b** _c_ ~~d~~ `e`\nf [g](https://h.example)').blocks,
    ).toEqual([
      { type: 'heading', level: 2, content: [text('Goal')] },
      {
        type: 'paragraph',
        content: [
          text('A '),
          text('b', { type: 'strong' }),
          text(' '),
          text('c', { type: 'emphasis' }),
          text(' '),
          text('d', { type: 'strike' }),
          text(' '),
          text('e', { type: 'code' }),
          text(' f '),
          text('g', { type: 'link', href: 'https://h.example' }),
        ],
      },
    ])
  })

  it.each([
    ['character references', 'a &amp; b &lt;c&gt; &#x5D0; &nope;', 'a & b <c> א &nope;'],
    ['raw HTML stays text', 'a <b>c</b>\n\n<script>x</script>', 'a <b>c</b>\n<script>x</script>'],
    ['<br> is a break', 'a<br>b', 'a\nb'],
    ['an image is a link', '![plan](https://x.example/p.png)', 'plan'],
    ['a script link is text', '[x](javascript:alert(1))', 'x (javascript:alert(1))'],
    ['boxes', '- [ ] open\n- [x] done', '☐ open\n☑ done'],
    ['control characters go', 'a\u0000b\u001Bc', 'abc'],
    ['lone surrogates are replaced', 'a\uD800b', 'a\uFFFDb'],
    ['table', '|a|b|\n|-|-|\n|1|2|', 'a\tb\n1\t2'],
  ])('%s', (_what, markdown, expected) => {
    expect(plainText(parseMarkdown(markdown).blocks)).toBe(expected)
  })

  it('survives what would exhaust the parser, and keeps the words', () => {
    for (const hostile of [
      `${'>'.repeat(20_000)} word`,
      `${'- '.repeat(3_000)}word`,
      'word\n'.repeat(40_000),
    ])
      expect(plainText(parseMarkdown(hostile).blocks)).toContain('word')
  })
})

describe('Data Center: wiki markup [CON-11]', () => {
  it.each([
    ['heading', '### Scope', 'h3. Scope'],
    ['marks', '**a** _b_ ~~c~~ `d`', '*a* _b_ -c- {{d}}'],
    ['nested marks', '**a _b_ c**', '*a _b_ c*'],
    ['marks inside a word', 'un**believ**able', 'un{*}believ{*}able'],
    ['code behind a Hebrew prefix', 'ב`login`', 'ב{{{}login{}}}'],
    ['bold Hebrew', 'שלום **עולם**', 'שלום *עולם*'],
    ['bold over two lines', '**a  \nb**', '*a*\n*b*'],
    ['lists', '- a\n  1. b\n  2. c\n- d', '* a\n*# b\n*# c\n* d'],
    ['two paragraphs in an item', '- a\n\n  b\n- c', '* a \\\\ b\n* c'],
    [
      'code in an item',
      '- a\n\n  ```sql\n  select 1\n  ```\n- b',
      '* a\n{code:sql}\nselect 1\n{code}\n* b',
    ],
    ['known language', '```ts\nlet a\n```', '{code:javascript}\nlet a\n{code}'],
    ['unknown language', '```gherkin\nGiven\n```', '{noformat}\nGiven\n{noformat}'],
    ['quote', '> a\n>\n> b', '{quote}\na\n\nb\n{quote}'],
    ['table', '|a|b|\n|-|-|\n|`x`| |', '||a||b||\n|{{x}}| |'],
    ['bar in a cell', '|a|\n|-|\n|b \\| c|', '||a||\n|b \\| c|'],
    ['rule', 'a\n\n---\n\nb', 'a\n\n----\n\nb'],
    ['link', '[a](https://x.example/b_c)', '[a|https://x.example/b_c]'],
    ['bare link', 'https://x.example/a', '[https://x.example/a]'],
    [
      'link with a bracket',
      '[a](https://x.example/?q=[1|2])',
      '[a|https://x.example/?q=%5B1%7C2%5D]',
    ],
  ])('%s', (_what, markdown, expected) => {
    expect(wikiOf(markdown)).toBe(expected)
  })

  it.each([
    ['macro', '{code} and {color:red}x{color}', '\\{code\\} and \\{color:red\\}x\\{color\\}'],
    ['link', 'see [1] and [x|http://y]', 'see \\[1\\] and \\[x|&#104;ttp://y\\]'],
    ['strong', '\\*a\\* and 2 * 3 * 4', '\\*a* and 2 * 3 * 4'],
    ['readable words', 'snake_case e-mail ה-API 2026-11-21', 'snake_case e-mail ה-API 2026-11-21'],
    ['list', '\\- a', '\\- a'],
    ['numbered', '\\# a', '\\# a'],
    ['heading', 'h1. a', '&#104;1. a'],
    ['quote', 'bq. a', '&#98;q. a'],
    ['table', '\\| a |', '\\| a |'],
    ['rule', '\\-\\-\\-\\-', '\\-\\-\\-\\-'],
    ['picture', '!a.png!', '\\!a.png!'],
    ['emphatic', 'Hello! What?', 'Hello! What?'],
    ['emoticons', 'f(x) :) :D (!)', 'f\\(x) :\\) &#58;D \\(\\!)'],
    ['backslashes', 'C:\\\\temp \\\\\\\\server \\\\\\*', 'C:\\temp &#92;\\server &#92;\\*'],
    ['references', '&amp;lt;', '&amp;lt;'],
  ])('keeps text text: %s', (_what, markdown, expected) => {
    expect(wikiOf(markdown)).toBe(expected)
  })
})

const valid = { ok: true, errors: [] }

describe('Cloud: ADF [CON-11]', () => {
  it('has the shape that Jira wants', () => {
    expect(renderAdf(parseMarkdown('**a** [b](https://c.example)\n\n3. d'))).toEqual({
      type: 'doc',
      version: 1,
      content: [
        {
          type: 'paragraph',
          content: [
            { type: 'text', text: 'a', marks: [{ type: 'strong' }] },
            { type: 'text', text: ' ' },
            {
              type: 'text',
              text: 'b',
              marks: [{ type: 'link', attrs: { href: 'https://c.example' } }],
            },
          ],
        },
        {
          type: 'orderedList',
          attrs: { order: 3 },
          content: [
            {
              type: 'listItem',
              content: [{ type: 'paragraph', content: [{ type: 'text', text: 'd' }] }],
            },
          ],
        },
      ],
    })
  })

  it('is valid where converters usually fail', (context) => {
    const judge = adfRefereeOrSkip(context)
    const samples = [
      '',
      '-',
      '- - a',
      '- # a\n- > b\n  > - c',
      '> # a\n> > b\n>\n> |a|\n> |-|\n> |b|\n>\n> ---',
      '**`a`** [`b`](https://x.example) [**c**](https://x.example)',
      '```\n```',
      '#\n\n# \n\n* * *',
      '|a|\n|-|\n||',
      '1. a\n\n   ```js\n   b\n   ```\n   - c',
    ]
    for (const markdown of samples) expect(judge(renderAdf(parseMarkdown(markdown)))).toEqual(valid)
  })
})

const textPart = fc.stringMatching(
  /^[\p{L}\d*_\-+^~!?#[\]{}()|\\&;:.,/@% שלוםא-ת"'<>=h1bq]{1,12}$/u,
)
const words = textPart
  .map((text) => text.replaceAll(/\s+/g, ' '))
  .filter((text) => text.trim() !== '')

const inline: fc.Arbitrary<Inline> = fc
  .tuple(words, fc.subarray(['strong', 'emphasis', 'strike', 'code'] as const, { maxLength: 3 }))
  .map(([value, types]) => text(value, ...types.map((type) => ({ type }))))

const content = fc.array(inline, { minLength: 1, maxLength: 4 })
const block: fc.Arbitrary<Block> = fc.oneof(
  content.map((value) => ({ type: 'paragraph' as const, content: value })),
  content.map((value) => ({ type: 'heading' as const, level: 2 as const, content: value })),
  fc.array(content, { minLength: 1, maxLength: 3 }).map((items) => ({
    type: 'list' as const,
    ordered: false,
    start: 1,
    items: items.map((value) => ({
      blocks: [{ type: 'paragraph' as const, content: value }],
    })),
  })),
  fc.array(fc.tuple(content, content), { minLength: 1, maxLength: 3 }).map((rows) => ({
    type: 'table' as const,
    rows: rows.map((cells, index) => ({
      cells: cells.map((value) => ({
        header: index === 0,
        blocks: [{ type: 'paragraph' as const, content: value }],
      })),
    })),
  })),
)
const document: fc.Arbitrary<MarkupDocument> = fc
  .record({ blocks: fc.array(block, { minLength: 1, maxLength: 4 }) })
  .map(normalizeDocument)

const hostile = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 200 }),
  fc
    .array(
      fc.constantFrom(
        '- ',
        '1. ',
        '> ',
        '# ',
        '**',
        '_',
        '`',
        '```\n',
        '|',
        '|-|-|',
        '\n',
        '\n\n',
        '  ',
        'a',
        'שלום',
        '[x](http://y)',
        '<b>',
        '\\',
        '---',
        '~~',
        '![',
        '&amp;',
      ),
      { maxLength: 40 },
    )
    .map((parts) => parts.join('')),
)

const seen = (text: string) => text.replaceAll(/\s+/g, ' ').trim()

describe('laws', () => {
  it('any text at all gives a document and wiki markup', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(typeof renderWiki(parseMarkdown(text))).toBe('string')
      }),
      { numRuns: 500 },
    )
  })

  it('any text at all gives valid ADF', (context) => {
    const judge = adfRefereeOrSkip(context)
    fc.assert(
      fc.property(hostile, (text) => {
        expect(judge(renderAdf(parseMarkdown(text)))).toEqual(valid)
      }),
      { numRuns: 500 },
    )
  })

  it('what Jira shows of wiki markup is what was written, and no mark more', () => {
    fc.assert(
      fc.property(document, (value) => {
        const shown = readWiki(renderWiki(value)).join(' ')
        const withoutMarks = unmarked(shown)
        expect(seen(withoutMarks)).toBe(seen(plainText(value.blocks)))
      }),
      { numRuns: 1_000 },
    )
  })

  it('plain words carry no mark', () => {
    fc.assert(
      fc.property(words, (word) => {
        const value: MarkupDocument = {
          blocks: [{ type: 'paragraph', content: [text(word)] }],
        }
        expect(seen(readWiki(renderWiki(value)).join(' '))).toBe(seen(word))
      }),
      { numRuns: 1_000 },
    )
  })

  it('ADF keeps every word', () => {
    fc.assert(
      fc.property(document, (value) => {
        expect(seen(adfText(renderAdf(value)))).toBe(seen(plainText(value.blocks)))
      }),
    )
  })
})

function unmarked(text: string): string {
  const once = text.replaceAll(/⟦(?:code|b|i|s)›([^⟦⟧]*)⟧/g, '$1')
  return once === text ? text : unmarked(once)
}

function adfText(node: AdfNode): string {
  if (node.text !== undefined) return node.text
  const isLine = ['paragraph', 'heading', 'codeBlock'].includes(node.type)
  return `${(node.content ?? []).map(adfText).join('')}${isLine ? ' ' : ''}`
}
