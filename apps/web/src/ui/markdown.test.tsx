import { cleanup, render, screen, within } from '@testing-library/react'
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { Markdown } from './markdown.tsx'
import { letterDirection } from './markdown-direction.ts'

afterEach(cleanup)

const show = (text: string) => render(<Markdown text={text} codeLabel="Code" />).container

describe('Markdown of a stranger', () => {
  it('shows HTML as text and loads nothing, whatever is in it', () => {
    const page = show(
      '<img src="https://evil.test/x.png" onerror="alert(1)">\n\nhi <b>bold</b> ![cat](https://evil.test/cat.png)',
    )

    expect(page.querySelector('img, b, script, [onerror]')).toBeNull()
    expect(page.textContent).toContain('<img src=')
    expect(page.textContent).toContain('[cat]')
  })

  it('never makes an element that was not meant, from any text', () => {
    const piece = fc.constantFrom(
      '<',
      '>',
      '[a]',
      '(javascript:x)',
      '*',
      '`',
      '\n',
      '|',
      '&lt;',
      'א',
      '- ',
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 25 }), (pieces) => {
        const page = show(pieces.join(''))
        expect(page.querySelector('img, script, iframe, [href^="javascript"]')).toBeNull()
        cleanup()
      }),
    )
  })

  it('shows where a link leads, and does not tell the other side where it comes from', () => {
    show('[our bank](https://evil.test/login) and https://jira.example.test/x')

    const link = screen.getByRole('link', { name: 'our bank' })
    expect(link.getAttribute('rel')).toBe('noopener noreferrer nofollow')
    expect(screen.getByText('(evil.test)', { exact: false }).getAttribute('dir')).toBe('ltr')
    expect(screen.getByRole('link', { name: /jira/ }).getAttribute('target')).toBe('_blank')
  })

  // oxlint-disable-next-line no-script-url -- The test is that it becomes no link.
  it.each(['javascript:alert(1)', 'data:text/html,x', 'file:///etc/passwd', '/api/session'])(
    'makes no link of %s',
    (address) => {
      show(`[text](${address})`)
      expect(screen.queryByRole('link')).toBeNull()
    },
  )

  it('gives each block its own direction, by letters and without code [D-28]', () => {
    const page = show(
      [
        'הדף נפתח ב־`https://jira.example.test/very/long/address/with/letters`',
        '- כניסה עם OTP\n- Sign in',
        'Plain English',
        '1 2 3',
      ].join('\n\n'),
    )

    const directions = [...(page.firstElementChild?.children ?? [])].map((block) =>
      block.getAttribute('dir'),
    )
    expect(directions).toEqual(['rtl', 'rtl', 'ltr', null])
  })

  it('sets directions on blocks and code only, never on list items [D-28]', () => {
    const page = show('- `npm start`\n- ב\n\n```\nlet a = 1\n```')

    expect(page.querySelector('li[dir], ul[dir]')).toBeNull()
    expect(page.querySelector('li code')?.getAttribute('dir')).toBe('ltr')
    expect(screen.getByRole('region', { name: 'Code' }).getAttribute('dir')).toBe('ltr')
  })

  it('fits its headings below those of the page', () => {
    show('## Acceptance Criteria\n\n### More')

    expect(screen.getByRole('heading', { level: 3 }).textContent).toBe('Acceptance Criteria')
    expect(screen.getByRole('heading', { level: 4 }).textContent).toBe('More')
  })

  it('shows tables with every cell kept apart from its neighbours [D-28]', () => {
    show('| a | b |\n|---|---|\n| v2.1. | כן |')

    const row = screen.getAllByRole('row')[1]
    expect(row && within(row).getByText('v2.1.').tagName).toBe('BDI')
  })

  it('shows escaped characters as they are meant', () => {
    expect(show('a &lt; b &amp;&amp; c &#1488; \\* &unknown;').textContent).toBe(
      'a < b && c א * &unknown;',
    )
  })
})

describe('direction by letters', () => {
  it.each([
    ['שלום', 'rtl'],
    ['Deploy', 'ltr'],
    ['פתיחת Jira issue', 'rtl'],
    ['The word שלום means peace', 'ltr'],
    ['2026-11-21 100%', undefined],
  ])('of %j is %s', (text, direction) => {
    expect(letterDirection(text)).toBe(direction)
  })
})
