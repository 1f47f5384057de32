import { fireEvent, screen, waitFor, within } from '@testing-library/react'
import { expect, it } from 'vitest'
import { press, write } from '../../testing/hands.ts'
import { problemBody, refusal } from '../../testing/problems.ts'
import { aDemo, anInstallation, aSession } from '../../testing/samples.ts'
import { type Answers, show, type Shown } from '../../testing/show.tsx'
import { ConnectionsPage } from './connections-page.tsx'

const setAt = '2026-11-20T08:30:00.000Z'
const tls = { verify: true }
const jira = {
  tls,
  state: 'passed',
  baseUrl: 'https://jira.example.com',
  flavour: 'dc',
  tokenHint: 'k9Zq',
  setAt,
}
const noModel = { state: 'not-set', tls }
const others = {
  confluence: { state: 'not-set', tls },
  trello: { state: 'not-set', tls },
  jiraBaseUrls: ['https://jira.example.com'],
}
const model = {
  tls,
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

const noCompanyModel = { isConfigured: false, needsCookie: false, state: 'not-set' }

async function showConnections(answers: Answers = {}, connections: object = { jira, model }) {
  const shown = await show(<ConnectionsPage />, {
    answers: {
      'GET /installation': () => anInstallation(),
      'GET /session': () => aSession(),
      'GET /connections': () => ({ ...others, ...connections }),
      'GET /connections/company-model': () => noCompanyModel,
      ...answers,
    },
    path: '/connections',
  })
  await screen.findByRole('region', { name: 'Jira' })
  return shown
}

const section = (name: string) => within(screen.getByRole('region', { name }))
const pressIn = (name: string, button: string | RegExp) =>
  fireEvent.click(section(name).getByRole('button', { name: button }))
const writeIn = (name: string, label: string, value: string) => {
  const field = section(name).getByLabelText(label)
  fireEvent.change(field, { target: { value } })
  fireEvent.blur(field)
}
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
  await screen.findByText('Saved.')
  expect(bodiesOf(shown, 'PUT', '/connections/model')).toEqual([
    { baseUrl: 'https://llm.example.com/v1', model: 'writer-2' },
  ])
})

it('replaces the key by what is typed and never shows the old one [CFG-18]', async () => {
  const shown = await showConnections({ 'PUT /connections/model': () => model })
  pressIn('Model', /Replace: .*API key/)
  const field = await section('Model').findByLabelText<HTMLInputElement>('API key')
  expect(field.value).toBe('')
  writeIn('Model', 'API key', 'new-key')
  pressIn('Model', 'Save')
  await screen.findByText('Saved.')
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
  await screen.findByText('Saved.')
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
  writeIn('Model', 'API key', 'secret')
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
  await section('Model').findByText(/Type an address such as/)
  expect(shown.requests.every(({ method }) => method === 'GET')).toBe(true)
})

it('asks before it forgets the model', async () => {
  const shown = await showConnections({ 'DELETE /connections/model': () => noModel })
  pressIn('Model', /Remove .*Model/)
  expect(await screen.findByRole('alertdialog')).toBeTruthy()
  expect(bodiesOf(shown, 'DELETE', '/connections/model')).toEqual([])
  press(/Remove .*Model/)
  await waitFor(() => expect(bodiesOf(shown, 'DELETE', '/connections/model')).toHaveLength(1))
})

it('replaces the Jira token only by one of the same person [ID-16]', async () => {
  await showConnections({
    'PUT /connections/jira': () => refusal('jira.other-person', { name: 'Ruth Gal' }),
  })
  pressIn('Jira', /Replace: .*Token/)
  writeIn('Jira', 'Token', 'token-of-ruth')
  pressIn('Jira', 'Test and save')
  expect((await section('Jira').findByRole('alert')).textContent).toContain('Ruth Gal')
  expect(section('Jira').getByLabelText('Token')).toBeTruthy()
})

it('closes the form when the new token is kept [ID-16]', async () => {
  const shown = await showConnections({ 'PUT /connections/jira': () => passed })
  pressIn('Jira', /Replace: .*Token/)
  writeIn('Jira', 'Token', ' new-token ')
  pressIn('Jira', 'Test and save')
  await waitFor(() => expect(section('Jira').queryByLabelText('Token')).toBeNull())
  expect(bodiesOf(shown, 'PUT', '/connections/jira')).toEqual([{ token: 'new-token' }])
})

it('lets an account without Jira connect one that the workspace allows [D-2, CFG-12]', async () => {
  const shown = await showConnections(
    { 'PUT /connections/jira': () => passed },
    { jira: { state: 'not-set', tls }, model: noModel },
  )
  fireEvent.click(section('Jira').getByRole('radio', { name: /Cloud/ }))
  writeIn('Jira', 'Token', 'first-token')
  writeIn('Jira', 'E-mail address at Atlassian', 'dana@example.com')
  pressIn('Jira', 'Test and save')
  await waitFor(() =>
    expect(bodiesOf(shown, 'PUT', '/connections/jira')).toEqual([
      {
        baseUrl: 'https://jira.example.com',
        flavour: 'cloud',
        loginEmail: 'dana@example.com',
        token: 'first-token',
      },
    ]),
  )
})

