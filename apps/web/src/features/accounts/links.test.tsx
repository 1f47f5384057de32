import { screen, waitFor } from '@testing-library/react'
import { expect, it } from 'vitest'
import { press, write } from '../../testing/hands.ts'
import { refusal } from '../../testing/problems.ts'
import { anInstallation } from '../../testing/samples.ts'
import { type Answers, show } from '../../testing/show.tsx'
import { Invitation } from './invitation-page.tsx'
import { LocalPage } from './local-page.tsx'
import { Reset } from './reset-page.tsx'

const visitor: Answers = {
  'GET /session': () => ({}),
  'GET /installation': () => anInstallation(),
}

it('makes the owner of a new installation without Jira [ID-15]', async () => {
  const { requests, path } = await show(<LocalPage />, {
    answers: {
      ...visitor,
      'GET /installation': () => anInstallation({ mode: 'new' }),
      'POST /accounts/local': () => ({ employeeId: 'ruth@studio.example' }),
    },
  })
  await screen.findByRole('heading', { name: /owner of this workspace/ })
  write('Your name', 'Ruth')
  write('E-mail address', 'ruth@studio.example')
  write('New password', 'Right1!pass')
  press('Make the account')
  await waitFor(() => expect(path()).toContain('/sign-in?as=ruth'))
  expect(requests.find(({ method }) => method === 'POST')?.body).toEqual({
    displayName: 'Ruth',
    email: 'ruth@studio.example',
    password: 'Right1!pass',
    language: 'en',
  })
})

it('shows no form where that way is closed [ID-15]', async () => {
  await show(<LocalPage />, { answers: visitor })
  await screen.findByText('Nobody can register by themselves here.')
  expect(screen.queryByLabelText('Your name')).toBeNull()
})

it('makes the account of an invitation with its fixed address [ID-15]', async () => {
  const { requests, path } = await show(<Invitation token="secret" />, {
    answers: {
      ...visitor,
      'POST /invitations/lookup': () => ({
        email: 'dana@studio.example',
        role: 'viewer',
        expiresAt: '2099-01-01T00:00:00.000Z',
      }),
      'POST /invitations/accept': () => ({ employeeId: 'dana@studio.example' }),
    },
  })
  await screen.findByText('dana@studio.example')
  screen.getByText('Viewer')
  write('Your name', 'Dana')
  write('New password', 'Right1!pass')
  press('Make the account')
  await waitFor(() => expect(path()).toContain('/sign-in?as=dana'))
  expect(requests.at(-1)?.body).toMatchObject({ token: 'secret', displayName: 'Dana' })
})

it('says that an invitation is used up [ID-15, ERR-5]', async () => {
  const gone = () => refusal('invitation.gone')
  await show(<Invitation token="x" />, {
    answers: { ...visitor, 'POST /invitations/lookup': gone },
  })
  expect((await screen.findByRole('alert')).textContent).toContain('was used, has expired')
})

it('sets a new password by a link, and asks for the code where there is one [ID-15]', async () => {
  const { path } = await show(<Reset token="secret" />, {
    answers: {
      ...visitor,
      'POST /password-resets/link': ({ body }) =>
        (body as { code?: string }).code === undefined
          ? refusal('login.code-needed')
          : { employeeId: 'dana' },
    },
  })
  write('New password', 'Right1!pass')
  press('Set the password')
  await screen.findByLabelText('Code of your second factor')
  write('Code of your second factor', '123456')
  press('Set the password')
  await waitFor(() => expect(path()).toBe('/sign-in?as=dana&reason=reset'))
})
