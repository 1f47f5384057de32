import { saveConfluence } from '@studioops/contracts/connections'
import type { Operation } from '@studioops/contracts/operations'
import * as pages from '@studioops/contracts/pages'
import { createStory, writeStory } from '@studioops/contracts/stories'
import { expect } from 'vitest'
import { demoConfluencePeople } from '../../simulators/demo-data.ts'
import type { TestApp } from '../../testing/test-app.ts'
import type { TestClient } from '../../testing/test-client.ts'
import { test } from '../../testing/test.ts'

const requirement = 'A customer pays with a saved Visa card. The card is charged once.'

async function withStory(app: TestApp) {
  const client = await app.signedIn('daniel.cohen')
  const token = demoConfluencePeople[1]?.personalAccessToken ?? ''
  const body = { baseUrl: app.confluence.url, flavour: 'dc' as const, token }
  await client.call(saveConfluence, { body })
  const story = { requirement, format: 'bdd', language: 'en', projectKey: 'PAY' } as const
  const { story: made } = await client.call(createStory, { body: { ...story, issueType: 'Story' } })
  return { client, params: { storyId: made.id } }
}

async function write(client: TestClient, params: { storyId: string }) {
  const { run } = await client.call(writeStory, { params, body: {} })
  await client.follow(run.id)
}

async function settled(client: TestClient, params: { storyId: string }): Promise<Operation> {
  for (let round = 0; round < 400; round += 1) {
    const { operations } = await client.call(pages.listPublications, { params })
    const [newest] = operations
    if (newest !== undefined && ['done', 'refused', 'needs-user'].includes(newest.state))
      return newest
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  throw new Error('the publication did not settle')
}

test('a story is published once as it was shown, also where the answer is lost [CON-12, D-12, D-25]', async ({
  app,
}) => {
  const { client, params } = await withStory(app)
  await write(client, params)
  const target = { kind: 'new-page', spaceKey: 'TEAM', title: 'Saved cards' } as const
  const { preview } = await client.call(pages.previewPublication, { params, body: { target } })
  expect(preview.added).toContain('<h2>')
  const { payloadHash } = preview
  const wrong = { target, payloadHash: 'another' }
  expect(await client.try(pages.publishStory, { params, body: wrong })).toMatchObject({
    problem: { code: 'story.payload-changed' },
  })
  app.confluence.simulator.faults.set({
    fault: { kind: 'effect-then-lost' },
    route: 'POST /rest/api/content',
    times: 1,
  })
  const body = { target, payloadHash }
  await client.call(pages.publishStory, { params, body })
  await client.call(pages.publishStory, { params, body })
  const operation = await settled(client, params)
  expect(operation).toMatchObject({ state: 'done', system: 'confluence', title: 'Saved cards' })
  expect(app.confluence.simulator.counters()['effects']).toMatchObject({
    createsByTitle: { 'Saved cards': 1 },
    pagesByMarker: { [operation.marker]: expect.any(Number) },
  })
})

test('a story goes under a heading, and a page that was changed since is not overwritten [CON-12, D-25]', async ({
  app,
}) => {
  const { client, params } = await withStory(app)
  await write(client, params)
  const { pages: found } = await client.call(pages.searchPages, { query: { query: 'agreed' } })
  const pageId = found.find(({ title }) => title === 'Stories')?.pageId ?? ''
  const { headings } = await client.call(pages.listHeadings, { params: { pageId } })
  expect(headings.map(({ text }) => text)).toEqual(['Next sprint', 'Later'])
  const target = { kind: 'section', pageId, heading: 'Next sprint', how: 'append' } as const
  const { preview } = await client.call(pages.previewPublication, { params, body: { target } })
  expect(preview).toMatchObject({ basedOn: 1, removed: '', title: 'Stories' })
  await client.call(pages.publishStory, {
    params,
    body: { target, payloadHash: preview.payloadHash },
  })
  expect(await settled(client, params)).toMatchObject({ state: 'done', key: pageId })
  // What was shown is of a version that is no longer the newest.
  const old = { ...target, heading: 'Later' } as const
  const { preview: next } = await client.call(pages.previewPublication, {
    params,
    body: { target: old },
  })
  expect(next.basedOn).toBe(2)
  const stale = { target, payloadHash: next.payloadHash }
  expect(await client.try(pages.publishStory, { params, body: stale })).toMatchObject({
    problem: { code: 'story.payload-changed' },
  })
})
