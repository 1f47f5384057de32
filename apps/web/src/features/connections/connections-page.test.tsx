import { fireEvent, screen, waitFor, within } from '@testing-library/react'
import { expect, it } from 'vitest'
import { press, write } from '../../testing/hands.ts'
import { problemBody, refusal } from '../../testing/problems.ts'
import { aDemo, anInstallation } from '../../testing/samples.ts'
import { type Answers, show, type Shown } from '../../testing/show.tsx'
import { ConnectionsPage } from './connections-page.tsx'

const setAt = '2026-11-20T08:30:00.000Z'
const jira = {
  state: 'passed',
  baseUrl: 'https://jira.example.com',
  flavour: 'dc',
  tokenHint: 'k9Zq',
  setAt,
}
const noModel = { state: 'not-set' }
const model = {
  state: 'passed',
  baseUrl: 'https://llm.example.com/v1',
  model: 'writer',
  keyHint: '7xYz',
  setAt,
}

const passed = {
  passed: true,
  testedAt: setAt,
  durationMs: 320,
  evidence: 'Dana Levi',
  steps: [
    { step: 'address', state: 'passed', durationMs: 10 },
    { step: 'answer', state: 'passed', durationMs: 310 },
  ],
}
const failed = {
  passed: false,
  testedAt: setAt,
  durationMs: 40,
  steps: [
    { step: 'address', state: 'passed', durationMs: 10 },
    { step: 'sign-in', state: 'failed', durationMs: 30, problem: problemBody('model.auth') },
    { step: 'answer', state: 'not-run' },
  ],
}

async function showConnections(answers: Answers = {}, connections: object = { jira, model }) {
  const shown = await show(<ConnectionsPage />, {
    answers: {
      'GET /installation': () => anInstallation(),
      'GET /connections': () => connections,
      ...answers,
    },
    path: '/connections',
  })
  await screen.findByRole('region', { name: 'Jira' })
  return shown
}

const section = (name: string) => within(screen.getByRole('region', { name }))
const pressIn = (name: string, button: string) =>
  fireEvent.click(section(name).getByRole('button', { name: button }))
const bodiesOf = ({ requests }: Shown, method: string, path: string) =>
  requests
    .filter((request) => request.method === method && request.path === path)
    .map(({ body }) => body)

it('shows Jira as it came from the registration, and of the token its end only [CFG-12]', async () => {
  await showConnections()
  for (const shown of ['https://jira.example.com', '•••• k9Zq', 'Works'])
    expect(section('Jira').getByText(shown)).toBeTruthy()
})

it('tests Jira step by step [CFG-15]', async () => {
  const shown = await showConnections({ 'POST /connections/jira/test': () => passed })
  pressIn('Jira', 'Test')
  expect((await section('Jira').findByRole('status')).textContent).toContain('Dana Levi')
  expect(section('Jira').getAllByRole('listitem')).toHaveLength(2)
  expect(bodiesOf(shown, 'POST', '/connections/jira/test')).toEqual([{}])
})

it('says where a test failed, why, and what was not run [CFG-15]', async () => {
  await showConnections({ 'POST /connections/model/test': () => failed })
  pressIn('Model', 'Test')
  await section('Model').findByText('The test failed.')
  const [, signIn, answer] = section('Model').getAllByRole('listitem')
  expect(signIn?.textContent).toContain('The model does not accept the key.')
  expect(answer?.textContent).toContain('Not run')
})

it('asks again for the gates after a test, whatever came of it [CFG-17]', async () => {
  const shown = await showConnections({ 'POST /connections/jira/test': () => failed })
  pressIn('Jira', 'Test')
  await section('Jira').findByText('The test failed.')
  await waitFor(() => expect(bodiesOf(shown, 'GET', '/connections')).toHaveLength(2))
})

it('keeps the stored key when only the name changes [CFG-18]', async () => {
  const shown = await showConnections({ 'PUT /connections/model': () => model })
  write('Name of the model', 'writer-2')
  pressIn('Model', 'Save')
  await screen.findByText('The model is saved.')
  expect(bodiesOf(shown, 'PUT', '/connections/model')).toEqual([
    { baseUrl: 'https://llm.example.com/v1', model: 'writer-2' },
  ])
})

it('replaces the key by what is typed and never shows the old one [CFG-18]', async () => {
  const shown = await showConnections({ 'PUT /connections/model': () => model })
  pressIn('Model', 'Replace the key')
  expect((await screen.findByLabelText<HTMLInputElement>('API key')).value).toBe('')
  write('API key', 'new-key')
  pressIn('Model', 'Save')
  await screen.findByText('The model is saved.')
  expect(bodiesOf(shown, 'PUT', '/connections/model')).toMatchObject([{ apiKey: 'new-key' }])
})

