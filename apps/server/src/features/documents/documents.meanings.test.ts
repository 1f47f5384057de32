import { randomUUID } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import * as api from '@studioops/contracts/documents'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openDatabase } from '../../platform/db/database.ts'
import { createLog } from '../../platform/log/log.ts'
import { fuseRanks, likenesses, packVectors } from '../../platform/search/vectors.ts'
import { demoModelKey } from '../../simulators/demo-data.ts'
import { type ServedModel, serveModel } from '../../simulators/model/served-model.test-data.ts'
import { givenDocument, givenProject, whenRead } from '../../testing/sent-documents.ts'
import { startTestApp, type TestApp } from '../../testing/test-app.ts'
import type { TestClient } from '../../testing/test-client.ts'
import { listMeanings } from './documents.meanings.store.ts'

/** No word of it stands in the passage, but most of its letters do. */
const question = 'ultracabinetification bluestest'
const sentence = 'All contracts lie in the blue cabinet.'

let model: ServedModel
let app: TestApp
beforeAll(async () => {
  model = await serveModel()
  app = await startTestApp({
    allowedHosts: [new URL(model.url).host],
    environment: {
      EMBEDDING_BASE_URL: model.url,
      EMBEDDING_MODEL: 'demo-embedder',
      EMBEDDING_API_KEY: demoModelKey,
    },
  })
})
afterAll(async () => {
  await app[Symbol.asyncDispose]()
  await model[Symbol.asyncDispose]()
})

async function meaningsOf(projectId: string): Promise<number> {
  const { rows } = await app.copy.asOwner((db) =>
    db.query<{ count: number }>(
      'select count(*)::int as count from file_meanings where project_id = $1',
      [projectId],
    ),
  )
  return rows[0]?.count ?? 0
}

async function givenText(client: TestClient, projectId: string, text: string) {
  const bytes = Buffer.from(text)
  const { document } = await givenDocument(client, projectId, { name: 'a.txt', bytes })
  await whenRead(client, projectId, document.id)
  return document.id
}

async function find(client: TestClient, projectId: string, asked: string): Promise<string[]> {
  const query = { question: asked }
  const { passages } = await client.call(api.searchDocuments, { params: { projectId }, query })
  return passages.map(({ text }) => text)
}

describe('what passages mean', () => {
  it('is asked of the provider in the background, and joins what is found by words [DOC-8]', async () => {
    const noa = await app.signedIn('noa.levi')
    const maya = await app.signedIn('maya.green')
    const projectId = await givenProject(noa)
    await givenText(noa, projectId, sentence)
    while ((await meaningsOf(projectId)) === 0) await wait(50)
    expect(await find(noa, projectId, question)).toEqual([sentence])
    expect(await find(maya, await givenProject(maya), question)).toEqual([])

    const { id: stranger } = await userOf('maya.green')
    const { id: own } = await userOf('noa.levi')
    await using database = openDatabase(app.copy, createLog({ level: 'silent' }))
    const asked = { projectIds: [projectId], model: 'demo-embedder', known: [] }
    const seenBy = (userId: string) => database.asUser(userId, (db) => listMeanings(db, asked))
    expect(await seenBy(own)).toHaveLength(1)
    expect(await seenBy(stranger)).toEqual([])
  })

  it('is left out while the provider is away, and asked for later [DOC-8]', async () => {
    const noa = await app.signedIn('noa.levi')
    const projectId = await givenProject(noa)
    model.simulator.faults.set({
      fault: { kind: 'away' },
      route: 'POST /embeddings',
    })
    await givenText(noa, projectId, sentence)
    expect(await find(noa, projectId, `${question} ${randomUUID()}`)).toEqual([])
    expect(await find(noa, projectId, 'cabinet contracts')).toEqual([sentence])
    model.simulator.faults.clear()
  })

  it('goes with the text that it is the meaning of', async () => {
    const noa = await app.signedIn('noa.levi')
    const projectId = await givenProject(noa)
    await givenText(noa, projectId, `${sentence} ${randomUUID()}`)
    while ((await meaningsOf(projectId)) === 0) await wait(50)
    await app.copy.asOwner((db) =>
      db.query('delete from document_chunks where project_id = $1', [projectId]),
    )
    expect(await meaningsOf(projectId)).toBe(0)
  })

  it('keeps the order of vectors though they are packed, and joins orders by places', () => {
    const vectors = [
      [1, 0],
      [0.8, 0.6],
      [0, 1],
    ].map((numbers) => Float32Array.from(numbers))
    const packed = { dimensions: 2, ids: [7, 8, 9], bytes: packVectors(vectors) }
    const found = [...likenesses(packed, Float32Array.of(0, 1))]
    expect(found.map(({ score }) => Number(score.toFixed(2)))).toEqual([0, 0.6, 1])
    expect([...likenesses(packed, Float32Array.of(1))]).toEqual([])
    expect(
      fuseRanks([
        [1, 2, 3],
        [3, 4],
      ]).map(({ id }) => id),
    ).toEqual([3, 1, 2, 4])
  })
})

async function userOf(name: string): Promise<{ id: string }> {
  const { rows } = await app.copy.asOwner((db) =>
    db.query<{ id: string }>('select id from users where name = $1', [name]),
  )
  return rows[0] ?? { id: randomUUID() }
}
