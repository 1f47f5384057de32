import { screen, waitFor } from '@testing-library/react'
import { describe, expect, it } from 'vitest'
import { type Answers, show } from '../../testing/show.tsx'
import { PublishPanel } from './publish-panel.tsx'

const storyId = '3f4b8a52-7a31-4d5c-9a53-0c8b5b1b8a10'
const base = `/stories/${storyId}`
const sources = (available: readonly string[]) => () => ({
  sources: [],
  budget: { max: 8_000, requirement: 20, sources: 0 },
  available,
})

const answers = (more: Answers = {}): Answers => ({
  [`GET ${base}/sources`]: sources(['jira-issue', 'confluence-page']),
  [`GET ${base}/publications`]: () => ({ operations: [] }),
  'GET /confluence/spaces': () => ({ spaces: [{ key: 'PAY', name: 'Payments' }] }),
  ...more,
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
    const closed = { [`GET ${base}/sources`]: sources(['jira-issue']) }
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
