import { cleanup, render, screen } from '@testing-library/react'
import { afterEach, describe, expect, it } from 'vitest'
import { Bdi } from './bdi.tsx'
import { Markdown } from './markdown.tsx'
import { OutsideLink } from './outside-link.tsx'
import { Truncated } from './truncated.tsx'

afterEach(cleanup)

/** Ways by which a text has become a script somewhere, mutation XSS and Markdown's own included. */
const corpus = [
  '<script>alert(1)</script>',
  '<ScRiPt src=//evil.test></ScRiPt>',
  '<img src=x onerror=alert(1)>',
  '<img src=x onerror=alert(1)//',
  '<svg/onload=alert(1)>',
  '<svg><script>alert(1)</script></svg>',
  '<svg><animate onbegin=alert(1) attributeName=x dur=1s>',
  '<math><mtext></p><img src=x onerror=alert(1)></mtext></math>',
  '<math><mi//xlink:href="data:x,<script>alert(1)</script>">',
  '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
  '<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>',
  '<svg></p><style><a id="</style><img src=1 onerror=alert(1)>">',
  '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
  '<iframe src=javascript:alert(1)>',
  '<object data=javascript:alert(1)>',
  '<embed src=javascript:alert(1)>',
  '<base href=//evil.test/>',
  '<link rel=stylesheet href=//evil.test/x.css>',
  '<meta http-equiv=refresh content="0;url=javascript:alert(1)">',
  '<body onload=alert(1)>',
  '<details open ontoggle=alert(1)>',
  '<input autofocus onfocus=alert(1)>',
  '<video><source onerror=alert(1)>',
  '<marquee onstart=alert(1)>',
  '<a href=javascript:alert(1)>x</a>',
  '<div style="background:url(javascript:alert(1))">',
  '<style>@import "//evil.test/x.css"</style>',
  '"><script>alert(1)</script>',
  "'-alert(1)-'",
  '</title><script>alert(1)</script>',
  '</textarea><script>alert(1)</script>',
  '<!--><img src=x onerror=alert(1)>-->',
  '<![CDATA[<img src=x onerror=alert(1)>]]>',
  '&lt;script&gt;alert(1)&lt;/script&gt;',
  '&#60;img src=x onerror=alert(1)&#62;',
  '\u003cimg src=x onerror=alert(1)\u003e',
  '{{constructor.constructor("alert(1)")()}}',
  '${alert(1)}',
  '[a](javascript:alert(1))',
  '[a](JaVaScRiPt:alert(1))',
  '[a](  javascript:alert(1))',
  '[a](java\tscript:alert(1))',
  '[a](javascript&colon;alert(1))',
  '[a](&#106;avascript:alert(1))',
  '[a](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)',
  '[a](vbscript:msgbox(1))',
  '[a](blob:https://evil.test/x)',
  '[a](//evil.test)',
  '[a](\\\\evil.test)',
  '[a](https://ok.test "onmouseover=alert(1)")',
  '[a](<javascript:alert(1)>)',
  '![a](javascript:alert(1))',
  '![a](https://evil.test/x.png "onerror=alert(1)")',
  '<javascript:alert(1)>',
  '<https://ok.test/"onmouseover="alert(1)>',
  '[a]: javascript:alert(1)\n\n[a]',
  '`<img src=x onerror=alert(1)>`',
  '```html\n<script>alert(1)</script>\n```',
  '| <img src=x onerror=alert(1)> |\n|---|\n| [a](javascript:alert(1)) |',
  '> <script>alert(1)</script>',
  '- [ ] <script>alert(1)</script>',
  '# <img src=x onerror=alert(1)>',
]

const dangerous =
  'script, img, svg, math, iframe, object, embed, base, link, meta, style, form, input, video, audio, body *[onload], noscript, details, marquee, template'

/** What a page must not hold after a stranger's text was shown on it. */
function traces(page: HTMLElement): string[] {
  const elements = [...page.querySelectorAll('*')]
  return [
    ...[...page.querySelectorAll(dangerous)].map((element) => element.outerHTML),
    ...elements.flatMap((element) =>
      element.getAttributeNames().filter((name) => /^(on|srcdoc|style$|formaction)/.test(name)),
    ),
    ...[...page.querySelectorAll('a')]
      .map((link) => link.getAttribute('href') ?? '')
      .filter((href) => !/^(https?:\/\/|mailto:)/.test(href)),
  ]
}

describe.each(corpus)('the text %j', (text) => {
  it('stays text where Markdown is drawn [SEC-6]', () => {
    expect(traces(render(<Markdown text={text} codeLabel="Code" />).container)).toEqual([])
  })

  it('stays text where a field is shown [SEC-6]', () => {
    const page = render(
      <>
        <Bdi>{text}</Bdi>
        <Truncated>{text}</Truncated>
      </>,
    ).container
    expect(traces(page)).toEqual([])
    expect(page.textContent).toContain(text)
  })
})

describe('a link to another system', () => {
  // oxlint-disable-next-line no-script-url -- it must become no link
  it.each(['javascript:alert(1)', 'data:text/html,x', 'vbscript:x', '//evil.test', ''])(
    'is words where its address is %j [SEC-6]',
    (href) => {
      render(<OutsideLink href={href}>PAY-1</OutsideLink>)
      expect(screen.queryByRole('link')).toBeNull()
      expect(screen.getByText('PAY-1')).toBeTruthy()
    },
  )

  it('leads there otherwise, and tells nothing of us', () => {
    render(<OutsideLink href="https://jira.test/browse/PAY-1">PAY-1</OutsideLink>)
    const link = screen.getByRole('link')
    expect(link.getAttribute('href')).toBe('https://jira.test/browse/PAY-1')
    expect(link.getAttribute('rel')).toContain('noreferrer')
  })
})
