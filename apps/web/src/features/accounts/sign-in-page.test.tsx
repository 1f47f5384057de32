import { screen, waitFor } from '@testing-library/react'
import { expect, it } from 'vitest'
import { held, press, write } from '../../testing/hands.ts'
import { refusal } from '../../testing/problems.ts'
import { anInstallation, aSession } from '../../testing/samples.ts'
import { type Answers, show } from '../../testing/show.tsx'
import type { SignInSearch } from './accounts.routes.tsx'
import { SignIn } from './sign-in-page.tsx'

const visitor = { 'GET /session': () => ({}), 'GET /installation': () => anInstallation() }

async function showSignIn(
  answers: Answers = {},
  search: SignInSearch = {},
  language = 'en' as const,
) {
  const shown = await show(<SignIn {...search} />, {
    answers: { ...visitor, ...answers },
    path: '/sign-in',
    language,
  })
  await screen.findByRole('heading', { level: 1 })
  return shown
}

function fillIn() {
  write('User name', 'dana')
  write('Password', 'Right1!pass')
}

it('signs in and goes to the dashboard [ID-7, ID-11]', async () => {
  const { requests, path } = await showSignIn({ 'POST /session': () => aSession() })
  fillIn()
  press('Sign in')
  await waitFor(() => expect(path()).toBe('/dashboard'))
  expect(requests.find(({ method }) => method === 'POST')?.body).toEqual({
    username: 'dana',
    password: 'Right1!pass',
  })
})

it('goes back to the page that was asked for [ID-11]', async () => {
  const { path } = await showSignIn(
    { 'POST /session': () => aSession() },
    { next: '/stories/7?view=diff#x' },
  )
  fillIn()
  press('Sign in')
  await waitFor(() => expect(path()).toBe('/stories/7?view=diff#x'))
})

it('follows nobody to another site', async () => {
  const { path } = await showSignIn(
    { 'POST /session': () => aSession() },
    { next: '//evil.example' },
  )
  fillIn()
  press('Sign in')
  await waitFor(() => expect(path()).toBe('/dashboard'))
})

it('lets somebody pass who has signed in in another tab', async () => {
  const { path } = await show(<SignIn next="/profile" />, {
    answers: { ...visitor, 'GET /session': () => aSession() },
    path: '/sign-in',
  })
  await waitFor(() => expect(path()).toBe('/profile'))
})

it('says what is missing below the field, and asks nobody [ERR-3]', async () => {
  const { requests } = await showSignIn()
  press('Sign in')
  expect(await screen.findByText('Type your password.')).toBeTruthy()
  expect(document.activeElement).toBe(screen.getByLabelText('User name'))
  expect(requests.filter(({ method }) => method === 'POST')).toEqual([])
})

it('explains a refusal and keeps what was typed [ID-7]', async () => {
  await showSignIn({ 'POST /session': () => refusal('login.failed') })
  fillIn()
  press('Sign in')
  expect((await screen.findByRole('alert')).textContent).toContain('User name or password')
  expect(screen.getByLabelText<HTMLInputElement>('Password').value).toBe('Right1!pass')
})

it('sends one request, however often one presses', async () => {
  const session = held(aSession())
  const { requests } = await showSignIn({ 'POST /session': session.answer })
  fillIn()
  press('Sign in')
  await waitFor(() =>
    expect(screen.getByRole('button', { name: 'Sign in' }).getAttribute('aria-disabled')).toBe(
      'true',
    ),
  )
  press('Sign in')
  press('Sign in')
  expect(requests.filter(({ method }) => method === 'POST')).toHaveLength(1)
  session.let()
})

it('fills in the name after a registration [ID-5]', async () => {
  await showSignIn({}, { as: '00123', reason: 'registered' })
  expect(screen.getByLabelText<HTMLInputElement>('User name').value).toBe('00123')
  expect(screen.getByText(/Your account is ready/)).toBeTruthy()
})

it('says after how long the session ended and that drafts are kept [ID-10]', async () => {
  await showSignIn({}, { reason: 'idle' })
  expect((await screen.findByText(/Signed out after/)).textContent).toContain('20')
})

it('asks for the code of the second factor as a second step [D-18]', async () => {
  const { requests, path } = await showSignIn({
    'POST /session': ({ body }) =>
      (body as { code?: string }).code === undefined ? refusal('login.code-needed') : aSession(),
  })
  fillIn()
  press('Sign in')
  await screen.findByLabelText('Code of your second factor')
  expect(screen.queryByRole('alert')).toBeNull()
  write('Code of your second factor', '123456')
  press('Sign in')
  await waitFor(() => expect(path()).toBe('/dashboard'))
  expect(requests.at(-1)?.body).toMatchObject({ username: 'dana', code: '123456' })
})

it('offers only the ways to an account that are open [ID-15]', async () => {
  await showSignIn({ 'GET /installation': () => anInstallation({ registrationWays: ['invite'] }) })
  await screen.findByRole('link', { name: 'Forgot your password?' })
  expect(screen.queryByRole('link', { name: 'Register with Jira' })).toBeNull()
})
