import type { MarkupFormat } from '../../integrations/markup/markup.ts'

const paragraph = (...content: object[]) => ({ type: 'paragraph', content })
const text = (words: string, ...marks: object[]) => ({ type: 'text', text: words, marks })
const macro = (name: string, inner: string) =>
  `<ac:structured-macro ac:name="${name}" ac:schema-version="1">${inner}</ac:structured-macro>`
const rich = (inner: string) => `<ac:rich-text-body>${inner}</ac:rich-text-body>`
const parameter = (name: string, value: string) =>
  `<ac:parameter ac:name="${name}">${value}</ac:parameter>`
const plain = (words: string) => `<ac:plain-text-body><![CDATA[${words}]]></ac:plain-text-body>`

const markdown = [
  '# Goal\n\nPay **now** or _later_.',
  '## יעד\n\nהמשתמש **משלם** עכשיו, והמערכת ~~דוחה~~ מאשרת.',
  'ב`login` של ה-API ו[תיעוד](https://x.example/שלום)',
  'Line one\\\nline two  \nline three<br>line four',
  '- a\n- b\n  - c\n    1. d\n    2. e\n- f',
  '3. three\n4. four\n\n   and more\n\n   ```sql\n   select 1\n   ```',
  '- [ ] open\n- [x] done\n  - [ ] below',
  '- [ ] משימה פתוחה\n- plain\n- [x] סגורה',
  '| a | b | c |\n| :- | :-: | -: |\n| 1 | `x\\|y` | **z** |',
  '|  |  |\n| - | - |\n| no | head |',
  '```ts\nconst a = `b`\n```',
  '````md\n```\nnested\n```\n````',
  '```\n\n\n```',
  '> a quote\n>\n> - with a list\n>\n> > and another',
  '> [!NOTE]\n> for information',
  '> [!WARNING]\n>\n> - זהירות\n> - careful',
  '> [!CAUTION]\n> # not so\n> `fast`',
  '<details>\n<summary>More &amp; more</summary>\n\nhidden\n\n- list\n\n</details>',
  'H<sub>2</sub>O and x<sup>2</sup> and <u>under</u>',
  '![plan](https://x.example/p.png)',
  'text ![icon](https://x.example/i.png) text',
  '<https://x.example/a?b=c&d=e> and www.x.example and me@x.example',
  '[t](https://x.example "a title")',
  'a\n\n---\n\nb\n\n***\n\nc',
  '**a *b* c** ***d*** un**believ**able',
  'raw <b>html</b> and &lt;p&gt; and &#x5D0;',
  '\\*not\\* \\_a\\_ \\[mark\\] 1\\. \\# \\> C:\\\\temp',
  '1) a\n2) b\n\n1. c',
  '- \n- b\n-',
  '😀 👩‍👩‍👧 \u200Fימין\u200E left \u2067אבג\u2069',
  '[x](javascript:alert(1)) [y](data:text/html,z)',
  'Setext\n======\n\nSecond\n------',
  '    indented code\n    more',
  'a  \n  b\n    c',
]

const wiki = [
  'h1. Title\n\nSome *bold*, _italic_, -gone-, +under+, ^up^, ~down~, {{code}}',
  'h3. כותרת\n\nטקסט *מודגש* ו_נטוי_ עם [קישור|https://x.example]',
  '* a\n** b\n*# c\n* d\n\n# one\n# two\n#* three',
  '- a\n- b\n-- c',
  '||head||head||\n|a|b|\n|*c*|[d|https://x.example]|',
  '||row||a|\n||row||b|',
  '{code:java|title=A.java}\nclass A {}\n{code}',
  '{noformat}\n*not bold*\n{noformat}',
  'before {code}inline{code} after',
  '{quote}\nquoted\n\n* list\n{quote}',
  'bq. one line',
  '{panel:title=שים לב|bgColor=#deebff}\ntext\n{panel}',
  '{panel:borderStyle=dashed|borderColor=#ccc|bgColor=#ffffce}\nh2. in it\n{panel}',
  'a\nb\\\\c',
  '----',
  '{color:red}red{color} and {color:#00875A}green{color}',
  '[~dana] and [~accountid:5b10a2844c20165700ede21g]',
  '!a.png! and !https://x.example/b.png|width=300,alt=plan!',
  '!תרשים.png|thumbnail!',
  ':) (/) (x) (!) (y) (on) ;)',
  'https://x.example/a.b?c=d, and more.',
  'un{*}believ{*}able and ב{{{}login{}}}',
  '{toc:maxLevel=2}\n\n{anchor:here}text{chart:type=bar}x{chart}',
  '[^file.pdf] [#anchor] [PRJ-1] [mailto:a@x.example]',
  '??cited?? and \\*escaped\\* \\{code\\}',
  '* ☐ open\n* ☑ done\n** ☐ פתוח',
  '* a\n{code:sql}\nselect 1\n{code}\nmore of a\n* b',
  'C:\\temp \\\\ and &amp; &#1488;',
  '|a \\\\ b|\\||\n| |c|',
  '{quote}unclosed',
  'h2. a *b* {{c}}\nfollows at once',
]

