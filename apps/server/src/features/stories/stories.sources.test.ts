import { getSession } from '@studioops/contracts/accounts'
import { saveConfluence, saveTrello, testTrello } from '@studioops/contracts/connections'
import { deleteDocument } from '@studioops/contracts/documents'
import type { CallOf } from '@studioops/contracts/endpoint'
import { limits } from '@studioops/contracts/limits'
import * as projectsApi from '@studioops/contracts/projects'
import { createStory } from '@studioops/contracts/stories'
import * as api from '@studioops/contracts/story-context'
import { describe, expect } from 'vitest'
import {
  demoConfluencePeople,
  demoPeople,
  demoTrelloKey,
  demoTrelloMembers,
} from '../../simulators/demo-data.ts'
import { estimateTokens } from '../../platform/values/token-estimate.ts'
import { givenDocument, givenProject, whenRead } from '../../testing/sent-documents.ts'
import type { TestApp } from '../../testing/test-app.ts'
import type { TestClient } from '../../testing/test-client.ts'
import { test } from '../../testing/test.ts'
import type { SourcePlace, SourcePlaces } from './stories.places.ts'
import { createStorySources } from './stories.sources.ts'

const requirement = 'A customer pays with a saved Visa card. The card is charged once.'

async function begun(client: TestClient, projectId?: string) {
  const story = { requirement, format: 'classic', language: 'en', projectKey: 'PAY' } as const
  const body = { ...story, issueType: 'Story', ...(projectId === undefined ? {} : { projectId }) }
  const { story: made } = await client.call(createStory, { body })
  return { storyId: made.id }
}

async function withTrello(app: TestApp, client: TestClient, username: string) {
  const token = demoTrelloMembers.find((member) => member.username === username)?.token ?? ''
  const body = { baseUrl: app.trello.url, key: demoTrelloKey, token }
  await client.call(saveTrello, { body })
  await client.call(testTrello, { body })
}

const find = async (
  client: TestClient,
  params: { storyId: string },
  query: { kind: api.SourceKind; query: string },
) => (await client.call(api.findStorySources, { params, query })).found

type Adding = CallOf<typeof api.addStorySource>['body']
const add = (client: TestClient, params: { storyId: string }, body: Adding) =>
  client.try(api.addStorySource, { params, body })

const idOf = async (client: TestClient) =>
  (await client.call(getSession, {})).session?.account.id ?? ''

const notFound = { problem: { code: 'story.source-not-found' } }

describe('documents as context', () => {
  test('are found by a part of the name, are those of the project alone, and answer nobody once they are in the trash [STY-1] [D-25]', async ({
    app,
  }) => {
    const noa = await app.withModel()
    const projectId = await givenProject(noa)
    const otherProject = await givenProject(noa)
    const bytes = new TextEncoder().encode('The fee of a saved card is 1.4 percent.')
    const [own, foreign] = await Promise.all(
      [projectId, otherProject].map((id) => givenDocument(noa, id, { name: 'fees.txt', bytes })),
    )
    const documentId = own?.document.id ?? ''
    await whenRead(noa, projectId, documentId)
    await whenRead(noa, otherProject, foreign?.document.id ?? '')
    const params = await begun(noa, projectId)
    const [found, ...others] = await find(noa, params, { kind: 'document', query: 'fee' })
    expect(found).toMatchObject({ kind: 'document', ref: documentId, title: 'fees.txt' })
    expect(others).toEqual([])
    const reply = await noa.call(api.addStorySource, {
      params,
      body: { kind: 'document', ref: documentId },
    })
    expect(reply.sources).toMatchObject([{ ref: documentId, fits: 1, tokens: expect.any(Number) }])
    expect(reply.budget.sources).toBe(reply.sources[0]?.tokens)
    expect(await find(noa, params, { kind: 'document', query: 'fee' })).toEqual([])
    // Of another project, and of none.
    const ofOther = { kind: 'document', ref: foreign?.document.id ?? '' } as const
    expect((await add(noa, params, ofOther)).ok).toBe(false)
    const personal = await begun(noa)
    expect(await add(noa, personal, { kind: 'document', ref: documentId })).toMatchObject(notFound)
    expect(await find(noa, personal, { kind: 'document', query: 'fee' })).toEqual([])
    // No copy of it lies beside the story, and nothing answers once it is in the trash.
    const userId = await idOf(noa)
    const kept = await app.database.asUser(userId, (db) =>
      db.selectFrom('story_sources').select('content').where('kind', '=', 'document').execute(),
    )
    expect(kept).toEqual([{ content: '' }])
    await noa.call(deleteDocument, { params: { projectId, documentId } })
    const { sources } = await noa.call(api.listStorySources, { params })
    expect(sources).toMatchObject([{ tokens: 0, stale: notFound.problem }])
  })

  test('of a project that one has left are out of reach with its stories [D-6]', async ({
    app,
  }) => {
    const noa = await app.signedIn('noa.levi')
    const daniel = await app.withModel('daniel.cohen')
    const projectId = await givenProject(noa)
    const memberId = await idOf(daniel)
    await noa.call(projectsApi.addMember, {
      params: { projectId },
      body: { userId: memberId, role: 'viewer' },
    })
    const bytes = new TextEncoder().encode('Only for us.')
    const { document } = await givenDocument(noa, projectId, { name: 'ours.txt', bytes })
    await whenRead(noa, projectId, document.id)
    const params = await begun(daniel, projectId)
    expect((await add(daniel, params, { kind: 'document', ref: document.id })).ok).toBe(true)
    // Nobody else sees what a story was given, not even in the same project.
    expect(await noa.try(api.listStorySources, { params })).toMatchObject({ status: 404 })
    await noa.call(projectsApi.removeMember, { params: { projectId, memberId } })
    expect(await daniel.try(api.listStorySources, { params })).toMatchObject({ status: 404 })
    expect(await add(daniel, params, { kind: 'document', ref: document.id })).toMatchObject({
      status: 404,
    })
  })
})

