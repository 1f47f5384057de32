import { createMemoryHistory } from '@tanstack/react-router'
import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/react'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { tellOtherTabs } from '../lib/session-channel.ts'
import { type Answers, fakeServer } from '../testing/fake-server.ts'
import { press } from '../testing/hands.ts'
import { refusal } from '../testing/problems.ts'
import { anAccount, anInstallation, aSession, aStatus } from '../testing/samples.ts'
import '../testing/show.tsx'
import { createApp } from './start-app.tsx'

const member: Answers = {
  'GET /installation': () => anInstallation(),
  'GET /session': () => aSession(),
  'GET /dashboard': () => ({ features: [], outboxOpen: 2 }),
  'GET /stories': () => ({ stories: [] }),
  'GET /status': () => aStatus(),
  'PATCH /account/preferences': () => anAccount().preferences,
  'DELETE /session': () => ({}),
}
const visitor: Answers = { ...member, 'GET /session': () => ({}) }

beforeEach(() => {
  document.documentElement.lang = 'en'
  document.documentElement.dir = 'ltr'
})
afterEach(() => cleanup())

async function open(path: string, answers: Answers) {
  const history = createMemoryHistory({ initialEntries: [path] })
  const { send, requests } = fakeServer(answers)
  render(await createApp({ send, history }))
  return { history, requests }
}

it('sends a visitor to the sign-in page and remembers the page that was asked for [ID-11]', async () => {
  const { history } = await open('/profile', visitor)
  await screen.findByRole('heading', { name: 'Sign in' })
  expect(history.location.href).toBe('/sign-in?next=%2Fprofile')
})

it('begins a new installation with the welcome page', async () => {
  await open('/', { ...visitor, 'GET /installation': () => anInstallation({ mode: 'new' }) })
  expect(await screen.findByRole('heading', { name: /From two lines/ })).toBeTruthy()
})

it('gives one heading, a title and the place in the navigation to a screen [UI-1, UI-3]', async () => {
  await open('/profile', member)
  await screen.findByRole('heading', { level: 1, name: 'Profile' })
  expect(document.title).toBe('Profile · StudioOps')
  fireEvent.click(screen.getAllByRole('link', { name: /Dashboard/ })[0] ?? document.body)
  await screen.findByRole('heading', { level: 1, name: 'Dashboard' })
  await waitFor(() =>
    expect(screen.getAllByRole('link', { current: 'page', name: /^Dashboard/ })).not.toEqual([]),
  )
  expect(document.activeElement?.textContent).toBe('Dashboard')
})

it('says the same of what does not exist and of what is not yours', async () => {
  await open('/no/such/page', member)
  expect(await screen.findByText(/does not exist, or it is not yours to see/)).toBeTruthy()
})

it('shows pages of those who run the workspace to nobody else, and asks nothing for them [ID-14]', async () => {
  const session = aSession({ account: anAccount({ role: 'member' }) })
  const { requests } = await open('/admin/people', { ...member, 'GET /session': () => session })
  expect(await screen.findByText(/does not exist, or it is not yours to see/)).toBeTruthy()
  expect(requests.filter(({ path }) => path.startsWith('/people'))).toEqual([])
})

it('shows the sign-in page when any answer says that the session is over [ID-10]', async () => {
  const { history } = await open('/dashboard', {
    ...member,
    'GET /stories': () => refusal('session.expired'),
  })
  await screen.findByText(/Signed out after/)
  expect(history.location.href).toContain('next=%2Fdashboard')
})

it('signs out, also when another tab does [ID-11, D-5]', async () => {
  await open('/profile', member)
  await screen.findByRole('heading', { name: 'Profile' })
  tellOtherTabs({ type: 'ended', reason: 'signed-out' })
  expect(await screen.findByText('You are signed out.')).toBeTruthy()
})

it('signs out from the menu of the account [ID-11]', async () => {
  const { requests } = await open('/profile', member)
  await screen.findByRole('heading', { name: 'Profile' })
  fireEvent.click(
    (await screen.findAllByRole('button', { name: /Account and/, expanded: false }))[0] ??
      document.body,
  )
  fireEvent.click(await screen.findByRole('menuitem', { name: 'Sign out' }))
  await screen.findByText('You are signed out.')
  expect(requests.some(({ method, path }) => method === 'DELETE' && path === '/session')).toBe(true)
})

it('asks before the session ends, with staying one key away, and stays [D-5]', async () => {
  const idleEndsAt = new Date(Date.now() + 40_000).toISOString()
  await open('/profile', {
    ...member,
    'GET /session': () => aSession({ idleEndsAt }),
    'POST /session/extend': () => aSession(),
  })
  const dialog = await screen.findByRole('alertdialog')
  expect(dialog.textContent).toMatch(/signed out in .*\d+.* seconds/)
  await waitFor(() => expect(document.activeElement?.textContent).toBe('Stay signed in'))
  press('Stay signed in')
  await waitFor(() => expect(screen.queryByRole('alertdialog')).toBeNull())
})

