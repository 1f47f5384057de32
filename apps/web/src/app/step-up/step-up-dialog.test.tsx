import { updatePreferences } from '@studioops/contracts/accounts'
import { screen, waitFor } from '@testing-library/react'
import { expect, it } from 'vitest'
import { createApiClient } from '../../lib/api-client.ts'
import { createStepUp, StepUpContext } from '../../lib/step-up.ts'
import { fakeServer } from '../../testing/fake-server.ts'
import { press, write } from '../../testing/hands.ts'
import { refusal } from '../../testing/problems.ts'
import { anAccount, aSession } from '../../testing/samples.ts'
import { type Answers, show } from '../../testing/show.tsx'
import { StepUpGuard } from './step-up-guard.tsx'

async function guarded(answers: Answers = {}, account = anAccount()) {
  let isGiven = false
  const stepUp = createStepUp()
  const sensitive = fakeServer({
    'PATCH /account/preferences': () =>
      isGiven ? account.preferences : refusal('session.step-up-needed'),
  })
  const api = createApiClient(sensitive.send, { stepUp: stepUp.ask })
  const shown = await show(
    <StepUpContext value={stepUp}>
      <StepUpGuard />
    </StepUpContext>,
    {
      answers: {
        'GET /session': () => aSession({ account }),
        'POST /session/step-up': () => {
          isGiven = true
          return aSession({ account })
        },
        ...answers,
      },
    },
  )
  const call = api.call(updatePreferences, { body: { theme: 'dark' } }, { idempotencyKey: 'one' })
  call.catch(() => {})
  await screen.findByRole('dialog', { name: 'Your password once more' })
  return { ...shown, call, sensitive }
}

it('asks for the password, and then carries the same call out [ID-9]', async () => {
  const { call, requests, sensitive } = await guarded()
  write('Password', 'Right1!pass')
  press('Confirm')
  expect(await call).toMatchObject({ theme: 'system' })
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull())
  expect(requests.find(({ method }) => method === 'POST')?.body).toEqual({
    password: 'Right1!pass',
  })
  const keys = sensitive.requests.map(({ headers }) => headers.get('idempotency-key'))
  expect(keys).toEqual(['one', 'one'])
})

it('says that the password is wrong and lets one try again', async () => {
  const { call } = await guarded({ 'POST /session/step-up': () => refusal('login.failed') })
  write('Password', 'guess')
  press('Confirm')
  await screen.findByText('This is not your password.')
  press('Cancel')
  await expect(call).rejects.toMatchObject({ problem: { code: 'session.step-up-needed' } })
})

it('asks for the code as well where there is a second factor [D-18]', async () => {
  const account = anAccount({ hasSecondFactor: true })
  const { call, requests } = await guarded({}, account)
  write('Password', 'Right1!pass')
  await screen.findByLabelText('Code of your second factor')
  write('Code of your second factor', '123456')
  press('Confirm')
  await call
  expect(requests.find(({ method }) => method === 'POST')?.body).toEqual({
    password: 'Right1!pass',
    code: '123456',
  })
})
