import type { Document } from '@studioops/contracts/documents'
import { fireEvent, screen, waitFor, within } from '@testing-library/react'
import { beforeEach, describe, expect, it } from 'vitest'
import { refusal } from '../../testing/problems.ts'
import { type Answers, show } from '../../testing/show.tsx'
import { DocumentsPage, type Shown } from './documents-page.tsx'
import { listLeft, rememberLeft } from './left-uploads.ts'

const projectId = '7c9e6679-7425-40de-944b-e07fc1f90ae7'
const uploadId = '2f4b8a52-7a31-4d5c-9a53-0c8b5b1b8a11'
const left = {
  uploadId, projectId, name: 'הצעה.pdf', sizeBytes: 200, lastModified: 1_700_000_000_000,
} // prettier-ignore

const document: Document = {
  id: '9a1f5b0e-31c2-4a7e-8a53-6a9d0e8f7c21',
  name: 'brief.pdf',
  format: 'pdf',
  sizeBytes: 12_000,
  version: 1,
  tags: ['summer'],
  state: 'ready',
  pages: 2,
  createdAt: '2026-11-21T08:40:00.000Z',
  updatedAt: '2026-11-21T08:40:00.000Z',
}

const list = { documents: [document], total: 1, tags: ['summer', 'all'], mayChange: true }
const base: Answers = { [`GET /projects/${projectId}/documents`]: () => list }
const open = (offset: number) => ({
  outcome: { kind: 'open', upload: { id: uploadId, name: left.name, sizeBytes: 200, offset } },
})

async function showPage(answers: Answers = {}, shown: Shown = {}) {
  const changes: Shown[] = []
  const page = (
    <DocumentsPage
      projectId={projectId}
      shown={shown}
      ReceiptOf={() => undefined}
      onShow={(change) => changes.push(change)}
    />
  )
  return { ...(await show(page, { answers: { ...base, ...answers } })), changes }
}

const section = () => screen.findByRole('region', { name: 'Not finished' })

describe('uploads that a reload has cut off', () => {
  beforeEach(() => rememberLeft(left))

  it('are offered with how far they came, and take no other file [DOC-8]', async () => {
    await showPage({ [`GET /projects/${projectId}/uploads/${uploadId}`]: () => open(100) })
    const shown = await section()
    expect(shown.textContent).toMatch(/50.? % sent/u)
    const input = shown.querySelector('input[type=file]') as HTMLInputElement
    const other = new File(['x'.repeat(200)], left.name, { lastModified: 5 })
    fireEvent.change(input, { target: { files: [other] } })
    expect((await screen.findByRole('alert')).textContent).toContain('another file')
    expect(listLeft()).toHaveLength(1)
  })

  it('are forgotten where they came to their end, and kept while the server is away', async () => {
    await showPage({
      [`GET /projects/${projectId}/uploads/${uploadId}`]: () => refusal('upload.not-found'),
    })
    await waitFor(() => expect(listLeft()).toEqual([]))
    expect(screen.queryByRole('region', { name: 'Not finished' })).toBeNull()
  })

  it('can be given up', async () => {
    const { requests } = await showPage({
      [`GET /projects/${projectId}/uploads/${uploadId}`]: () => open(1),
      [`DELETE /projects/${projectId}/uploads/${uploadId}`]: () => ({}),
    })
    fireEvent.click(within(await section()).getByRole('button', { name: /^Cancel .*הצעה/u }))
    await waitFor(() => expect(listLeft()).toEqual([]))
    await waitFor(() => expect(requests.map(({ method }) => method)).toContain('DELETE'))
  })
})

it('asks for the documents of a tag, also of one that is called like everything [DOC-8]', async () => {
  const { requests, changes } = await showPage({}, { tag: 'all' })
  await screen.findByRole('list', { name: 'Documents' })
  expect(requests.map(({ path }) => path).join()).toContain('tag=all')
  fireEvent.click(screen.getByRole('button', { name: /Tag/ }))
  fireEvent.click(await screen.findByRole('option', { name: 'summer' }))
  expect(changes).toEqual([{ tag: 'summer' }])
})

it('shows a PDF as it was made, where the browser can [DOC-4]', async () => {
  Object.defineProperty(navigator, 'pdfViewerEnabled', { value: true, configurable: true })
  const path = `/projects/${projectId}/documents/${document.id}`
  await showPage(
    {
      [`GET ${path}`]: () => ({ document, versions: [], mayChange: false }),
      [`GET ${path}/text`]: () => ({
        chunks: [{ text: 'the words', headings: [], page: 1, ordinal: 0 }],
        total: 1,
      }),
    },
    { open: document.id },
  )
  await screen.findByText('the words')
  fireEvent.click(screen.getByRole('tab', { name: 'Pages' }))
  const frame = await screen.findByTitle(/^Pages of .?brief\.pdf/u)
  expect(frame.getAttribute('src')).toBe(`/api${path}/content?inline=true`)
})
