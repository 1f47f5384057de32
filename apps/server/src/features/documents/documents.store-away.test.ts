import { randomUUID } from 'node:crypto'
import { saveObjectStore } from '@studioops/contracts/connections'
import * as api from '@studioops/contracts/documents'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { demoStore } from '../../simulators/demo-data.ts'
import { givenDocument, givenProject, tryUpload, whenRead } from '../../testing/sent-documents.ts'
import { startTestApp, type TestApp } from '../../testing/test-app.ts'

let app: TestApp
beforeAll(async () => {
  app = await startTestApp()
})
afterAll(() => app[Symbol.asyncDispose]())

it('lets uploads wait while the store is away, and everything that needs no store go on [DOC-2, OPS-9]', async () => {
  const noa = await app.steppedUp('noa.levi')
  const { region, accessKeyId, secretAccessKey } = demoStore
  const body = {
    endpoint: app.store.url,
    region,
    bucket: 'studio-files',
    accessKeyId,
    secretAccessKey,
  }
  await noa.call(saveObjectStore, { body })
  const projectId = await givenProject(noa)
  const kept = Buffer.from(`kept ${randomUUID()}`)
  const { document } = await givenDocument(noa, projectId, { name: 'kept.txt', bytes: kept })
  await whenRead(noa, projectId, document.id)

  app.store.simulator.faults.set({ fault: { kind: 'away' } })
  const bytes = Buffer.from(`waiting ${randomUUID()}`)
  const refused = await tryUpload(noa, projectId, { name: 'waiting.txt', bytes })
  expect(refused).toMatchObject({
    ok: false,
    status: 503,
    problem: { code: 'storage.unavailable' },
  })
  const { documents } = await noa.call(api.listDocuments, { params: { projectId }, query: {} })
  expect(documents.map(({ name }) => name)).toEqual(['kept.txt'])
  const query = { question: 'kept' }
  const found = await noa.call(api.searchDocuments, { params: { projectId }, query })
  expect(found.passages).toHaveLength(1)

  app.store.simulator.faults.clear()
  const { rows } = await app.copy.asOwner((db) =>
    db.query<{ id: string }>('select id from uploads where project_id = $1', [projectId]),
  )
  const params = { projectId, uploadId: rows[0]?.id ?? '' }
  expect(await noa.call(api.getUpload, { params })).toMatchObject({
    outcome: { kind: 'open', upload: { offset: bytes.length } },
  })
  // The breaker of the way out lets the next call through when it has waited.
  await expect
    .poll(async () => (await noa.try(api.finishUpload, { params })).ok, {
      timeout: 35_000,
      interval: 500,
    })
    .toBe(true)
  const path = api.contentPath({ projectId, documentId: params.uploadId })
  const got = await noa.fetch(`/api${path}`)
  expect(Buffer.from(await got.arrayBuffer())).toEqual(bytes)
})