it('says that a server without a key needs none', async () => {
  const shown = await showConnections(
    { 'PUT /connections/model': () => ({ ...noModel, state: 'passed' }) },
    { jira, model: noModel },
  )
  write('Base URL', 'llm.example.com/v1/')
  write('Name of the model', 'writer')
  pressIn('Model', 'Save')
  await screen.findByText('The model is saved.')
  expect(bodiesOf(shown, 'PUT', '/connections/model')).toEqual([
    { baseUrl: 'https://llm.example.com/v1', model: 'writer', apiKey: '' },
  ])
})

it('tests for real what was saved untested, without sending the key again [CFG-15]', async () => {
  const shown = await showConnections(
    {
      'PUT /connections/model': () => ({ ...model, state: 'untested' }),
      'POST /connections/model/test': () => passed,
    },
    { jira, model: noModel },
  )
  write('Base URL', 'https://llm.example.com/v1')
  write('Name of the model', 'writer')
  write('API key', 'secret')
  pressIn('Model', 'Save')
  await section('Model').findByText(/The test passed/)
  expect(bodiesOf(shown, 'POST', '/connections/model/test')).toEqual([
    { baseUrl: 'https://llm.example.com/v1', model: 'writer' },
  ])
})

it('a test saves nothing [CFG-15]', async () => {
  const shown = await showConnections({ 'POST /connections/model/test': () => passed })
  write('Name of the model', 'other')
  pressIn('Model', 'Test')
  await section('Model').findByText(/The test passed/)
  expect(bodiesOf(shown, 'PUT', '/connections/model')).toEqual([])
  expect(screen.getByLabelText<HTMLInputElement>('Name of the model').value).toBe('other')
})

it('offers the models of the server after a test', async () => {
  await showConnections({
    'POST /connections/model/test': () => ({ ...passed, models: ['writer', 'small'] }),
  })
  pressIn('Model', 'Test')
  await screen.findByText(/2.* models offered/)
  const { list } = screen.getByLabelText<HTMLInputElement>('Name of the model')
  expect([...(list?.options ?? [])].map(({ value }) => value)).toEqual(['writer', 'small'])
})

it('refuses an address that is none before it asks anybody [ERR-3]', async () => {
  const shown = await showConnections()
  write('Base URL', 'not an address')
  pressIn('Model', 'Test')
  await screen.findByText(/Type an address such as/)
  expect(shown.requests.every(({ method }) => method === 'GET')).toBe(true)
})

it('asks before it forgets the model', async () => {
  const shown = await showConnections({ 'DELETE /connections/model': () => noModel })
  pressIn('Model', 'Remove')
  expect(await screen.findByRole('alertdialog')).toBeTruthy()
  expect(bodiesOf(shown, 'DELETE', '/connections/model')).toEqual([])
  press('Remove the model')
  await waitFor(() => expect(bodiesOf(shown, 'DELETE', '/connections/model')).toHaveLength(1))
})

it('replaces the Jira token only by one of the same person [ID-16]', async () => {
  await showConnections({
    'PUT /connections/jira': () => refusal('jira.other-person', { name: 'Ruth Gal' }),
  })
  pressIn('Jira', 'Replace the token')
  write('New token', 'token-of-ruth')
  pressIn('Jira', 'Test and replace')
  expect((await section('Jira').findByRole('alert')).textContent).toContain('Ruth Gal')
  expect(screen.getByLabelText('New token')).toBeTruthy()
})

it('closes the form when the new token is kept [ID-16]', async () => {
  const shown = await showConnections({ 'PUT /connections/jira': () => passed })
  pressIn('Jira', 'Replace the token')
  write('New token', ' new-token ')
  pressIn('Jira', 'Test and replace')
  await waitFor(() => expect(screen.queryByLabelText('New token')).toBeNull())
  expect(bodiesOf(shown, 'PUT', '/connections/jira')).toEqual([{ token: 'new-token' }])
})

it('fills in the model of the demo with one press', async () => {
  const demo = aDemo()
  await showConnections(
    { 'GET /installation': () => anInstallation({ mode: 'demo', demo }) },
    { jira, model: noModel },
  )
  fireEvent.click(await screen.findByRole('button', { name: 'Use the demo model' }))
  await waitFor(() =>
    expect(screen.getByLabelText<HTMLInputElement>('Base URL').value).toBe(demo.modelUrl),
  )
  expect(screen.getByLabelText<HTMLInputElement>('Name of the model').value).toBe(demo.modelName)
  expect(screen.getByLabelText<HTMLInputElement>('API key').value).toBe(demo.modelKey)
})

it('explains when the connections cannot be read, and asks again on demand', async () => {
  let isAway = true
  await show(<ConnectionsPage />, {
    answers: {
      'GET /installation': () => anInstallation(),
      'GET /connections': () => (isAway ? refusal('database.unavailable') : { jira, model }),
    },
  })
  await screen.findByRole('alert')
  isAway = false
  press('Try again')
  expect(await screen.findByRole('region', { name: 'Jira' })).toBeTruthy()
})
