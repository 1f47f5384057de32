import { fireEvent, screen, waitFor } from '@testing-library/react'
import { expect, it } from 'vitest'
import { press, write } from '../../testing/hands.ts'
import { refusal } from '../../testing/problems.ts'
import { aSession } from '../../testing/samples.ts'
import { type Answers, show } from '../../testing/show.tsx'
import { ProfilePage } from './profile-page.tsx'

const thisBrowser = {
  id: '0d5e2a54-3a5a-4ac0-9a53-0c8b5b1b8a11',
  isThisOne: true,
  userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  address: '192.0.2.7',
  signedInAt: '2026-11-21T08:00:00.000Z',
  lastSeenAt: '2026-11-21T08:30:00.000Z',
}
const otherBrowser = {
  ...thisBrowser,
  id: '1d5e2a54-3a5a-4ac0-9a53-0c8b5b1b8a11',
  isThisOne: false,
}

async function showProfile(answers: Answers = {}) {
  const shown = await show(<ProfilePage />, {
    answers: {
      'GET /session': () => aSession(),
      'GET /account/sessions': () => ({ sessions: [thisBrowser, otherBrowser] }),
      'GET /account/second-factor': () => ({ isOn: false, codesLeft: 0, isRequired: false }),
      ...answers,
    },
    path: '/profile',
  })
  await screen.findByRole('heading', { name: 'Profile' })
  return shown
}

it('shows who one is, and lets nobody change it here [ID-12]', async () => {
  await showProfile()
  for (const fact of ['Dana Levi', 'E1001', 'dana@example.com', 'Owner']) screen.getByText(fact)
  expect(screen.queryByLabelText('Display name')).toBeNull()
})

it('changes the password of somebody who knows it [ID-12]', async () => {
  const { requests } = await showProfile({ 'PUT /account/password': () => ({}) })
  write('Current password', 'Old1!pass')
  write('New password', 'New1!pass')
  press('Change the password')
  await screen.findByText(/The password is changed/)
  expect(requests.find(({ method }) => method === 'PUT')?.body).toEqual({
    current: 'Old1!pass',
    next: 'New1!pass',
  })
  expect(screen.getByLabelText<HTMLInputElement>('Current password').value).toBe('')
})

it('says at the field that the current password is wrong', async () => {
  await showProfile({ 'PUT /account/password': () => refusal('login.failed') })
  write('Current password', 'guess')
  write('New password', 'New1!pass')
  press('Change the password')
  await screen.findByText('This is not your current password.')
  expect(screen.queryByRole('alert')).toBeNull()
})

it('keeps the language with the person, at once and on the server', async () => {
  const { requests } = await showProfile({
    'PATCH /account/preferences': () => aSession().session.account.preferences,
  })
  fireEvent.click(screen.getByRole('button', { name: /Language/ }))
  fireEvent.click(await screen.findByRole('option', { name: 'עברית' }))
  await screen.findByRole('heading', { name: 'פרופיל' })
  await waitFor(() =>
    expect(requests.find(({ method }) => method === 'PATCH')?.body).toEqual({ language: 'he' }),
  )
})

it('shows where one is signed in, and ends another browser [ID-9]', async () => {
  const { requests } = await showProfile({
    [`DELETE /account/sessions/${otherBrowser.id}`]: () => ({ sessions: [thisBrowser] }),
  })
  expect(await screen.findAllByText(/Firefox.*on.*Linux/)).toHaveLength(2)
  press(/^End the session of/)
  await waitFor(() => expect(screen.getAllByText(/Firefox.*on.*Linux/)).toHaveLength(1))
  expect(requests.at(-1)?.method).toBe('DELETE')
})

it('sets up a second factor and shows the recovery codes once [D-18]', async () => {
  let isOn = false
  await showProfile({
    'GET /account/second-factor': () => ({ isOn, codesLeft: isOn ? 10 : 0, isRequired: false }),
    'POST /account/second-factor': () => ({
      secret: 'JBSWY3DPEHPK3PXP',
      uri: 'otpauth://totp/StudioOps:dana?secret=JBSWY3DPEHPK3PXP&issuer=StudioOps',
    }),
    'PUT /account/second-factor': () => {
      isOn = true
      return { recoveryCodes: ['aaaaaaa-bbbbbbb'] }
    },
  })
  await screen.findByText('Off')
  press('Set it up')
  await screen.findByRole('img', { name: /Picture of the key/ })
  screen.getByText('JBSW Y3DP EHPK 3PXP')
  write('Code that the app shows now', '123456')
  press('Turn it on')
  await screen.findByText('aaaaaaa-bbbbbbb')
  press('I have kept them')
  await screen.findByText(/10.* recovery codes are left/)
  expect(screen.queryByText('aaaaaaa-bbbbbbb')).toBeNull()
})
