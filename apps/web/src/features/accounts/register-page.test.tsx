import { screen, waitFor } from '@testing-library/react'
import { expect, it } from 'vitest'
import { press, write } from '../../testing/hands.ts'
import { refusal } from '../../testing/problems.ts'
import { aDemo, anInstallation } from '../../testing/samples.ts'
import { type Answers, show, type SentRequest } from '../../testing/show.tsx'
import { RegisterPage } from './register-page.tsx'

const identity = {
  employeeId: 'E1001',
  name: 'dlevi',
  displayName: 'Dana Levi',
  email: 'dana@example.com',
  jiraUrl: 'https://jira.example.com',
  flavour: 'dc',
}
const checked = { identity, ticket: 'sealed', alreadyRegistered: false }

async function showRegister(answers: Answers = {}, language: 'en' | 'he' = 'en') {
  const shown = await show(<RegisterPage />, {
    answers: {
      'GET /installation': () => anInstallation(),
      'POST /registrations': () => checked,
      'POST /accounts': () => ({ employeeId: 'E1001' }),
      ...answers,
    },
    path: '/register',
    language,
  })
  await screen.findByRole('button', { name: /Check the token|בדיקת האסימון/ })
  return shown
}

const bodyOf = (requests: readonly SentRequest[], path: string) =>
  requests.find((request) => request.path === path)?.body

async function passCheck() {
  write('Personal access token', 'pat-1')
  press('Check the token')
  await screen.findByText('Jira says this is you')
}

it('goes from token to identity to password to the sign-in page [ID-1, ID-5]', async () => {
  const { requests, path } = await showRegister()
  await passCheck()
  expect(bodyOf(requests, '/registrations')).toEqual({
    jiraUrl: 'https://jira.example.com',
    token: 'pat-1',
  })
  for (const fact of ['Dana Levi', 'E1001', 'dana@example.com']) screen.getByText(fact)
  write('New password', 'Right1!pass')
  press('Create my account')
  await waitFor(() => expect(path()).toContain('/sign-in'))
  expect(bodyOf(requests, '/accounts')).toEqual({
    ticket: 'sealed',
    password: 'Right1!pass',
    language: 'en',
  })
  expect(path()).toContain('as=E1001')
  expect(path()).toContain('reason=registered')
})

it('shows the one allowed address as text [ID-1]', async () => {
  await showRegister()
  expect(screen.getByText('https://jira.example.com')).toBeTruthy()
  expect(screen.queryByLabelText('Address of Jira')).toBeNull()
})

it('asks a new installation for any address, and completes it [ID-1]', async () => {
  const { requests } = await showRegister({
    'GET /installation': () => anInstallation({ mode: 'new', jiraBaseUrls: [] }),
  })
  write('Address of Jira', 'jira.corp.example/jira/')
  await passCheck()
  expect(bodyOf(requests, '/registrations')).toMatchObject({
    jiraUrl: 'https://jira.corp.example/jira',
  })
})

it('asks for an e-mail address with Jira Cloud [ID-1]', async () => {
  const { requests } = await showRegister({
    'GET /installation': () => anInstallation({ jiraBaseUrls: ['https://acme.atlassian.net'] }),
  })
  write('API token', 'cloud-token')
  press('Check the token')
  await screen.findByText(/Type an e-mail address/)
  expect(requests.some(({ method }) => method === 'POST')).toBe(false)
  write(/E-mail address of your Atlassian account/, 'dana@example.com')
  press('Check the token')
  await screen.findByText('Jira says this is you')
  expect(bodyOf(requests, '/registrations')).toMatchObject({ cloudEmail: 'dana@example.com' })
})

it.each([
  ['jira.bad-token', 'Jira does not accept this token.'],
  ['jira.inactive', 'is switched off'],
  ['jira.deleted', 'was deleted'],
  ['jira.unreachable', 'cannot be reached'],
  ['jira.tls', 'is not trusted'],
  ['jira.timeout', 'did not answer in time'],
] as const)('explains %s, each in its own words [ID-2]', async (code, words) => {
  await showRegister({ 'POST /registrations': () => refusal(code, { host: 'h', name: 'dlevi' }) })
  write('Personal access token', 'pat-1')
  press('Check the token')
  expect((await screen.findByRole('alert')).textContent).toContain(words)
  expect(screen.queryByText('Jira says this is you')).toBeNull()
})

