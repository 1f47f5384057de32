import { screen, waitFor } from '@testing-library/react'
import { describe, expect, it } from 'vitest'
import { press, write } from '../../testing/hands.ts'
import { refusal } from '../../testing/problems.ts'
import { type Answers, show } from '../../testing/show.tsx'
import { PublishPanel } from './publish-panel.tsx'
import { StoryPages } from './story-pages.tsx'

const storyId = '3f4b8a52-7a31-4d5c-9a53-0c8b5b1b8a10'
const base = `/stories/${storyId}`
const page = {
  pageId: '65600',
  title: 'Payments: how a card is charged',
  spaceKey: 'PAY',
  spaceName: 'Payments',
  version: 3,
  url: 'https://wiki.example/pages/65600',
  asOf: '2026-11-21T08:42:00.000Z',
  isCut: false,
}
const found = { ...page, excerpt: 'A card is charged once.' }

const answers = (more: Answers = {}): Answers => ({
  [`GET ${base}/pages`]: () => ({ pages: [], isConnected: true }),
  [`GET ${base}/publications`]: () => ({ operations: [] }),
  'GET /confluence/spaces': () => ({ spaces: [{ key: 'PAY', name: 'Payments' }] }),
  ...more,
})

describe('the pages of a story', () => {
  it.each([
    ['en', 'Connect your Confluence to give a story pages as context.'],
    ['he', 'יש לחבר את Confluence שלך כדי לצרף לסיפור דפים כהקשר.'],
  ] as const)('lead in %s to where Confluence is connected [CFG-17]', async (language, words) => {
    const closed = { [`GET ${base}/pages`]: () => ({ pages: [], isConnected: false }) }
    await show(<StoryPages storyId={storyId} isOpen />, { language, answers: answers(closed) })
    expect(await screen.findByText(words)).toBeTruthy()
    expect(screen.getByRole('link').getAttribute('href')).toBe('/connections')
  })

  it('are found by words, attached and taken away [CON-12]', async () => {
    const { requests } = await show(<StoryPages storyId={storyId} isOpen />, {
      answers: answers({
        'GET /confluence/pages': () => ({ pages: [found] }),
        [`POST ${base}/pages`]: () => ({ pages: [page], isConnected: true }),
        [`DELETE ${base}/pages/65600`]: () => ({ pages: [], isConnected: true }),
      }),
    })
    await screen.findByLabelText('Find a page')
    write('Find a page', 'card')
    press('Search')
    expect(await screen.findByText('A card is charged once.')).toBeTruthy()
    press(/^Attach .*how a card is charged/)
    expect(await screen.findByText(/version .3/)).toBeTruthy()
    press(/^Take .*how a card is charged.* away/)
    await waitFor(() => expect(screen.queryByText(/version .3/)).toBeNull())
    expect(requests.map(({ method }) => method)).toContain('DELETE')
  })

  it('are shown as they were read where Confluence is away, with the reason [D-10]', async () => {
    const stale = (await refusal('connection.timeout').json()) as never
    const known = { pages: [{ ...page, stale }], isConnected: true }
    await show(<StoryPages storyId={storyId} isOpen />, {
      answers: answers({ [`GET ${base}/pages`]: () => known }),
    })
    expect(await screen.findByText(/version .3/)).toBeTruthy()
    expect(screen.getByRole('status')).toBeTruthy()
  })
})

describe('publishing a story', () => {
  const panel = (
    <PublishPanel
      storyId={storyId}
      title="Pay later"
      version={1}
      OperationCard={({ operation }) => <p>{operation.title}</p>}
    />
  )

  it('is not offered before Confluence is connected [CFG-17]', async () => {
    const closed = { [`GET ${base}/pages`]: () => ({ pages: [], isConnected: false }) }
    const { requests } = await show(panel, { answers: answers(closed) })
    await waitFor(() => expect(requests.length).toBeGreaterThanOrEqual(2))
    expect(screen.queryByText('Publish in Confluence')).toBeNull()
  })

  it('says of a page without attached pages what to do first, and cannot be pressed [CON-12]', async () => {
    await show(panel, { answers: answers() })
    expect(await screen.findByText('Publish in Confluence')).toBeTruthy()
    const preview = screen.getByRole('button', { name: 'Show what is written' })
    expect(preview.hasAttribute('disabled')).toBe(true)
    screen.getByRole('radio', { name: /Into a page/ }).click()
    expect(await screen.findByText('Attach the page to this story first.')).toBeTruthy()
  })
})
