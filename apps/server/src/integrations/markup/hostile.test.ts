import { describe, expect, it } from 'vitest'
import { formats, parseIn, renderIn, roundTrip } from '../../testing/markup/round-trip.ts'
import { normalizeDocument, parseAdf, parseMarkdown, plainText } from './markup.ts'

const many = 20_000
const hostile: Readonly<Record<string, string>> = {
  brackets: '['.repeat(many),
  braces: '{'.repeat(many),
  'opening marks': ' *_-+^~{{'.repeat(many / 8),
  'half links': '[a|https://x.example '.repeat(many / 20),
  'half images': '!a.png '.repeat(many / 8),
  'half colours': '{color:red}'.repeat(many / 10),
  'half code': '{code}'.repeat(many / 6 + 1),
  'half quotes': '{quote}'.repeat(many / 7),
  bars: '|'.repeat(many),
  bullets: `${'*'.repeat(many)} word`,
  tags: '<u>'.repeat(many / 4),
  'half tags': '<details>\n\n'.repeat(many / 20),
  entities: '&#'.repeat(many / 2),
  elements: '<p>'.repeat(many / 3),
  nested: `${'<b>'.repeat(5_000)}${'</b>'.repeat(5_000)}`,
  cdata: '<![CDATA['.repeat(many / 9),
  backslashes: `a${'\\'.repeat(many)}`,
  spaces: `a${' '.repeat(many)}b`,
}

describe('hostile documents [SEC-14]', () => {
  it.each(Object.entries(hostile))('are read in every format without end: %s', (_what, source) => {
    for (const format of ['markdown', 'wiki', 'storage'] as const)
      expect(parseIn(format, source).blocks.length).toBeGreaterThan(0)
  })

  it('nested ADF without end becomes a document', () => {
    let node: object = { type: 'paragraph', content: [] }
    for (let depth = 0; depth < 2_000; depth += 1) node = { type: 'blockquote', content: [node] }
    const document = parseAdf({ type: 'doc', version: 1, content: [node] })
    expect(document.blocks).toHaveLength(1)
  })

  it.each([
    '{toc} {color:red}x{color} [~admin] !x.png! [x|javascript:alert(1)]',
    '<ac:structured-macro ac:name="html"><ac:plain-text-body><![CDATA[x]]></ac:plain-text-body></ac:structured-macro>',
    '<ac:link><ri:user ri:username="admin" /></ac:link>',
    '[x](javascript:alert(1)) ![x](data:text/html,x) <javascript:alert(1)>',
    '<a href="javascript:alert(1)">x</a> <script>alert(1)</script>',
    '[x](java&#115;cript:alert(1)) [y](vbscript:x) [z](//evil.example)',
    '</p></ac:rich-text-body> ]]> &lt;ac:link&gt; {quote} {code}',
    '```\n]]></ac:plain-text-body><ac:link>\n```',
  ])('Markdown smuggles nothing through: %s', (source) => {
    const document = parseMarkdown(source)
    for (const format of formats) {
      const seen = JSON.stringify(roundTrip(document, format))
      expect(seen).not.toMatch(
        /"type":"(?:mention|macro|opaque|image)"|"href":"(?!https?:|mailto:)/,
      )
    }
    const storage = renderIn('storage', document).replaceAll(/<!\[CDATA\[[\s\S]*?\]\]>/g, '')
    expect(storage).not.toMatch(/<(?:script|ri:|ac:link)|name="html"|="javascript:/)
  })

  it('keeps the direction of Hebrew, English and both, sign by sign', () => {
    const words = 'שלום \u2067world\u2069 \u200Fאבג\u200E (123) – ה-API של `x`'
    const document = parseMarkdown(words)
    for (const format of formats)
      expect(plainText(roundTrip(document, format).blocks)).toBe(plainText(document.blocks))
  })

  it('is the same every time', () => {
    const document = normalizeDocument(
      parseMarkdown('- [ ] a\n- [x] b\n\n**c** [d](https://x.example)'),
    )
    for (const format of formats)
      expect(renderIn(format, document)).toBe(renderIn(format, structuredClone(document)))
  })
})
