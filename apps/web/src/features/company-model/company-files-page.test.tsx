import { fireEvent, screen, waitFor, within } from '@testing-library/react'
import { expect, it } from 'vitest'
import { press, write } from '../../testing/hands.ts'
import { refusal } from '../../testing/problems.ts'
import { type Answers, show, type Shown } from '../../testing/show.tsx'
import { CompanyFilesPage } from './company-files-page.tsx'

const at = '2026-11-20T08:30:00.000Z'
const texts = {
  'config.json': '{\n  "name": "Corp"\n}',
  'header.json': '{ "headers": {} }',
  'payload.json': '{ "chat": {} }',
  'prompts.json': '{}',
}
const version = { number: 2, source: 'disk', note: '', createdAt: at, changed: ['config.json'] }
const overview = {
  folder: '/data/company-model',
  version,
  isDemo: false,
  texts,
  examples: texts,
  disk: { state: 'same', problems: [], checkedAt: at },
}
const first = { ...version, number: 1, source: 'editor', authorName: 'Dana Levi', note: 'begin' }
const problem = {
  file: 'header.json',
  pointer: '/headers',
  line: 1,
  column: 3,
  message: 'This is wrong.',
  fix: 'Do that.',
}

async function showPage(answers: Answers = {}, more: object = {}): Promise<Shown> {
  const shown = await show(<CompanyFilesPage />, {
    answers: {
      'GET /admin/company-model': () => ({ ...overview, ...more }),
      'GET /admin/company-model/versions': () => ({ versions: [version, first] }),
      'POST /admin/company-model/check': () => ({ problems: [] }),
      ...answers,
    },
  })
  await screen.findByRole('tab', { name: /config.json/ })
  return shown
}

const bodies = ({ requests }: Shown, method: string, path: string) =>
  requests
    .filter((request) => request.method === method && request.path === path)
    .map(({ body }) => body)

it('saves all four files together, on top of the version that was seen [CFG-10]', async () => {
  const shown = await showPage({ 'PUT /admin/company-model': () => overview })
  write(/Text of .?config.json/, '{ "name": "New" }')
  write('Note for the history', 'rename')
  press('Save all four')
  await screen.findByText('The files are saved and in force.')
  expect(bodies(shown, 'PUT', '/admin/company-model')).toEqual([
    { files: { ...texts, 'config.json': '{ "name": "New" }' }, note: 'rename', basedOn: 2 },
  ])
})

it('leads to the place that is wrong, in whatever file it is [CFG-9]', async () => {
  await showPage({
    'PUT /admin/company-model': () => refusal('company-model.invalid'),
    'POST /admin/company-model/check': () => ({ problems: [problem] }),
  })
  write(/Text of .?config.json/, '{}')
  press('Save all four')
  await screen.findByText('This is wrong. Do that.')
  expect(screen.getByText(/line .?1.?, column .?3/)).toBeTruthy()
  press('Go there')
  const area = await screen.findByLabelText<HTMLTextAreaElement>(/Text of .?header.json/)
  expect(document.activeElement).toBe(area)
  expect(area.selectionStart).toBe(2)
})

it('says that the folder was refused, and opens what stands there for repair [CFG-10]', async () => {
  await showPage(
    {},
    {
      disk: {
        state: 'broken',
        problems: [problem],
        texts: { ...texts, 'config.json': 'broken' },
        checkedAt: at,
      },
    },
  )
  expect(screen.getByRole('alert').textContent).toContain('what was in force stays in force')
  press('Repair them here')
  expect(screen.getByLabelText<HTMLTextAreaElement>(/Text of .?config.json/).value).toBe('broken')
})

it('shows what differs from what is in force before it is saved', async () => {
  await showPage()
  write(/Text of .?config.json/, '{\n  "name": "New"\n}')
  press('Show the changes')
  const dialog = within(await screen.findByRole('dialog'))
  expect(dialog.getAllByRole('row').map((row) => row.textContent)).toEqual([
    ' {',
    '−removed  "name": "Corp"',
    '+added  "name": "New"',
    ' }',
  ])
})

it('rolls back to an earlier version after asking [CFG-10]', async () => {
  const path = '/admin/company-model/versions/1/restore'
  const shown = await showPage({ [`POST ${path}`]: () => overview })
  await screen.findByText(/^Version .?1/)
  expect(screen.getByText(/by .?Dana Levi/)).toBeTruthy()
  press('Put in force again')
  expect(await screen.findByRole('alertdialog')).toBeTruthy()
  expect(bodies(shown, 'POST', path)).toEqual([])
  press('Put in force')
  await waitFor(() => expect(bodies(shown, 'POST', path)).toHaveLength(1))
})

it('begins with the examples where nothing is in force', async () => {
  await showPage({}, { version: undefined, texts: undefined })
  expect(screen.getByText(/Begin with the examples/)).toBeTruthy()
  expect(screen.getByRole('button', { name: 'Save all four' }).hasAttribute('disabled')).toBe(false)
  fireEvent.click(screen.getByRole('tab', { name: /payload.json/ }))
  expect(screen.getByLabelText<HTMLTextAreaElement>(/Text of .?payload.json/).value).toBe(
    '{ "chat": {} }',
  )
})

it('explains when the files cannot be read', async () => {
  await show(<CompanyFilesPage />, {
    answers: { 'GET /admin/company-model': () => refusal('session.not-allowed') },
  })
  expect((await screen.findByRole('alert')).textContent).toContain('Your role does not allow this.')
})
