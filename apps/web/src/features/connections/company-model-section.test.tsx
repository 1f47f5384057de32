import type { Role } from '@studioops/contracts/accounts'
import { screen, waitFor } from '@testing-library/react'
import { expect, it } from 'vitest'
import { press, write } from '../../testing/hands.ts'
import { problemBody } from '../../testing/problems.ts'
import { aDemo, anAccount, anInstallation, aSession } from '../../testing/samples.ts'
import { type Answers, show } from '../../testing/show.tsx'
import { CompanyModelSection } from './company-model-section.tsx'

const setAt = '2026-11-20T08:30:00.000Z'
const passed = {
  isConfigured: true,
  name: 'Corp LLM',
  needsCookie: true,
  state: 'passed',
  cookieHint: 'ohen',
  setAt,
  lastPassedAt: setAt,
  identity: { verdict: 'same', name: 'daniel.cohen', comparedWith: 'jira' },
}
const tested = {
  passed: true,
  testedAt: setAt,
  durationMs: 120,
  evidence: 'ok',
  steps: [{ step: 'answer', state: 'passed', durationMs: 100 }],
}

const sessionOf = (role: Role) => aSession({ account: anAccount({ role }) })

async function showSection(connection: object, answers: Answers = {}) {
  const shown = await show(<CompanyModelSection />, {
    answers: {
      'GET /connections/company-model': () => connection,
      'GET /installation': () => anInstallation(),
      'GET /session': () => sessionOf('member'),
      ...answers,
    },
  })
  await screen.findByRole('region')
  return shown
}

const bodies = ({ requests }: Awaited<ReturnType<typeof show>>, method: string) =>
  requests.filter((request) => request.method === method).map(({ body }) => body)

it('shows when the cookie last worked and whose it is, never the cookie [CFG-14, CFG-16]', async () => {
  await showSection(passed)
  const text = screen.getByRole('region', { name: 'Corp LLM' }).textContent
  expect(text).toMatch(/Passed on/)
  expect(text).toMatch(/Knows you as .*daniel\.cohen.*, the same person as elsewhere/)
  expect(screen.getByText(/•••• ohen/)).toBeTruthy()
})

it('shows the cookie to its person for 20 seconds [D-23]', async () => {
  await showSection(passed, {
    'POST /connections/company-model/secret': () => ({ secret: 'session-of-daniel' }),
  })
  press(/^Show: .*Cookie/)
  expect(await screen.findByText('session-of-daniel')).toBeTruthy()
  expect(screen.getByRole('timer').textContent).toContain('20')
  press('Hide')
  expect(screen.queryByText('session-of-daniel')).toBeNull()
})

it('takes a pasted cookie and tests it at once [CFG-14]', async () => {
  const shown = await showSection(
    { ...passed, state: 'failing', failure: problemBody('company-model.cookie-refused') },
    {
      'PUT /connections/company-model': () => ({ ...passed, state: 'untested' }),
      'POST /connections/company-model/test': () => tested,
    },
  )
  expect(screen.getByRole('alert').textContent).toContain('paste the new cookie')
  press(/^Replace: .*Cookie/)
  write('Cookie', ' fresh ')
  press('Save')
  await screen.findByText(/The test passed/)
  expect(bodies(shown, 'PUT')).toEqual([{ cookie: 'fresh' }])
  expect(screen.queryByLabelText('Cookie')).toBeNull()
})

it('asks for a cookie before it asks the server', async () => {
  const shown = await showSection({ ...passed, state: 'not-set', cookieHint: undefined })
  press('Save')
  await screen.findByText('This is needed.')
  expect(bodies(shown, 'PUT')).toEqual([])
})

it('fills in the cookie of the demo with one press', async () => {
  const shown = await showSection(
    { ...passed, state: 'not-set', cookieHint: undefined },
    {
      'GET /installation': () => anInstallation({ mode: 'demo', demo: aDemo() }),
      'PUT /connections/company-model': () => passed,
      'POST /connections/company-model/test': () => tested,
    },
  )
  await screen.findByRole('button', { name: 'Use the demo cookie' })
  press('Use the demo cookie')
  press('Save')
  await waitFor(() => expect(bodies(shown, 'PUT')).toEqual([{ cookie: 'cookie-of-dana' }]))
})

it('is not there where the workspace has none, except for who can set it up', async () => {
  await showSection(
    { isConfigured: false, needsCookie: false, state: 'not-set' },
    { 'GET /session': () => sessionOf('owner') },
  )
  expect(screen.getByRole('link', { name: 'Edit its files' })).toBeTruthy()
})