const storage = [
  '<p>Plain &amp; simple&nbsp;&mdash;&hellip; &eacute;</p>',
  '<h2 style="text-align: center;">כותרת</h2><p dir="rtl" style="text-align: right;">טקסט <strong>מודגש</strong></p>',
  '<p><strong>a</strong><em>b</em><u>c</u><s>d</s><sup>e</sup><sub>f</sub><code>g</code></p>',
  '<p><span style="color: rgb(255,86,48);">red</span> <span style="background-color: #ffff00;">mark</span></p>',
  '<p><span style="color: red; text-decoration: line-through;">x</span><small>y</small></p>',
  '<ul><li>a<ul><li><p>b</p></li></ul></li><li><p>c</p></li></ul><ol start="3"><li><p>d</p></li></ol>',
  '<table><tbody><tr><th>a</th><th>b</th></tr><tr><td colspan="2">c</td></tr><tr><td rowspan="2">d</td><td>e</td></tr><tr><td>f</td></tr></tbody></table>',
  '<table class="wrapped"><colgroup><col style="width: 50%;" /><col /></colgroup><thead><tr><th><p>a</p></th></tr></thead><tbody><tr><td class="highlight-blue"><ul><li>b</li></ul></td></tr></tbody></table>',
  macro(
    'code',
    parameter('language', 'sql') + parameter('title', 'a.sql') + plain('select 1 < 2\n'),
  ),
  macro('code', parameter('linenumbers', 'true') + plain('a ]]]]><![CDATA[> b')),
  macro('noformat', plain('raw *text*')),
  macro('info', parameter('title', 'Read') + rich('<p>i</p>')),
  macro('tip', rich('<p>t</p>')) +
    macro('note', rich('<p>n</p>')) +
    macro('warning', rich('<p>w</p>')),
  macro('panel', parameter('bgColor', '#eae6ff') + rich('<p>p</p>')),
  macro(
    'panel',
    parameter('bgColor', 'nice') + parameter('borderStyle', 'dashed') + rich('<h3>p</h3>'),
  ),
  macro('expand', parameter('title', 'עוד') + rich('<p>x</p><hr />')),
  `<p>State: ${macro('status', parameter('title', 'בוצע') + parameter('colour', 'Green'))}</p>`,
  macro('toc', parameter('maxLevel', '3')),
  macro('excerpt', parameter('hidden', 'true') + rich('<p>e</p>')),
  '<ac:structured-macro ac:macro-id="b1" ac:name="jira" ac:schema-version="1">\n <ac:parameter ac:name="key">PRJ-1</ac:parameter>\n</ac:structured-macro>',
  '<ac:structured-macro ac:name="children"><ac:parameter ac:name="page"><ac:link><ri:page ri:content-title="Home" /></ac:link></ac:parameter></ac:structured-macro>',
  '<ac:task-list><ac:task><ac:task-id>1</ac:task-id><ac:task-status>incomplete</ac:task-status><ac:task-body>do <time datetime="2026-11-21" /></ac:task-body></ac:task><ac:task><ac:task-id>2</ac:task-id><ac:task-status>complete</ac:task-status><ac:task-body>done</ac:task-body></ac:task></ac:task-list>',
  '<p><ac:link><ri:user ri:account-id="5b10" /></ac:link> <ac:link><ri:user ri:userkey="ff80" /></ac:link> <ac:link><ri:user ri:username="dana" /></ac:link></p>',
  '<p><ac:link><ri:page ri:content-title="Other" ri:space-key="S" /><ac:plain-text-link-body><![CDATA[a page]]></ac:plain-text-link-body></ac:link></p>',
  '<p><ac:link ac:anchor="x"><ac:link-body>go <strong>there</strong></ac:link-body></ac:link></p>',
  '<p><ac:image ac:width="200" ac:alt="plan"><ri:attachment ri:filename="תרשים.png" /></ac:image></p>',
  '<ac:image ac:align="center" ac:layout="center"><ri:url ri:value="https://x.example/a.png" /></ac:image>',
  '<p><ac:emoticon ac:name="tick" /> <ac:emoticon ac:emoji-fallback="🚀" ac:emoji-id="1f680" ac:emoji-shortname=":rocket:" ac:name="blue-star" /></p>',
  '<p><a href="https://x.example/?a=1&amp;b=2" title="t">l</a> <a href="https://x.example" data-card-appearance="inline">card</a> <a href="/wiki/x">rel</a></p>',
  '<p><a href="javascript:alert(1)">bad</a></p>',
  '<p>said <ac:inline-comment-marker ac:ref="u1">this <em>here</em></ac:inline-comment-marker></p>',
  '<ac:layout><ac:layout-section ac:type="two_equal"><ac:layout-cell><p>a</p></ac:layout-cell><ac:layout-cell><p>b</p></ac:layout-cell></ac:layout-section><ac:layout-section ac:type="single"><ac:layout-cell><p>c</p></ac:layout-cell></ac:layout-section></ac:layout>',
  '<div class="x"><p>unknown</p></div><p />',
  '<pre>pre  formatted\n  text</pre>',
  '<blockquote><p>q</p><blockquote><p>deep</p></blockquote></blockquote>',
  'text without\n a paragraph<br />and more',
  '<ac:adf-extension><ac:adf-node type="panel"><ac:adf-content><p>x</p></ac:adf-content></ac:adf-node></ac:adf-extension>',
]

