import { createV1Client, createV2Client } from 'confluence.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  serveConfluence,
  type ServedConfluence,
  wikiPerson,
} from './served-confluence.test-data.ts'

function defined<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) throw new Error('This should be there.')
  return value
}

const { emailAddress, apiToken, personalAccessToken } = wikiPerson()

describe('confluence.js, a client that we did not write, on Cloud', () => {
  let confluence: ServedConfluence
  beforeAll(async () => {
    confluence = await serveConfluence('cloud')
  })
  afterAll(() => confluence[Symbol.asyncDispose]())

  const clients = () => {
    const auth = { type: 'basic' as const, email: emailAddress, apiToken }
    const config = { host: confluence.origin, auth }
    return { v1: createV1Client(config), v2: createV2Client(config) }
  }

  const spaceIdOf = async (key: string) => {
    const { results } = await clients().v2.space.getSpaces({ keys: [key] })
    return defined(results?.[0]?.id)
  }
  const create = async (spaceKey: string, title: string, value: string) => {
    const spaceId = await spaceIdOf(spaceKey)
    const body = { representation: 'storage' as const, value }
    const page = await clients().v2.page.createPage({
      body: { spaceId, status: 'current', title, body },
    })
    return Number(defined(page.id))
  }

  it('creates, reads, changes, finds and deletes a page, and keeps its history [D-26]', async () => {
    const { v1, v2 } = clients()
    const title = 'כרטיסים שמורים'
    const id = await create('PAY', title, '<p>1</p>')
    const put = (number: number) => {
      const body = { representation: 'storage' as const, value: `<p>${number}</p>` }
      const version = { number }
      return v2.page.updatePage({
        id,
        body: { id: String(id), status: 'current', title, body, version },
      })
    }
    await put(2)
    await expect(put(2)).rejects.toMatchObject({ status: 409 })
    const read = await v2.page.getPageById({ id, bodyFormat: 'storage' })
    expect(read).toMatchObject({ version: { number: 2 }, body: { storage: { value: '<p>2</p>' } } })
    const { results: versions } = await v2.version.getPageVersions({ id })
    expect(versions).toMatchObject([{ number: 2 }, { number: 1 }])
    const { results: found } = await v1.search.searchByCQL({ cql: 'title ~ "כרטיסים"' })
    expect(found).toMatchObject([{ title }])
    await v2.page.deletePage({ id })
    await expect(v2.page.getPageById({ id })).rejects.toMatchObject({ status: 404 })
    expect(confluence.simulator.counters()['effects']).toMatchObject({
      createsByTitle: { [title]: 1 },
      updatesByPage: { [id]: 1 },
    })
  })

  it('keeps properties, labels and comments of a page [D-26]', async () => {
    const { v1, v2 } = clients()
    const id = await create('TEAM', 'With everything', '<p>1</p>')
    const property = { key: 'studioops', value: { marker: 'so-abcdefghij' } }
    await v2.contentProperties.createPageProperty({ pageId: id, ...property })
    const { results: properties } = await v2.contentProperties.getPageContentProperties({
      pageId: id,
    })
    expect(properties).toMatchObject([property])
    await v1.contentLabels.addLabelsToContent({
      id: String(id),
      body: [{ prefix: 'global', name: 'cards' }],
    })
    const { results: labels } = await v2.label.getPageLabels({ id })
    expect(labels).toMatchObject([{ name: 'cards' }])
    const body = { representation: 'storage' as const, value: '<p>יפה</p>' }
    await v2.comment.createFooterComment({ pageId: String(id), body })
    const { results: comments } = await v2.comment.getPageFooterComments({ id })
    expect(comments).toMatchObject([{ body: { storage: { value: '<p>יפה</p>' } } }])
    expect(confluence.simulator.counters()['effects']).toMatchObject({
      comments: 1,
      pagesByMarker: { 'so-abcdefghij': 1 },
    })
  })

  it('is refused a taken title and text that is not well-formed', async () => {
    await expect(create('TEAM', 'Stories', '<p>twice</p>')).rejects.toMatchObject({ status: 400 })
    await expect(create('TEAM', 'Broken', '<p>a<b></p>')).rejects.toMatchObject({ status: 400 })
  })

  it('is refused a wrong token with a page for people', async () => {
    const auth = { type: 'basic' as const, email: emailAddress, apiToken: 'wrong' }
    const v1 = createV1Client({ host: confluence.origin, auth })
    await expect(v1.users.getCurrentUser()).rejects.toMatchObject({ status: 401 })
  })
})

describe('confluence.js on Data Center, whose API is the first', () => {
  it('searches, labels, and is a stranger with a wrong token [D-4, D-26]', async () => {
    await using confluence = await serveConfluence('dc')
    const open = (token: string) =>
      createV1Client({ host: confluence.origin, auth: { type: 'bearer', token } })
    const v1 = open(personalAccessToken)
    expect(await v1.users.getCurrentUser()).toMatchObject({ username: 'noa.levi' })
    const { results } = await v1.search.searchByCQL({ cql: 'space = PAY and label = decision' })
    expect(results.map(({ title }) => title)).toEqual(['Decision: one payment provider'])
    const id = defined(results[0]?.content?.id)
    await v1.contentLabels.addLabelsToContent({ id, body: [{ prefix: 'global', name: 'done' }] })
    const { results: labelled } = await v1.search.searchByCQL({ cql: 'label = done' })
    expect(labelled).toHaveLength(1)
    expect(await open('wrong').users.getCurrentUser()).toMatchObject({ type: 'anonymous' })
  })
})
