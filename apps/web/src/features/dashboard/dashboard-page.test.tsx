import { screen, waitFor } from '@testing-library/react'
import { expect, it } from 'vitest'
import { press } from '../../testing/hands.ts'
import { refusal } from '../../testing/problems.ts'
import { aSession } from '../../testing/samples.ts'
import { type Answers, show } from '../../testing/show.tsx'
import { DashboardPage } from './dashboard-page.tsx'

const needs = [
  { connection: 'jira', state: 'passed' },
  { connection: 'model', state: 'not-set' },
]
const dashboard = {
  outboxOpen: 0,
  broken: [],
  features: [
    { name: 'stories', state: 'needs-setup', needs },
    { name: 'outbox', state: 'open', needs: [] },
    { name: 'connections', state: 'open', needs: [] },
  ],
}
const story = {
  id: '6c1f1d0e-7d59-4d0c-9a53-0c8b5b1b8a11',
  state: 'created',
  title: 'Pay later',
  issueKey: 'PAY-1',
  updatedAt: '2026-11-20T08:30:00.000Z',
}

const showDashboard = (answers: Answers = {}) =>
  show(<DashboardPage />, {
    answers: {
      'GET /session': () => aSession(),
      'GET /dashboard': () => dashboard,
      'GET /stories': () => ({ stories: [] }),
      ...answers,
    },
    path: '/dashboard',
  })

it('leads a newcomer to the next step, and ticks the done one [UI-2]', async () => {
  await showDashboard()
  await screen.findByRole('heading', { name: 'Getting started' })
  expect(screen.getByRole('heading', { name: /Connect Jira.*done/ })).toBeTruthy()
  expect(screen.getByRole('link', { name: 'Connect' }).getAttribute('href')).toBe(
    '/connections#model',
  )
})

it('stays dismissed', async () => {
  const { queries } = await showDashboard()
  await screen.findByRole('heading', { name: 'Getting started' })
  press('Do not show again')
  expect(screen.queryByRole('heading', { name: 'Getting started' })).toBeNull()
  queries.clear()
  await showDashboard()
  await screen.findAllByRole('heading', { name: 'What you can do' })
  expect(screen.queryByRole('heading', { name: 'Getting started' })).toBeNull()
})

it('leaves those alone who have a story in Jira, and shows the way back to it', async () => {
  await showDashboard({ 'GET /stories': () => ({ stories: [story] }) })
  const link = await screen.findByRole('link', { name: /Pay later/ })
  expect(link.getAttribute('href')).toBe(`/stories/${story.id}`)
  expect(link.textContent).toContain('PAY-1')
  await screen.findByRole('heading', { name: 'What you can do' })
  expect(screen.queryByRole('heading', { name: 'Getting started' })).toBeNull()
})

it('keeps the rest usable when the gates cannot be read [UI-5]', async () => {
  await showDashboard({
    'GET /dashboard': () => refusal('database.unavailable'),
    'GET /stories': () => ({ stories: [story] }),
  })
  expect((await screen.findByRole('alert')).textContent).toContain('database cannot be reached')
  await screen.findByRole('link', { name: /Pay later/ })
})

it('opens a card without a reload when its gate opens [CFG-17]', async () => {
  let isTested = false
  const { queries } = await showDashboard({
    'GET /dashboard': () =>
      isTested
        ? { ...dashboard, features: [{ name: 'stories', state: 'open', needs: [] }] }
        : dashboard,
  })
  await screen.findByText(/1.* of .*2.* tested/)
  isTested = true
  await queries.invalidateQueries({ queryKey: ['dashboard'] })
  await waitFor(() => expect(screen.getByRole('link', { name: 'New story' })).toBeTruthy())
})

it('tells of own credentials that do not work any more, and where to mend them [OPS-9]', async () => {
  const broken = [{ connection: 'confluence', failingSince: '2026-11-20T08:30:00.000Z' }]
  await showDashboard({ 'GET /dashboard': () => ({ ...dashboard, broken }) })
  await screen.findByText('Some of your credentials do not work any more.')
  const link = screen.getByRole('link', { name: 'Confluence' })
  expect(link.getAttribute('href')).toBe('/connections#confluence')
})