describe('cards as context', () => {
  test('are those of the boards that the person sees, found by words half typed, with what stands on them [STY-1] [CON-10]', async ({
    app,
  }) => {
    const noa = await app.withModel()
    const params = await begun(noa)
    expect((await noa.call(api.listStorySources, { params })).available).toEqual([
      'document',
      'jira-issue',
    ])
    await withTrello(app, noa, 'noalevi')
    const [card] = await find(noa, params, { kind: 'trello-card', query: 'landing camp' })
    expect(card).toMatchObject({ title: 'Landing page for the summer campaign' })
    const { ref = '', boardId = '', place } = card ?? {}
    const { sources } = await noa.call(api.addStorySource, {
      params,
      body: { kind: 'trello-card', ref, boardId },
    })
    expect(sources).toMatchObject([{ kind: 'trello-card', ref, place, fits: 1 }])
    expect(sources[0]?.tokens).toBeGreaterThan(15)
    // The board of the card is asked as the person: what they do not see is not there.
    const daniel = await app.withModel('daniel.cohen')
    const own = await begun(daniel)
    expect((await add(daniel, own, { kind: 'trello-card', ref, boardId })).ok).toBe(false)
    await withTrello(app, daniel, 'danielcohen')
    const all = await find(daniel, own, { kind: 'trello-card', query: 'refund' })
    expect(all.map(({ title }) => title)).toEqual(['Refund by one click'])
    const elsewhere = { kind: 'trello-card', ref, boardId: all[0]?.boardId ?? '' } as const
    expect(await add(daniel, own, elsewhere)).toMatchObject(notFound)
  })
})

describe('pages and issues as context', () => {
  test('are found by words half typed, kept for when Confluence is away, and shown as of then [CON-12] [D-10]', async ({
    app,
  }) => {
    const client = await app.signedIn('daniel.cohen')
    const token = demoConfluencePeople[1]?.personalAccessToken ?? ''
    const body = { baseUrl: app.confluence.url, flavour: 'dc' as const, token }
    await client.call(saveConfluence, { body })
    const params = await begun(client)
    const [page] = await find(client, params, { kind: 'confluence-page', query: 'card stor' })
    expect(page).toMatchObject({ title: 'Card storage rules', place: 'Payments' })
    const wish = { kind: 'confluence-page', ref: page?.ref ?? '' } as const
    expect((await add(client, params, wish)).ok).toBe(true)
    app.confluence.simulator.faults.set({ fault: { kind: 'away' } })
    expect(await add(client, params, wish)).toMatchObject({
      problem: { code: 'connection.refused' },
    })
    const { sources } = await client.call(api.listStorySources, { params })
    expect(sources).toMatchObject([{ title: 'Card storage rules', isPart: false, fits: 1 }])
    app.confluence.simulator.faults.clear()
  })

  test('of Jira are read as they are, and taken out again', async ({ app }) => {
    const client = await app.withModel()
    const params = await begun(client)
    const fields = {
      project: { key: 'PAY' },
      issuetype: { name: 'Story' },
      summary: 'Fees of cards',
    }
    const made = await fetch(`${app.jira.url}/rest/api/2/issue`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${demoPeople[0]?.personalAccessToken}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({ fields }),
    })
    const { key: ref } = (await made.json()) as { key: string }
    const query = { kind: 'jira-issue', query: ref.toLowerCase() } as const
    expect(await find(client, params, query)).toMatchObject([
      { ref, title: `${ref} Fees of cards` },
    ])
    const { sources } = await client.call(api.addStorySource, {
      params,
      body: { kind: 'jira-issue', ref },
    })
    expect(sources).toMatchObject([{ kind: 'jira-issue', ref, fits: 1 }])
    expect(await add(client, params, { kind: 'jira-issue', ref: 'PAY-99999' })).toMatchObject(
      notFound,
    )
    const gone = await client.call(api.removeStorySource, {
      params: { ...params, kind: 'jira-issue', ref },
    })
    expect(gone.sources).toEqual([])
  })
})

