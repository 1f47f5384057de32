import { screen, waitFor, within } from '@testing-library/react'
import { describe, expect, it } from 'vitest'
import { refusal } from '../../testing/problems.ts'
import { show } from '../../testing/show.tsx'
import { sampleOperation } from './operation-samples.ts'
import { OutboxPage } from './outbox-page.tsx'

describe('the outbox', () => {
  it('keeps what is under way apart from what has ended', async () => {
    const operations = [
      sampleOperation({ state: 'unknown', title: 'Open one' }),
      sampleOperation({
        id: '3f4b8a52-7a31-4d5c-9a53-0c8b5b1b8a11',
        state: 'done',
        title: 'Ended one',
      }),
    ]
    await show(<OutboxPage />, { answers: { 'GET /operations': () => ({ operations }) } })

    const open = await screen.findByRole('region', { name: 'Under way' })
    expect(within(open).getByRole('heading', { level: 3 }).textContent).toBe('Open one')
    const ended = screen.getByRole('region', { name: 'Ended lately' })
    expect(within(ended).getByRole('heading', { level: 3 }).textContent).toBe('Ended one')
    expect(screen.getByRole('link', { name: /Open the story .?Open one/ })).toBeTruthy()
  })

  it('follows what is under way without a reload [JOB-8]', async () => {
    let state: 'unknown' | 'done' = 'unknown'
    await show(<OutboxPage />, {
      answers: { 'GET /operations': () => ({ operations: [sampleOperation({ state })] }) },
    })
    await screen.findByText('Nothing is created twice.', { exact: false })

    state = 'done'

    await waitFor(() => expect(screen.getByText('Created in Jira')).toBeTruthy(), {
      timeout: 4_000,
    })
  })

  it.each([
    ['en', 'The outbox is empty', 'Go to your stories'],
    ['he', 'תיבת היוצא ריקה', 'מעבר לסיפורים'],
  ] as const)('says in %s that it is empty, with one way on', async (language, title, action) => {
    await show(<OutboxPage />, {
      language,
      answers: { 'GET /operations': () => ({ operations: [] }) },
    })

    expect(await screen.findByText(title)).toBeTruthy()
    expect(screen.getByRole('link', { name: action }).getAttribute('href')).toBe('/stories')
  })

  it('explains when it cannot be shown, and tries again', async () => {
    await show(<OutboxPage />, {
      answers: { 'GET /operations': () => refusal('database.unavailable') },
    })

    expect((await screen.findByRole('alert')).textContent).toContain('Nothing was lost.')
    expect(screen.getByRole('button', { name: 'Try again' })).toBeTruthy()
  })
})