it('proposes where Confluence is, and refuses a token of the wrong shape before asking [CFG-13, D-4]', async () => {
  const confluence = {
    state: 'not-set',
    tls,
    suggested: { baseUrl: 'https://confluence.example.com', flavour: 'dc' },
  }
  const shown = await showConnections(
    { 'POST /connections/confluence/test': () => passed },
    { jira, model, confluence },
  )
  const address = section('Confluence').getByLabelText<HTMLInputElement>('Address')
  expect(address.value).toBe('https://confluence.example.com')
  writeIn('Confluence', 'Token', 'x7Kq2LmP9aWz4RtY8vBn1')
  pressIn('Confluence', 'Test')
  await section('Confluence').findByText(/At most 20 characters, or a token/)
  expect(bodiesOf(shown, 'POST', '/connections/confluence/test')).toEqual([])
  writeIn('Confluence', 'Token', 'x7Kq2LmP9aWz4RtY8vBn')
  pressIn('Confluence', 'Test')
  await section('Confluence').findByText(/The test passed/)
  expect(bodiesOf(shown, 'POST', '/connections/confluence/test')).toEqual([
    { baseUrl: 'https://confluence.example.com', flavour: 'dc', token: 'x7Kq2LmP9aWz4RtY8vBn' },
  ])
})

it('shows what cannot be compared as neither passed nor failed [CFG-16]', async () => {
  const steps = [
    { step: 'sign-in', state: 'passed', durationMs: 3 },
    { step: 'identity', state: 'unverifiable' },
  ]
  await showConnections({
    'POST /connections/trello/test': () => ({ ...passed, passed: false, steps }),
  })
  writeIn('Trello', 'API key', 'key')
  writeIn('Trello', 'Token', 'token')
  pressIn('Trello', 'Test')
  await section('Trello').findByText(/cannot be compared\./)
  expect(section('Trello').getByText('Cannot be compared')).toBeTruthy()
  expect(section('Trello').queryByText('The test failed.')).toBeNull()
})

it('shows an own secret for a moment and hides it again [D-23]', async () => {
  const shown = await showConnections({
    'POST /connections/jira/secret': () => ({ secret: 'whole-token-k9Zq' }),
  })
  pressIn('Jira', /Show: .*Token/)
  await section('Jira').findByText('whole-token-k9Zq')
  expect(section('Jira').getByRole('timer').textContent).toMatch(/Hides itself in .*20/)
  pressIn('Jira', 'Hide')
  expect(section('Jira').queryByText('whole-token-k9Zq')).toBeNull()
  expect(bodiesOf(shown, 'POST', '/connections/jira/secret')).toEqual([{ secret: 'token' }])
  expect(
    JSON.stringify(
      shown.queries
        .getQueryCache()
        .getAll()
        .map(({ state }) => state),
    ),
  ).not.toContain('whole-token')
})

it('warns while a certificate is not checked, and sends what was changed only [SEC-11]', async () => {
  const shown = await showConnections({ 'PUT /connections/model': () => model })
  const toggle = section('Model').getByRole('switch', { name: 'Check the certificate' })
  fireEvent.click(toggle)
  await section('Model').findByText('The certificate is not checked.')
  pressIn('Model', 'Save')
  await screen.findByText('Saved.')
  expect(bodiesOf(shown, 'PUT', '/connections/model')).toMatchObject([{ tls: { verify: false } }])
})

it('reads an uploaded certificate and shows whose it is before it is saved [SEC-11]', async () => {
  const certificate = {
    subject: 'Example Corp CA',
    issuer: 'Example Root',
    expiresAt: '2030-01-01T00:00:00.000Z',
    fingerprint: 'AA:BB',
  }
  const shown = await showConnections({
    'POST /certificates/readings': () => certificate,
    'POST /connections/model/test': () => passed,
  })
  const input = within(screen.getByRole('region', { name: 'Model' }))
    .getByText('Upload a certificate authority')
    .closest('div')
    ?.querySelector('input[type=file]')
  const file = new File(['-----BEGIN CERTIFICATE-----'], 'ca.pem')
  if (input instanceof HTMLInputElement) fireEvent.change(input, { target: { files: [file] } })
  await section('Model').findByText('Example Corp CA')
  pressIn('Model', 'Test')
  await section('Model').findByText(/The test passed/)
  expect(bodiesOf(shown, 'POST', '/connections/model/test')).toMatchObject([
    { tls: { verify: true, certificate: '-----BEGIN CERTIFICATE-----' } },
  ])
})

it('fills in the address of a provider [CFG-11]', async () => {
  await showConnections({}, { jira, model: noModel })
  pressIn('Model', 'Kimi (Moonshot)')
  await waitFor(() =>
    expect(section('Model').getByLabelText<HTMLInputElement>('Base URL').value).toBe(
      'https://api.moonshot.ai/v1',
    ),
  )
})

it('shows employee ID and e-mail as text that nobody can change [CFG-18]', async () => {
  await showConnections()
  expect((await screen.findByText('dana@example.com')).closest('input')).toBeNull()
  expect(screen.getByText('E1001')).toBeTruthy()
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
  expect(section('Model').getByLabelText<HTMLInputElement>('API key').value).toBe(demo.modelKey)
})

it('explains when the connections cannot be read, and asks again on demand', async () => {
  let isAway = true
  await show(<ConnectionsPage />, {
    answers: {
      'GET /installation': () => anInstallation(),
      'GET /connections/company-model': () => noCompanyModel,
      'GET /connections': () =>
        isAway ? refusal('database.unavailable') : { ...others, jira, model },
    },
  })
  await screen.findByRole('alert')
  isAway = false
  press('Try again')
  expect(await screen.findByRole('region', { name: 'Jira' })).toBeTruthy()
})