describe('what a model is given', () => {
  const texts: Record<string, string | undefined> = {}
  const issues: SourcePlace = {
    isOpen: () => Promise.resolve(true),
    read: async ({ ref }) => {
      const content = texts[ref]
      return content === undefined
        ? undefined
        : { title: ref, place: 'Jira', content, isPart: false }
    },
    find: () => Promise.resolve([]),
  }
  const places: SourcePlaces = {
    document: issues,
    'jira-issue': issues,
    'confluence-page': issues,
    'trello-card': issues,
  }

  test('fits into the room: the short ones whole, the long ones cut; and no copy answers for what is gone [AI-3]', async ({
    app,
  }) => {
    const client = await app.signedIn('noa.levi')
    const userId = await idOf(client)
    const asked = { userId, language: 'en' as const, ...(await begun(client)) }
    const sources = createStorySources({ database: app.database, places })
    for (const ref of ['LONG-1', 'LONG-2']) texts[ref] = 'many words of no use '.repeat(900)
    texts['SHORT-1'] = 'The short one.'
    for (const ref of ['LONG-1', 'SHORT-1', 'LONG-2'])
      await sources.add(asked, { kind: 'jira-issue', ref })
    const shown = await sources.show(asked)
    expect(shown.sources.map(({ ref, fits }) => [ref, fits === 1])).toEqual([
      ['LONG-1', false],
      ['SHORT-1', true],
      ['LONG-2', false],
    ])
    expect(shown.budget.sources).toBeLessThanOrEqual(shown.budget.max)
    const given = await sources.contextOf(asked)
    expect(given.map(({ ref }) => ref)).toEqual(['LONG-1', 'SHORT-1', 'LONG-2'])
    const tokens = given.reduce((sum, { text }) => sum + estimateTokens(text), 0)
    // Each part is rounded up by itself.
    expect(tokens).toBeLessThanOrEqual(shown.budget.max + 2 * given.length)

    texts['LONG-1'] = undefined
    await app.database.asUser(userId, (db) =>
      db
        .updateTable('story_sources')
        .set({ fetched_at: new Date(Date.now() - 3_600_000) })
        .execute(),
    )
    expect((await sources.contextOf(asked)).map(({ ref }) => ref)).toEqual(['SHORT-1', 'LONG-2'])
    expect((await sources.show(asked)).sources[0]).toMatchObject({
      tokens: 0,
      stale: { status: 404 },
    })
  })

  test('is at most twelve things [PERF-5]', async ({ app }) => {
    const client = await app.signedIn('noa.levi')
    const asked = { userId: await idOf(client), language: 'en' as const, ...(await begun(client)) }
    const sources = createStorySources({ database: app.database, places })
    for (let index = 0; index < limits.storySourcesMax; index += 1) {
      texts[`MANY-${index}`] = 'x'
      await sources.add(asked, { kind: 'jira-issue', ref: `MANY-${index}` })
    }
    texts['MANY-99'] = 'x'
    await expect(sources.add(asked, { kind: 'jira-issue', ref: 'MANY-99' })).rejects.toMatchObject({
      code: 'story.too-many-sources',
    })
    // Reading one again is no further one.
    await sources.add(asked, { kind: 'jira-issue', ref: 'MANY-1' })
  })
})