it('ends the session when nobody answers, and keeps the place [D-5, ID-10]', async () => {
  let isOver = false
  const idleEndsAt = new Date(Date.now() + 2_000).toISOString()
  const { history } = await open('/profile', {
    ...member,
    'GET /session': () => {
      if (Date.now() > Date.parse(idleEndsAt)) isOver = true
      return isOver ? {} : aSession({ idleEndsAt })
    },
  })
  await screen.findByText(/Signed out after/)
  expect(history.location.href).toContain('next=%2Fprofile')
})

it('goes on when another device has kept the session alive [D-5]', async () => {
  let asked = 0
  const idleEndsAt = new Date(Date.now() + 1_000).toISOString()
  await open('/profile', {
    ...member,
    'GET /session': () => {
      asked += 1
      return asked === 1 ? aSession({ idleEndsAt }) : aSession()
    },
  })
  await waitFor(() => expect(asked).toBeGreaterThan(1))
  await waitFor(() => expect(screen.queryByRole('alertdialog')).toBeNull())
  screen.getByRole('heading', { name: 'Profile' })
})

it('follows the language of the profile over that of the device [D-28]', async () => {
  const { preferences, ...rest } = anAccount()
  const account = { ...rest, preferences: { ...preferences, language: 'he' as const } }
  await open('/profile', { ...member, 'GET /session': () => aSession({ account }) })
  await screen.findByRole('heading', { name: 'פרופיל' })
  expect(document.documentElement.dir).toBe('rtl')
})

it('says that the server is away, and asks again by itself', async () => {
  let isAway = false
  const away = () => {
    if (isAway) throw new TypeError('fetch failed')
    return anInstallation()
  }
  await open('/sign-in', { ...visitor, 'GET /installation': away, 'POST /session': away })
  await screen.findByRole('heading', { name: 'Sign in' })
  isAway = true
  fireEvent.change(screen.getByLabelText('User name'), { target: { value: 'dana' } })
  fireEvent.change(screen.getByLabelText('Password'), { target: { value: 'x' } })
  press('Sign in')
  await screen.findByText(/we keep trying/)
  isAway = false
  await waitFor(() => expect(screen.queryByText(/we keep trying/)).toBeNull(), { timeout: 9_000 })
})

it('keeps the frame when a page fails to load, and offers a way back', async () => {
  await open('/profile', { ...member, 'GET /session': () => refusal('database.unavailable') })
  const notice = await screen.findByRole('alert', {}, { timeout: 9_000 })
  expect(notice.textContent).toContain('The database cannot be reached.')
  expect(screen.getByRole('link', { name: 'StudioOps, home' })).toBeTruthy()
})

it('leads who lacks the second factor of the workspace to where it is set up [D-18]', async () => {
  const { history } = await open('/dashboard', {
    ...member,
    'GET /session': () => aSession({ mustSetUpSecondFactor: true }),
    'GET /account/sessions': () => ({ sessions: [] }),
    'GET /account/second-factor': () => ({ isOn: false, codesLeft: 0, isRequired: true }),
  })
  await screen.findByText(/asks everybody for a second factor/)
  expect(history.location.pathname).toBe('/profile')
})

it('shows the way to people only to those who run the workspace [ID-14]', async () => {
  await open('/profile', {
    ...member,
    'GET /session': () => aSession({ account: anAccount({ role: 'member' }) }),
  })
  await screen.findByRole('heading', { level: 1, name: 'Profile' })
  expect(screen.queryByRole('link', { name: 'People' })).toBeNull()
})

it('says what does not work and what that means, and nothing while all is well [HLT-8]', async () => {
  const away = { level: 'DEGRADED', code: 'service.down', kind: 'jira', name: 'jira.corp' } as const
  const down = { level: 'DEGRADED', code: 'service.down', kind: 'model', name: 'first' } as const
  const all = { level: 'CRITICAL', code: 'models.all-down', kind: 'model', name: '' } as const
  const reasons = [all, away, { ...away, name: 'jira.other' }, down]
  await open('/dashboard', {
    ...member,
    'GET /status': () => aStatus({ level: 'CRITICAL', reasons }),
  })
  expect(await screen.findAllByText(/What you approve waits in the outbox/)).toHaveLength(1)
  expect(screen.getByText(/put together from what was found/)).toBeTruthy()
  expect(screen.queryByText(/The next one answers in its place/)).toBeNull()
})
