import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as api from '@studioops/contracts/documents'
import { listActivity } from '@studioops/contracts/projects'
import { searchEverything } from '@studioops/contracts/search'
import { describe, expect } from 'vitest'
import { test } from '../../testing/test.ts'
import type { TestApp } from '../../testing/test-app.ts'
import {
  givenDocument,
  givenProject,
  sendBytes,
  tryUpload,
  whenRead,
} from '../../testing/sent-documents.ts'

const text = (words: string) => new TextEncoder().encode(words)
const objectsOf = async ({ dataDirectory }: TestApp, projectId: string) =>
  readdir(join(dataDirectory, 'files/objects', projectId)).catch(() => [])

describe('an upload', () => {
  test('in pieces goes on where it was cut, and keeps a Hebrew name to the letter [DOC-2, DOC-8]', async ({
    app,
  }) => {
    const noa = await app.signedIn('noa.levi')
    const projectId = await givenProject(noa)
    const name = 'הצעת מחיר – קמפיין קיץ (סופי) 🌞.txt'
    const bytes = text('מחיר הקמפיין 18,000 ₪ כולל מע״מ')
    const body = { name, sizeBytes: bytes.length }
    const { upload } = await noa.call(api.beginUpload, { params: { projectId }, body })
    const params = { projectId, uploadId: upload.id }
    await sendBytes(noa, params, { offset: 0, bytes: bytes.subarray(0, 10) })
    expect(await sendBytes(noa, params, { offset: 4, bytes: bytes.subarray(4) })).toMatchObject({
      status: 409,
      json: { code: 'upload.other-offset' },
    })
    expect(await noa.try(api.finishUpload, { params })).toMatchObject({
      problem: { code: 'upload.not-whole' },
    })
    await app.restart()
    const { outcome: open } = await noa.call(api.getUpload, { params })
    expect(open).toMatchObject({ kind: 'open', upload: { offset: 10 } })
    await sendBytes(noa, params, { offset: 10, bytes: bytes.subarray(10) })
    const { outcome } = await noa.call(api.finishUpload, { params })
    expect(outcome).toMatchObject({ kind: 'stored', document: { name }, sameAs: [] })
    expect(await noa.call(api.finishUpload, { params })).toMatchObject({
      outcome: { kind: 'stored', document: { id: upload.id } },
    })
    const got = await noa.fetch(`/api${api.contentPath({ projectId, documentId: upload.id })}`)
    expect(Buffer.from(await got.arrayBuffer())).toEqual(Buffer.from(bytes))
    expect(got.headers.get('content-disposition')).toContain(
      `filename*=UTF-8''${encodeURIComponent(name).replace(/[()]/g, (char) => `%${char.charCodeAt(0).toString(16)}`)}`,
    )
    expect(got.headers.get('content-security-policy')).toContain('sandbox')
    expect(got.headers.get('x-frame-options')).toBe('DENY')
  })

  test('takes no more bytes than were announced [DOC-8]', async ({ app }) => {
    const noa = await app.signedIn('noa.levi')
    const projectId = await givenProject(noa)
    const body = { name: 'a.txt', sizeBytes: 5 }
    const { upload } = await noa.call(api.beginUpload, { params: { projectId }, body })
    const params = { projectId, uploadId: upload.id }
    expect(await sendBytes(noa, params, { offset: 0, bytes: text('123456') })).toMatchObject({
      status: 413,
    })
    expect(await noa.call(api.getUpload, { params })).toMatchObject({
      outcome: { upload: { offset: 0 } },
    })
    await noa.call(api.cancelUpload, { params })
    expect(await noa.try(api.getUpload, { params })).toMatchObject({
      problem: { code: 'upload.not-found' },
    })
  })

  test('of the same bytes, also at the same time, is one file, read once, with two links [DOC-3, TST-7]', async ({
    app,
  }) => {
    const noa = await app.signedIn('noa.levi')
    const projectId = await givenProject(noa)
    const bytes = text(`the same ${randomUUID()}`)
    const both = await Promise.all(
      ['one.txt', 'two.txt'].map((name) => givenDocument(noa, projectId, { name, bytes })),
    )
    const third = await givenDocument(noa, projectId, { name: 'three.txt', bytes })
    expect(third.sameAs.map(({ name }) => name).toSorted()).toEqual(['one.txt', 'two.txt'])
    expect(new Set(both.map(({ document }) => document.id)).size).toBe(2)
    expect(await objectsOf(app, projectId)).toEqual([
      createHash('sha256').update(bytes).digest('hex'),
    ])
    const { rows } = await app.copy.asOwner((db) =>
      db.query(
        `select (select count(*)::int from files where project_id = $1) as files,
          (select count(*)::int from background_jobs where payload ->> 'projectId' = $1::text) as jobs`,
        [projectId],
      ),
    )
    expect(rows).toEqual([{ files: 1, jobs: 1 }])
    const elsewhere = await givenDocument(noa, await givenProject(noa), { name: 'one.txt', bytes })
    expect(elsewhere.sameAs).toEqual([])
  })

  test.for([
    ['nothing.txt', '', 'document.empty'],
    ['program.exe', 'MZ', 'document.type-not-allowed'],
    ['broken.pdf', '%PDF-1.7\nhalf of it', 'document.damaged'],
    ['page.pdf', '<html></html>', 'document.type-mismatch'],
    ['picture.png', '%PDF-1.7\n%%EOF', 'document.type-mismatch'],
    ['protected.docx', '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1', 'document.protected'],
    ['notes.txt', 'a\0\0\0b\x01\x02', 'document.type-mismatch'],
  ] as const)(
    'of %s is refused by what it is [DOC-7, DOC-8]',
    async ([name, content, code], { app }) => {
      const noa = await app.signedIn('noa.levi')
      const projectId = await givenProject(noa)
      const bytes = Buffer.from(content, 'latin1')
      expect(await tryUpload(noa, projectId, { name, bytes })).toMatchObject({ problem: { code } })
      expect(await objectsOf(app, projectId)).toEqual([])
      expect(await noa.call(api.listDocuments, { params: { projectId }, query: {} })).toMatchObject(
        {
          documents: [],
        },
      )
    },
  )
})

