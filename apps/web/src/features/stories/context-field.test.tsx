import { screen, waitFor, within } from '@testing-library/react'
import { describe, expect, it } from 'vitest'
import { press, write } from '../../testing/hands.ts'
import { refusal } from '../../testing/problems.ts'
import { type Answers, show } from '../../testing/show.tsx'
import { ContextField } from './context-field.tsx'

const storyId = '3f4b8a52-7a31-4d5c-9a53-0c8b5b1b8a10'
const path = `/stories/${storyId}/sources`
const source = {
  kind: 'jira-issue',
  ref: 'PAY-7',
  title: 'PAY-7 Fees of cards',
  place: 'Jira',
  url: 'https://jira.example/browse/PAY-7',
  asOf: '2026-11-21T08:42:00.000Z',
  tokens: 1_200,
  fits: 1,
  isPart: false,
}
const found = {
  kind: 'jira-issue',
  ref: 'PAY-7',
  title: source.title,
  place: 'Jira',
  detail: 'Open',
}
const known = (sources: readonly object[], available = ['document', 'jira-issue']) => ({
  sources,
  budget: { max: 8_000, requirement: 20, sources: 1_200 },
  available,
})
const answers = (more: Answers): Answers => ({ [`GET ${path}`]: () => known([]), ...more })
const tokens = /^.?1,200.? tokens$/
const field = <ContextField storyId={storyId} isOpen hasProject={false} />

describe('the context of a story', () => {
  it('is found while one types, added, told with what it takes, and taken away [STY-1]', async () => {
    const { requests } = await show(field, {
      answers: answers({
        [`GET ${path}/found`]: () => ({ found: [found] }),
        [`POST ${path}`]: () => known([source]),
        [`DELETE ${path}/jira-issue/PAY-7`]: () => known([]),
      }),
    })
    await screen.findByLabelText('Search')
    write('Search', 'fees')
    expect(await screen.findByText(/^.?1.? found$/)).toBeTruthy()
    expect(screen.getByText('Open')).toBeTruthy()
    press(/^Add .*Fees of cards/)
    const list = await screen.findByRole('list', { name: 'What was added' })
    expect(within(list).getByText(tokens)).toBeTruthy()
    expect(screen.getByRole('meter', { name: 'Room for context' })).toBeTruthy()
    expect(screen.getByText(/1,200.* of .*8,000.* tokens/)).toBeTruthy()
    press(/^Take .*Fees of cards.* away/)
    await waitFor(() => expect(screen.queryByRole('list', { name: 'What was added' })).toBeNull())
    expect(
      requests.filter(({ method }) => method !== 'GET').map(({ body }) => body),
    ).toContainEqual({
      kind: 'jira-issue',
      ref: 'PAY-7',
    })
  })

  it('says what does not fit, and why a copy is old [D-10]', async () => {
    const stale = (await refusal('connection.timeout').json()) as never
    const shown = known([
      { ...source, fits: 0.42, stale },
      { ...source, ref: 'PAY-8', title: 'PAY-8 Long', fits: 0 },
    ])
    await show(field, { answers: answers({ [`GET ${path}`]: () => shown }) })
    expect(await screen.findByText(/42.* % of it fits/)).toBeTruthy()
    expect(screen.getByText('None of it fits')).toBeTruthy()
    expect(screen.getByText(/Not everything fits/)).toBeTruthy()
    expect(screen.getAllByRole('status').length).toBeGreaterThan(0)
  })

  it.each([
    ['en', 'Choose a project of StudioOps above to use its documents.', 'Connections'],
    ['he', 'כדי להשתמש במסמכים יש לבחור למעלה פרויקט של StudioOps.', 'חיבורים'],
  ] as const)('says in %s what has to come first', async (language, words, link) => {
    const closed = answers({ [`GET ${path}`]: () => known([], ['document']) })
    await show(field, { language, answers: closed })
    expect(await screen.findByText(words)).toBeTruthy()
    expect(screen.getByRole('link', { name: link }).getAttribute('href')).toBe('/connections')
  })

  it('is only read once the story is approved', async () => {
    await show(<ContextField storyId={storyId} isOpen={false} hasProject={false} />, {
      answers: answers({ [`GET ${path}`]: () => known([source]) }),
    })
    expect(await screen.findByText(tokens)).toBeTruthy()
    expect(screen.queryByRole('button')).toBeNull()
    expect(screen.queryByLabelText('Search')).toBeNull()
  })
})
