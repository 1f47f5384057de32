import { describe, expect, it } from 'vitest'
import type { JsonValue } from '../json-value.ts'
import { adfToHtml } from './adf-html.ts'
import { wikiToHtml } from './wiki-html.ts'

const bare = (html: string): string => html.replaceAll(/ dir="auto"| dir="ltr"/g, '')

describe('wiki markup as HTML', () => {
  it.each([
    ['a heading', 'h2. קריטריוני קבלה', '<h3>קריטריוני קבלה</h3>'],
    [
      'marks',
      '*bold* _slanted_ +under+',
      '<p><strong>bold</strong> <em>slanted</em> <u>under</u></p>',
    ],
    ['no marks inside words', 'snake_case_name 5*3*2 a-b-c', '<p>snake_case_name 5*3*2 a-b-c</p>'],
    ['escaped signs', String.raw`\*as typed\* \{code\}`, '<p>*as typed* {code}</p>'],
    ['escaped HTML', String.raw`\<b\> \& \"`, '<p>&lt;b&gt; &amp; &quot;</p>'],
    ['code in a line', '{{a_b_c \\{x\\}}}', '<p><code>a_b_c {x}</code></p>'],
    ['a list in a list', '* a\n** b\n* c', '<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>'],
    ['a change of lists', '* a\n# b', '<ul><li>a</li></ul><ol><li>b</li></ol>'],
    ['numbers', '# a\n# b', '<ol><li>a</li><li>b</li></ol>'],
    [
      'a table',
      '||A||B||\n|1|2|',
      '<table><tbody><tr><th>A</th><th>B</th></tr><tr><td>1</td><td>2</td></tr></tbody></table>',
    ],
    ['a code block', '{code:java}\n<b> *x*\n{code}', '<pre><code>&lt;b&gt; *x*</code></pre>'],
    ['a quotation', '{quote}\nsaid\n{quote}', '<blockquote><p>said</p></blockquote>'],
    ['a line quotation', 'bq. said', '<blockquote>said</blockquote>'],
    ['a rule', 'a\n----\nb', '<p>a</p><hr><p>b</p>'],
    ['lines of a paragraph', 'a\nb\n\nc', '<p>a<br>b</p><p>c</p>'],
    ['a forced break', String.raw`a\\b`, '<p>a<br>b</p>'],
    [
      'a link',
      '[site|https://h.example/?a=1&b=2]',
      '<p><a href="https://h.example/?a=1&amp;b=2" rel="noreferrer noopener">site</a></p>',
    ],
    [
      'a marked link with an escaped sign',
      String.raw`[a\*b *c*|https://h.example]`,
      '<p><a href="https://h.example" rel="noreferrer noopener">a*b <strong>c</strong></a></p>',
    ],
    ['a script link', '[x|javascript:alert(1)]', '<p>x</p>'],
    [
      'HTML',
      '<img src=x onerror=alert(1)> & "q"',
      '<p>&lt;img src=x onerror=alert(1)&gt; &amp; &quot;q&quot;</p>',
    ],
    ['an open macro', '{code}\nno end', '<p>{code}<br>no end</p>'],
  ])('%s', (_what, wiki, html) => {
    expect(bare(wikiToHtml(wiki))).toBe(html)
  })

  it('gives every block a direction of its own, and none to what a list or a table holds', () => {
    expect(wikiToHtml('h1. a\nb\n* c')).toBe(
      '<h2 dir="auto">a</h2><p dir="auto">b</p><ul dir="auto"><li>c</li></ul>',
    )
  })

  it('lets a list of Atlassian find its direction in its paragraphs', () => {
    const item = (text: string): JsonValue => ({
      type: 'listItem',
      content: [{ type: 'paragraph', content: [{ type: 'text', text }] }],
    })
    expect(adfToHtml({ type: 'orderedList', content: [item('אחד'), item('two')] })).toBe(
      '<ol dir="auto"><li><p>אחד</p></li><li><p>two</p></li></ol>',
    )
  })

  it('reads a long and hostile text in one go', () => {
    const text = `${'*a '.repeat(5000)}\n${'{code}'.repeat(1000)}\n${'|'.repeat(5000)}`
    expect(wikiToHtml(text)).toContain('a')
  })
})

describe('Atlassian documents as HTML', () => {
  it('shows blocks, lists, marks and safe links', () => {
    const text = (value: string, ...marks: JsonValue[]): JsonValue => ({
      type: 'text',
      text: value,
      marks,
    })
    const document: JsonValue = {
      type: 'doc',
      version: 1,
      content: [
        { type: 'heading', attrs: { level: 2 }, content: [text('<כותרת>')] },
        {
          type: 'bulletList',
          content: [
            {
              type: 'listItem',
              content: [{ type: 'paragraph', content: [text('a', { type: 'strong' })] }],
            },
          ],
        },
        {
          type: 'paragraph',
          content: [
            text('go', { type: 'link', attrs: { href: 'https://h.example' } }),
            { type: 'hardBreak' },
            text('no', { type: 'link', attrs: { href: 'data:text/html,x' } }),
          ],
        },
        { type: 'codeBlock', content: [{ type: 'text', text: 'a < b' }] },
        { type: 'unheardOf', content: [text('still read')] },
      ],
    }
    expect(bare(adfToHtml(document))).toBe(
      '<h3>&lt;כותרת&gt;</h3><ul><li><p><strong>a</strong></p></li></ul>' +
        '<p><a href="https://h.example" rel="noreferrer noopener">go</a><br>no</p>' +
        '<pre><code>a &lt; b</code></pre>still read',
    )
  })
})
