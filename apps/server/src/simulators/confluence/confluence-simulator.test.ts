import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  serveConfluence,
  type ServedConfluence,
  wikiPerson,
} from './served-confluence.test-data.ts'
import { storageProblem } from './storage-check.ts'

let now = Date.UTC(2026, 10, 21, 10)

describe('the simulated Confluence, second edition [D-26]', () => {
  let confluence: ServedConfluence
  beforeAll(async () => {
    const spaces = [
      { id: 1, key: 'TEAM', name: 'Team handbook', isPublic: true },
      { id: 2, key: 'PAY', name: 'Payments', editors: ['daniel.cohen'] },
      { id: 3, key: 'STU', name: 'סטודיו' },
    ]
    confluence = await serveConfluence('dc', { spaces, clock: () => now })
  })
  afterAll(() => confluence[Symbol.asyncDispose]())

  const call = async (path: string, { as = 'noa.levi', method = 'GET', body }: Call = {}) => {
    const response = await fetch(`${confluence.url}${path}`, {
      method,
      headers: {
        ...(as === '' ? {} : { authorization: `Bearer ${wikiPerson(as).personalAccessToken}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    return { status: response.status, json: text === '' ? undefined : JSON.parse(text) }
  }
  type Call = { as?: string; method?: string; body?: unknown }
  const titles = async (cql: string, as = 'noa.levi') => {
    const path = `/rest/api/search?cql=${encodeURIComponent(cql)}`
    const { json } = await call(path, { as })
    return json.results.map(({ title }: { title: string }) => title)
  }
  const create = (title: string, value: string, spaceKey = 'TEAM') =>
    call('/rest/api/content', {
      method: 'POST',
      body: {
        type: 'page',
        title,
        space: { key: spaceKey },
        body: { storage: { value, representation: 'storage' } },
      },
    })

  it('shows strangers public spaces only, and people what they may see', async () => {
    expect(await titles('type = page order by title', '')).toEqual([
      'Definition of done',
      'Stories',
      'Team handbook',
    ])
    confluence.simulator.restrict('Card storage rules', { read: ['daniel.cohen'] })
    expect(await titles('label = cards')).toEqual([])
    expect(await titles('label = cards', 'daniel.cohen')).toEqual(['Card storage rules'])
    confluence.simulator.restrict('Card storage rules', {})
    expect(await create('Mine', '<p/>', 'PAY')).toMatchObject({ status: 403 })
  })

  it('finds a new page only when the index has come to it, but by its title at once', async () => {
    confluence.simulator.setSearchDelay(60_000)
    expect(await create('Fresh page', '<p>brand new</p>')).toMatchObject({ status: 200 })
    expect(await titles('text ~ "brand"')).toEqual([])
    const { json } = await call('/rest/api/content?spaceKey=TEAM&title=Fresh%20page')
    expect(json.results).toHaveLength(1)
    now += 61_000
    expect(await titles('text ~ "brand"')).toEqual(['Fresh page'])
    expect(await call('/rest/api/search?cql=nonsense')).toMatchObject({ status: 400 })
    confluence.simulator.setSearchDelay(0)
  })

  it('keeps versions, refuses one that is not the next, and gives back what was in the trash', async () => {
    const { json: page } = await create('Versions', '<p>1</p>')
    const put = (number: number, query = '') =>
      call(`/rest/api/content/${page.id}${query}`, {
        method: 'PUT',
        body: { type: 'page', title: 'Versions', version: { number } },
      })
    expect((await put(3)).json).toMatchObject({ statusCode: 409 })
    expect(await put(2)).toMatchObject({ status: 200 })
    await call(`/rest/api/content/${page.id}`, { method: 'DELETE' })
    expect(await call(`/rest/api/content/${page.id}`)).toMatchObject({ status: 404 })
    expect(await create('Versions', '<p>other</p>')).toMatchObject({ status: 200 })
    // Its title has been taken since.
    expect(await put(3, '?status=trashed')).toMatchObject({ status: 400 })
    const kept = confluence.simulator.snapshot()
    confluence.simulator.restore(kept)
    expect(confluence.simulator.snapshot()).toEqual(kept)
  })

  it('goes on with a list where it ended', async () => {
    const first = await call('/rest/api/content?type=page&limit=2')
    expect([first.json.size, typeof first.json._links.next]).toEqual([2, 'string'])
    const last = await call('/rest/api/content?type=page&limit=100')
    expect(last.json._links.next).toBeUndefined()
  })
})

it.each([
  [
    '<p>a<br/>b &nbsp; &amp; &#x5d0;</p><!-- note --><ac:image><ri:attachment ri:filename="a.png"/></ac:image>',
    undefined,
  ],
  ['<ac:plain-text-body><![CDATA[a < b & c]]></ac:plain-text-body>', undefined],
  ['<p>open', 'Unexpected EOF'],
  ['<p>a</b></p>', 'Unexpected close tag </b>'],
  ['<p>a & b</p>', 'Unexpected character'],
  ['<p>a < b</p>', 'Unexpected character'],
  ['<p>&made;</p>', 'Undeclared general entity'],
  ['<x:p/>', 'Undeclared namespace prefix'],
  ['<p a="1" a="2"/>', 'Duplicate attribute'],
  ['<p a=1/>', 'Unexpected character'],
])('refuses what is not well-formed, as the real one does: %s [D-26]', (source, problem) => {
  expect(storageProblem(source) ?? 'fine').toContain(problem ?? 'fine')
})
