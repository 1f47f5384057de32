import type { Person } from '@studioops/contracts/people'
import { fireEvent, screen, waitFor, within } from '@testing-library/react'
import { expect, it } from 'vitest'
import { press, write } from '../../testing/hands.ts'
import { refusal } from '../../testing/problems.ts'
import { aSession } from '../../testing/samples.ts'
import { type Answers, show } from '../../testing/show.tsx'
import { PeoplePage } from './people-page.tsx'

const dana: Person = {
  id: '6c1f1d0e-7d59-4d0c-9a53-0c8b5b1b8a11',
  employeeId: 'E1001',
  displayName: 'Dana Levi',
  email: 'dana@example.com',
  role: 'owner',
  isYou: true,
  isDisabled: false,
  hasJira: true,
  hasSecondFactor: true,
  sessions: 1,
  lastSeenAt: '2026-11-21T08:30:00.000Z',
  joinedAt: '2026-11-01T08:30:00.000Z',
  broken: [],
}
const omer: Person = {
  ...dana,
  id: '7c1f1d0e-7d59-4d0c-9a53-0c8b5b1b8a11',
  displayName: 'עומר כץ',
  email: 'omer@example.com',
  role: 'member',
  isYou: false,
  hasSecondFactor: false,
  broken: [{ system: 'jira', since: '2026-11-20T08:30:00.000Z' }],
}

async function showPeople(answers: Answers = {}) {
  const shown = await show(<PeoplePage />, {
    answers: {
      'GET /session': () => aSession(),
      'GET /people': () => ({ people: [dana, omer] }),
      'GET /invitations': () => ({ invitations: [] }),
      'GET /workspace/entry': () => ({
        registrationWays: ['jira_pat', 'invite'],
        secondFactorRequired: false,
      }),
      ...answers,
    },
    path: '/admin/people',
  })
  await screen.findByText('omer@example.com')
  return shown
}

it('shows whose credentials are broken, and no credential [ID-14]', async () => {
  await showPeople()
  screen.getByText(/Jira.*refused since/)
  expect(screen.getByText('Second factor')).toBeTruthy()
})

it('disables an account after a question, and shows it [ID-14]', async () => {
  const { requests } = await showPeople({
    [`PATCH /people/${omer.id}`]: () => ({ ...omer, isDisabled: true, sessions: 0 }),
  })
  press(/More about.*עומר/)
  fireEvent.click(await screen.findByRole('menuitem', { name: 'Disable the account' }))
  const question = await screen.findByRole('alertdialog')
  fireEvent.click(within(question).getByRole('button', { name: 'Disable the account' }))
  await screen.findByText('Disabled')
  expect(requests.find(({ method }) => method === 'PATCH')?.body).toEqual({ isDisabled: true })
})

it('says why the last owner stays [ID-14]', async () => {
  await showPeople({ [`PATCH /people/${dana.id}`]: () => refusal('person.last-owner') })
  fireEvent.click(screen.getByRole('button', { name: /Role of.*Dana/ }))
  fireEvent.click(await screen.findByRole('option', { name: /Viewer/ }))
  expect((await screen.findByRole('alert')).textContent).toContain('last owner')
})

it('makes an invitation and shows its link once [ID-15]', async () => {
  const { requests } = await showPeople({
    'POST /invitations': () => ({
      invitation: {
        id: omer.id,
        email: 'new@example.com',
        role: 'member',
        createdAt: dana.joinedAt,
        expiresAt: '2099-01-01T00:00:00.000Z',
        state: 'open',
      },
      path: '/invitation#secret',
    }),
  })
  write('E-mail address', 'new@example.com')
  press('Make the link')
  await screen.findByText(/\/invitation#secret$/)
  expect(requests.find(({ method }) => method === 'POST')?.body).toEqual({
    email: 'new@example.com',
    role: 'member',
  })
  press('Done')
  await waitFor(() => expect(screen.queryByText(/#secret/)).toBeNull())
})

it('opens and closes the ways in [ID-15]', async () => {
  const { requests } = await showPeople({
    'PUT /workspace/entry': ({ body }) => body,
    'GET /installation': () => ({}),
  })
  fireEvent.click(await screen.findByRole('switch', { name: 'Invitations by link' }))
  await screen.findByText('Invitations are switched off below.')
  expect(requests.find(({ method }) => method === 'PUT')?.body).toEqual({
    registrationWays: ['jira_pat'],
    secondFactorRequired: false,
  })
})
