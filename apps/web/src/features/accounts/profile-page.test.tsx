import { fireEvent, screen, waitFor } from '@testing-library/react'
import { expect, it } from 'vitest'
import { press, write } from '../../testing/hands.ts'
import { refusal } from '../../testing/problems.ts'
import { aSession } from '../../testing/samples.ts'
import { type Answers, show } from '../../testing/show.tsx'
import { ProfilePage } from './profile-page.tsx'

async function showProfile(answers: Answers = {}) {
  const shown = await show(<ProfilePage />, {
    answers: { 'GET /session': () => aSession(), ...answers },
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
