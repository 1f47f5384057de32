import { fireEvent, screen, waitFor, within } from '@testing-library/react'
import { expect, it } from 'vitest'
import { press, write } from '../../testing/hands.ts'
import { problemBody, refusal } from '../../testing/problems.ts'
import { aSession } from '../../testing/samples.ts'
import { type Answers, show } from '../../testing/show.tsx'
import { WorkspacePage } from './workspace-page.tsx'

const at = '2026-11-20T08:30:00.000Z'
const person = { userId: '6c1f1d0e-7d59-4d0c-9a53-0c8b5b1b8a11', employeeId: 'E1001' }
const workspace = {
  credentials: [
    {
      ...person,
      displayName: 'Ruth Gal',
      system: 'confluence',
      state: 'failing',
      failingSince: at,
      failure: problemBody('connection.bad-token'),
    },
    { ...person, displayName: 'Dana Levi', system: 'jira', state: 'passed', checkedAt: at },
  ],
  lastCheckedAt: at,
  due: 0,
  jiraBaseUrls: ['https://jira.example.com'],
  allowedHosts: ['10.0.0.0/8'],
  objectStore: { kind: 'files', state: 'not-set', tls: { verify: true } },
}

const showWorkspace = (answers: Answers = {}) =>
  show(<WorkspacePage />, {
    answers: {
      'GET /session': () => aSession(),
      'GET /admin/connections': () => workspace,
      ...answers,
    },
  })

it('says whose credential is broken and why, and orders a check of all [OPS-9, ID-14]', async () => {
  const shown = await showWorkspace({ 'POST /admin/connections/check': () => ({ due: 2 }) })
  const list = within(await screen.findByRole('list', { name: 'Credentials' }))
  const [broken, working] = list.getAllByRole('listitem')
  expect(broken?.textContent).toMatch(/Ruth Gal.*Confluence.*Fails.*does not accept the token/)
  expect(working?.textContent).toMatch(/Dana Levi.*Jira.*Works/)
  press('Check now')
  await waitFor(() =>
    expect(shown.requests.some(({ path }) => path === '/admin/connections/check')).toBe(true),
  )
})

it('keeps the list of Jira addresses, and shows what the environment allows [D-2]', async () => {
  const shown = await showWorkspace({ 'PUT /admin/jira-base-urls': () => ({ urls: [] }) })
  await screen.findByText('10.0.0.0/8')
  write('New address', 'jira2.example.com/')
  press('Add')
  await waitFor(() =>
    expect(shown.requests.find(({ method }) => method === 'PUT')?.body).toEqual({
      urls: ['https://jira.example.com', 'https://jira2.example.com'],
    }),
  )
})

it('says that files lie in the data directory, and tries a bucket before it is kept', async () => {
  const passed = { passed: true, testedAt: at, durationMs: 9, evidence: 'studio', steps: [] }
  const shown = await showWorkspace({ 'POST /admin/object-store/test': () => passed })
  await screen.findByText('Files lie in the data directory of the product.')
  write('Endpoint', 'https://s3.example.com')
  write('Bucket', 'Studio')
  write('Access key ID', 'AKIA')
  write('Secret access key', 'secret')
  const store = within(screen.getByRole('region', { name: 'Storage' }))
  fireEvent.click(store.getByRole('button', { name: 'Test' }))
  await store.findByText('3 to 63 small letters, digits, dots and hyphens.')
  write('Bucket', 'studio')
  fireEvent.click(store.getByRole('button', { name: 'Test' }))
  await store.findByText(/The test passed/)
  expect(shown.requests.find(({ method }) => method === 'POST')?.body).toEqual({
    endpoint: 'https://s3.example.com',
    region: 'us-east-1',
    bucket: 'studio',
    accessKeyId: 'AKIA',
    secretAccessKey: 'secret',
  })
})

it('explains to a member who came here by its address', async () => {
  await showWorkspace({ 'GET /admin/connections': () => refusal('session.not-allowed') })
  expect((await screen.findByRole('alert')).textContent).toContain('Your role does not allow this.')
})