describe('a document', () => {
  test('is read, found by its words, renamed, tagged and gets versions [DOC-4, DOC-8]', async ({
    app,
  }) => {
    const noa = await app.signedIn('noa.levi')
    const projectId = await givenProject(noa)
    const bytes = text('# תקציב\n\nהתקציב של הקמפיין הוא 18,000 ₪.\n\n# Dates\n\nLaunch on Sunday.')
    const { document } = await givenDocument(noa, projectId, { name: 'plan.md', bytes })
    const params = { projectId, documentId: document.id }
    expect(await whenRead(noa, projectId, document.id)).toMatchObject({ state: 'ready' })
    const query = { question: 'מהו התקציב של הקמפיין?' }
    const { passages } = await noa.call(api.searchDocuments, { params: { projectId }, query })
    expect(passages[0]).toMatchObject({ documentId: document.id, headings: ['תקציב'] })
    const everywhere = { query: { q: 'לתקציבים' } }
    expect((await noa.call(searchEverything, everywhere)).hits).toMatchObject([
      { kind: 'passage', id: document.id, title: 'plan.md', projectId },
    ])
    const maya = await app.signedIn('maya.green')
    expect((await maya.call(searchEverything, everywhere)).hits).toEqual([])
    const body = { name: 'תוכנית.md', tags: ['קמפיין', 'קמפיין', 'q3'] }
    expect(await noa.call(api.changeDocument, { params, body })).toMatchObject({
      document: { name: 'תוכנית.md', tags: ['קמפיין', 'q3'] },
    })
    await givenDocument(noa, projectId, {
      name: 'plan 2.md',
      bytes: text('The budget was doubled.'),
      documentId: document.id,
    })
    await whenRead(noa, projectId, document.id)
    const shown = await noa.call(api.getDocument, { params })
    expect(shown.versions.map(({ version }) => version)).toEqual([2, 1])
    const first = await noa.fetch(`/api${api.contentPath(params, { version: 1 })}`)
    expect(Buffer.from(await first.arrayBuffer())).toEqual(Buffer.from(bytes))
    const again = await noa.call(api.searchDocuments, { params: { projectId }, query })
    expect(again.passages).toEqual([])
  })

  test('in the trash answers nobody, and comes back as it was [DOC-8]', async ({ app }) => {
    const noa = await app.signedIn('noa.levi')
    const projectId = await givenProject(noa)
    const word = `trashed${randomBytes(4).toString('hex')}`
    const bytes = text(`a ${word} word`)
    const { document } = await givenDocument(noa, projectId, { name: 'a.txt', bytes })
    const params = { projectId, documentId: document.id }
    await whenRead(noa, projectId, document.id)
    const find = async () =>
      (await noa.call(api.searchDocuments, { params: { projectId }, query: { question: word } }))
        .passages.length
    expect(await find()).toBe(1)
    await noa.call(api.deleteDocument, { params })
    expect(await find()).toBe(0)
    expect((await noa.fetch(`/api${api.contentPath(params)}`)).status).toBe(404)
    await noa.call(api.restoreDocument, { params })
    expect(await find()).toBe(1)
  })

  test('is in the activity of its project, whatever is done with it [PRJ-1]', async ({ app }) => {
    const noa = await app.signedIn('noa.levi')
    const projectId = await givenProject(noa)
    const bytes = text(`noted ${randomUUID()}`)
    const { document } = await givenDocument(noa, projectId, { name: 'first.txt', bytes })
    const params = { projectId, documentId: document.id }
    await noa.call(api.changeDocument, { params, body: { name: 'second.txt' } })
    await noa.call(api.deleteDocument, { params })
    await noa.call(api.restoreDocument, { params })
    const { events } = await noa.call(listActivity, { params: { projectId }, query: {} })
    expect(events.map(({ action, subject }) => `${action} ${subject}`)).toEqual([
      'document.restore second.txt',
      'document.remove second.txt',
      'document.change first.txt',
      'document.add first.txt',
      expect.stringContaining('project.create'),
    ])
  })

  test('of another project does not exist, whoever has the same bytes [ID-13]', async ({ app }) => {
    const noa = await app.signedIn('noa.levi')
    const maya = await app.signedIn('maya.green')
    const projectId = await givenProject(noa)
    const bytes = text(`secret ${randomUUID()}`)
    const { document } = await givenDocument(noa, projectId, { name: 'a.txt', bytes })
    const params = { projectId, documentId: document.id }
    expect(await maya.try(api.getDocument, { params })).toMatchObject({
      problem: { code: 'project.not-found' },
    })
    const own = await givenDocument(maya, await givenProject(maya), { name: 'a.txt', bytes })
    expect(own.sameAs).toEqual([])
    expect((await maya.fetch(`/api${api.contentPath(params)}`)).status).toBe(404)
  })

  test('whose bytes were changed on the disk is not shown as if it were whole [DOC-2]', async ({
    app,
  }) => {
    const noa = await app.signedIn('noa.levi')
    const projectId = await givenProject(noa)
    const { document } = await givenDocument(noa, projectId, {
      name: 'a.txt',
      bytes: text('right'),
    })
    const [name = ''] = await objectsOf(app, projectId)
    await writeFile(join(app.dataDirectory, 'files/objects', projectId, name), 'wrong')
    const got = await noa.fetch(`/api${api.contentPath({ projectId, documentId: document.id })}`)
    expect(await got.json()).toMatchObject({ code: 'storage.damaged' })
  })
})

describe('the sweeper', () => {
  test('removes what crashes and the trash leave, and nothing else [DOC-2]', async ({ app }) => {
    const noa = await app.signedIn('noa.levi')
    const projectId = await givenProject(noa)
    const kept = text(`kept ${randomUUID()}`)
    const gone = text(`gone ${randomUUID()}`)
    await givenDocument(noa, projectId, { name: 'kept.txt', bytes: kept })
    const { document } = await givenDocument(noa, projectId, { name: 'gone.txt', bytes: gone })
    await noa.call(api.deleteDocument, { params: { projectId, documentId: document.id } })
    app.clock.now = new Date(Date.now() + 31 * 24 * 3_600_000)
    await app.app.sweeper.sweep()
    app.clock.now = undefined
    expect(await objectsOf(app, projectId)).toEqual([
      createHash('sha256').update(kept).digest('hex'),
    ])
    const { rows } = await app.copy.asOwner((db) =>
      db.query(
        'select (select count(*)::int from files where project_id = $1) as files, (select count(*)::int from object_removals) as removals',
        [projectId],
      ),
    )
    expect(rows).toEqual([{ files: 1, removals: 0 }])
  })
})