it('marks the field that the server found wrong [ERR-3]', async () => {
  const errors = [{ pointer: '/token', message_en: 'Has a line break.', message_he: 'שורה.' }]
  await showRegister({ 'POST /registrations': () => refusal('request.invalid', {}, { errors }) })
  write('Personal access token', 'pat-1')
  press('Check the token')
  await screen.findByText('Has a line break.')
  expect(screen.getByLabelText('Personal access token').getAttribute('aria-invalid')).toBe('true')
})

it('ticks the rules off while one types, and refuses a weak password [ID-4]', async () => {
  const { requests } = await showRegister()
  await passCheck()
  const ruleOf = (text: RegExp) => screen.getByText(text).closest('li')?.textContent
  expect(ruleOf(/A digit/)).toContain('missing')
  write('New password', 'abc1')
  expect(ruleOf(/A digit/)).toContain('met')
  expect(ruleOf(/A Latin capital letter/)).toContain('missing')
  press('Create my account')
  await screen.findByText('The password does not meet all rules yet.')
  expect(bodyOf(requests, '/accounts')).toBeUndefined()
})

it('asks for an e-mail address where Jira hides it [ID-2]', async () => {
  const { email: _, ...hidden } = identity
  const { requests, path } = await showRegister({
    'POST /registrations': () => ({ ...checked, identity: hidden }),
  })
  await passCheck()
  write(/E-mail address/, 'dana@example.com')
  write('New password', 'Right1!pass')
  press('Create my account')
  await waitFor(() => expect(path()).toContain('/sign-in'))
  expect(bodyOf(requests, '/accounts')).toMatchObject({ email: 'dana@example.com' })
})

it('sends somebody who has an account to the sign-in page', async () => {
  await showRegister({ 'POST /registrations': () => ({ ...checked, alreadyRegistered: true }) })
  await passCheck()
  expect(screen.getByRole('alert').textContent).toContain('You have an account already.')
  expect(screen.queryByLabelText('New password')).toBeNull()
})

it('begins again when the check has become too old', async () => {
  await showRegister({ 'POST /accounts': () => refusal('registration.expired') })
  await passCheck()
  write('New password', 'Right1!pass')
  press('Create my account')
  await screen.findByRole('alert')
  press('Check the token again')
  expect(screen.getByLabelText('Personal access token')).toBeTruthy()
})

it('offers the people of the demo, also those who are refused', async () => {
  const demo = aDemo(
    { displayName: 'Dana Levi', token: 'demo-dana', registered: true },
    { employeeId: 'E1090', displayName: 'Ruth Gal', token: 'demo-ruth', state: 'inactive' },
    { employeeId: 'E1091', displayName: 'Old Account', token: 'demo-old', state: 'deleted' },
  )
  const { requests } = await showRegister({
    'GET /installation': () => anInstallation({ mode: 'demo', demo }),
    'POST /registrations': () => refusal('jira.inactive', { name: 'Ruth Gal' }),
  })
  expect(screen.getByRole('button', { name: /Dana Levi/ }).textContent).toContain('Registered')
  expect(screen.getByRole('button', { name: /Old Account/ }).textContent).toContain('Deleted')
  press(/Ruth Gal/)
  press('Check the token')
  expect((await screen.findByRole('alert')).textContent).toContain('switched off')
  expect(bodyOf(requests, '/registrations')).toEqual({ jiraUrl: demo.jiraUrl, token: 'demo-ruth' })
})

it('speaks Hebrew to the server and to the person', async () => {
  const { requests, path } = await showRegister({}, 'he')
  write('אסימון גישה אישי (PAT)', 'pat-1')
  press('בדיקת האסימון')
  await screen.findByText('לפי Jira, זה החשבון שלך')
  write('סיסמה חדשה', 'Right1!pass')
  press('יצירת החשבון')
  await waitFor(() => expect(path()).toContain('/sign-in'))
  expect(bodyOf(requests, '/accounts')).toMatchObject({ language: 'he' })
})
