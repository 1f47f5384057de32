import type { StorySummary } from '@studioops/contracts/stories'
import { fireEvent, screen, waitFor, within } from '@testing-library/react'
import { describe, expect, it } from 'vitest'
import { type Answers, show } from '../../testing/show.tsx'
import { StoriesPage } from './stories-page.tsx'
import { sampleStory, sampleStoryId } from './story-samples.ts'

const summary = (changes: Partial<StorySummary> = {}): StorySummary => ({
  id: sampleStoryId,
  state: 'draft',
  title: 'כניסה עם קוד',
  projectKey: 'PAY',
  updatedAt: '2026-11-21T08:30:00.000Z',
  ...changes,
})

const page = (stories: readonly StorySummary[], answers: Answers = {}) =>
  show(<StoriesPage filter={undefined} onFilter={() => {}} />, {
    path: '/stories',
    answers: { 'GET /stories': () => ({ stories }), ...answers },
  })

describe('the list of stories', () => {
  it('shows titles as they are, states as words, and keys that lead to Jira', async () => {
    await page([
      summary(),
      summary({
        id: '7c1f1d0e-7d59-4d0c-9a53-0c8b5b1b8a11',
        state: 'created',
        issueKey: 'PAY-7',
        issueUrl: 'https://jira.example.test/browse/PAY-7',
      }),
    ])

    const [draft, created] = await screen.findAllByRole('listitem')
    expect(draft && within(draft).getByText('כניסה עם קוד').tagName).toBe('BDI')
    expect(draft?.textContent).toContain('Draft')
    const key = created && within(created).getByRole('link', { name: /PAY-7/ })
    expect(key?.getAttribute('href')).toBe('https://jira.example.test/browse/PAY-7')
    expect(created && within(created).queryByRole('button')).toBeNull()
  })

  it('begins a story in the project of the last one, and goes there', async () => {
    const story = sampleStory({ id: '9c1f1d0e-7d59-4d0c-9a53-0c8b5b1b8a11', requirement: '' })
    const { requests, path } = await page([summary()], {
      'POST /stories': () => Response.json({ story }, { status: 201 }),
    })
    await screen.findByText('כניסה עם קוד')

    fireEvent.click(screen.getByRole('button', { name: 'New story' }))
    fireEvent.click(screen.getByRole('button', { name: 'New story' }))

    await waitFor(() => expect(path()).toBe(`/stories/${story.id}`))
    const posts = requests.filter(({ method }) => method === 'POST')
    expect(posts).toHaveLength(1)
    expect(posts[0]?.body).toEqual({
      requirement: '',
      format: 'classic',
      language: 'en',
      projectKey: 'PAY',
    })
  })

  it('goes on with a story that nobody has typed into', async () => {
    const { requests, path } = await page([summary({ state: 'new', title: '' })])
    await screen.findByText('Story without a requirement')

    fireEvent.click(screen.getByRole('button', { name: 'New story' }))

    await waitFor(() => expect(path()).toBe(`/stories/${sampleStoryId}`))
    expect(requests.every(({ method }) => method === 'GET')).toBe(true)
  })

  it('offers one thing to do while it is empty', async () => {
    await page([])

    expect(await screen.findByText('No stories yet')).toBeTruthy()
    expect(screen.getAllByRole('button', { name: 'New story' })).toHaveLength(1)
  })

  it('shows no button that would be gone a moment later, while the list is on its way', async () => {
    const list = Promise.withResolvers<unknown>()
    await show(<StoriesPage filter={undefined} onFilter={() => {}} />, {
      answers: { 'GET /stories': () => list.promise },
    })
    await screen.findByRole('heading', { name: 'Stories' })
    expect(screen.queryByRole('button', { name: 'New story' })).toBeNull()

    list.resolve({ stories: [] })

    expect(await screen.findByRole('button', { name: 'New story' })).toBeTruthy()
  })

  it('deletes after a question that names the story, with the focus on Cancel', async () => {
    const { requests } = await page([summary()], {
      [`DELETE /stories/${sampleStoryId}`]: () => ({}),
    })

    fireEvent.click(await screen.findByRole('button', { name: /Delete .?כניסה עם קוד/ }))
    const dialog = await screen.findByRole('alertdialog')
    expect(within(dialog).getByText('כניסה עם קוד', { exact: false, selector: 'bdi' })).toBeTruthy()
    await waitFor(() => expect(document.activeElement?.textContent).toBe('Cancel'))
    fireEvent.click(within(dialog).getByRole('button', { name: 'Delete the story' }))

    await waitFor(() => expect(screen.queryByText('Delete this story?')).toBeNull())
    expect(requests.filter(({ method }) => method === 'DELETE')).toHaveLength(1)
  })
})