const adf: readonly (readonly object[])[] = [
  [paragraph(text('plain')), { type: 'heading', attrs: { level: 2 }, content: [text('כותרת')] }],
  [
    paragraph(
      text('b', { type: 'strong' }),
      text('i', { type: 'em' }),
      text('c', { type: 'code' }),
    ),
  ],
  [
    paragraph(
      text('u', { type: 'underline' }),
      text('2', { type: 'subsup', attrs: { type: 'sub' } }),
    ),
  ],
  [
    paragraph(
      text('r', { type: 'textColor', attrs: { color: '#ff5630' } }),
      text('m', { type: 'backgroundColor', attrs: { color: '#fedec8' } }),
    ),
  ],
  [
    paragraph(
      text('l', { type: 'link', attrs: { href: 'https://x.example', title: 't' } }),
      { type: 'hardBreak' },
      text('x'),
    ),
  ],
  [
    paragraph(
      text('note', { type: 'annotation', attrs: { id: 'a1', annotationType: 'inlineComment' } }),
    ),
  ],
  [{ ...paragraph(text('mid')), marks: [{ type: 'alignment', attrs: { align: 'center' } }] }],
  [{ ...paragraph(text('in')), marks: [{ type: 'indentation', attrs: { level: 2 } }] }],
  [
    {
      type: 'bulletList',
      content: [
        {
          type: 'listItem',
          content: [
            paragraph(text('a')),
            {
              type: 'orderedList',
              attrs: { order: 3 },
              content: [{ type: 'listItem', content: [paragraph(text('b'))] }],
            },
          ],
        },
      ],
    },
  ],
  [
    {
      type: 'taskList',
      attrs: { localId: 'l' },
      content: [
        { type: 'taskItem', attrs: { localId: 't', state: 'DONE' }, content: [text('בוצע')] },
        {
          type: 'taskList',
          attrs: { localId: 'm' },
          content: [
            { type: 'taskItem', attrs: { localId: 'u', state: 'TODO' }, content: [text('below')] },
          ],
        },
      ],
    },
  ],
  [{ type: 'codeBlock', attrs: { language: 'ts' }, content: [text('a\n\n  b')] }, { type: 'rule' }],
  ...(['info', 'note', 'tip', 'success', 'warning', 'error'] as const).map((panelType) => [
    { type: 'panel', attrs: { panelType }, content: [paragraph(text(panelType))] },
  ]),
  [
    {
      type: 'panel',
      attrs: { panelType: 'custom', panelColor: '#abcdef', panelIcon: ':x:' },
      content: [paragraph(text('own'))],
    },
  ],
  [
    { type: 'blockquote', content: [paragraph(text('q'))] },
    { type: 'expand', attrs: { title: 'עוד' }, content: [paragraph(text('e'))] },
  ],
  [
    {
      type: 'table',
      attrs: { layout: 'wide', isNumberColumnEnabled: true },
      content: [
        {
          type: 'tableRow',
          content: [
            { type: 'tableHeader', attrs: { colspan: 2 }, content: [paragraph(text('h'))] },
          ],
        },
        {
          type: 'tableRow',
          content: [
            {
              type: 'tableCell',
              attrs: { background: '#deebff' },
              content: [paragraph(text('a'))],
            },
            { type: 'tableCell', content: [paragraph()] },
          ],
        },
      ],
    },
  ],
  [
    paragraph(
      { type: 'mention', attrs: { id: '5b10', text: '@דנה' } },
      { type: 'emoji', attrs: { shortName: ':rocket:', id: '1f680', text: '🚀' } },
    ),
  ],
  [
    paragraph(
      { type: 'date', attrs: { timestamp: '1795219200000' } },
      { type: 'status', attrs: { text: 'בעבודה', color: 'blue', localId: 's' } },
    ),
  ],
  [paragraph({ type: 'inlineCard', attrs: { url: 'https://x.example/browse/PRJ-1' } })],
  [
    {
      type: 'mediaSingle',
      attrs: { layout: 'center' },
      content: [
        {
          type: 'media',
          attrs: { type: 'file', id: 'm1', collection: 'c', width: 10, height: 20 },
        },
      ],
    },
  ],
  [
    {
      type: 'mediaSingle',
      attrs: { layout: 'wrap-left', width: 50 },
      content: [
        { type: 'media', attrs: { type: 'external', url: 'https://x.example/a.png', alt: 'a' } },
      ],
    },
  ],
  [
    {
      type: 'mediaGroup',
      content: [{ type: 'media', attrs: { type: 'file', id: 'm2', collection: 'c' } }],
    },
  ],
  [
    {
      type: 'layoutSection',
      content: [
        { type: 'layoutColumn', attrs: { width: 50 }, content: [paragraph(text('a'))] },
        { type: 'layoutColumn', attrs: { width: 50 }, content: [paragraph(text('b'))] },
      ],
    },
  ],
  [
    {
      type: 'extension',
      attrs: {
        extensionType: 'com.atlassian.confluence.macro.core',
        extensionKey: 'toc',
        parameters: { macroParams: { maxLevel: { value: '2' } }, macroMetadata: { title: 'TOC' } },
        localId: 'x',
      },
    },
  ],
  [
    {
      type: 'bodiedExtension',
      attrs: {
        extensionType: 'com.atlassian.confluence.macro.core',
        extensionKey: 'excerpt',
        parameters: { macroParams: {} },
      },
      content: [paragraph(text('body'))],
    },
  ],
  [
    {
      type: 'extension',
      attrs: { extensionType: 'com.vendor', extensionKey: 'chart', parameters: { a: [1] } },
    },
  ],
  [
    {
      type: 'decisionList',
      attrs: { localId: 'd' },
      content: [
        { type: 'decisionItem', attrs: { localId: 'e', state: 'DECIDED' }, content: [text('so')] },
      ],
    },
  ],
  [
    { type: 'blockCard', attrs: { url: 'https://x.example' } },
    { type: 'embedCard', attrs: { url: 'https://x.example', layout: 'wide' } },
  ],
  [paragraph({ type: 'placeholder', attrs: { text: 'type here' } }, text(' \u200Fימין\u200E 👩‍👩‍👧'))],
]

/** Small documents shaped by hand, of every construct, in the format in which people meet them. */
export const corpus: readonly { readonly format: MarkupFormat; readonly source: string }[] = [
  ...markdown.map((source) => ({ format: 'markdown' as const, source })),
  ...wiki.map((source) => ({ format: 'wiki' as const, source })),
  ...storage.map((source) => ({ format: 'storage' as const, source })),
  ...adf.map((content) => ({
    format: 'adf' as const,
    source: JSON.stringify({ type: 'doc', version: 1, content: tidy(content) }),
  })),
]

/** Without empty lists of marks, as Atlassian writes its documents. */
function tidy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(tidy)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name, inner]) => name !== 'marks' || (Array.isArray(inner) && inner.length > 0))
      .map(([name, inner]) => [name, tidy(inner)]),
  )
}
