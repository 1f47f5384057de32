import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createConfluenceSimulator } from './confluence/confluence-simulator.ts'
import {
  demoConfluence,
  demoConfluencePeople,
  demoTrelloBoards,
  demoTrelloKey,
  demoTrelloMembers,
} from './demo-data.ts'
import { serveSimulators } from './serve.ts'
import { createTrelloSimulator } from './trello/trello-simulator.ts'

const serve = () =>
  serveSimulators({
    '/confluence': (publicUrl) =>
      createConfluenceSimulator({
        publicUrl,
        flavour: 'dc',
        ...demoConfluence,
      }),
    '/trello': () =>
      createTrelloSimulator({
        key: demoTrelloKey,
        members: demoTrelloMembers,
        boards: demoTrelloBoards,
        tokenLimit: 3,
        clock: () => now,
      }),
  })
let now = 0
let served: Awaited<ReturnType<typeof serve>>
beforeAll(async () => {
  served = await serve()
})
afterAll(() => served.close())

describe('the simulated Confluence [D-26]', () => {
  const current = (token: string) =>
    fetch(`${served.origin}/confluence/rest/api/user/current`, {
      headers: { authorization: `Bearer ${token}` },
    })
  const noa = demoConfluencePeople[0]?.personalAccessToken ?? ''

  it('lets a wrong token in as nobody, or refuses it with a page where strangers may not read', async () => {
    const { '/confluence': confluence } = served.simulators
    expect(await (await current('wrong')).json()).toMatchObject({ type: 'anonymous' })
    confluence.setAnonymousAccess(false)
    const refused = await current('wrong')
    expect(refused.status).toBe(401)
    expect(refused.headers.get('x-seraph-loginreason')).toBe('AUTHENTICATED_FAILED')
    expect(refused.headers.get('content-type')).toContain('text/html')
    confluence.setAnonymousAccess(true)
  })

  it('keeps what was revoked over a restart, and forgets nothing else', async () => {
    const { '/confluence': confluence } = served.simulators
    const before = confluence.snapshot()
    confluence.revokeToken('noa.levi')
    const after = confluence.snapshot()
    expect(await (await current(noa)).json()).toMatchObject({ type: 'anonymous' })
    confluence.restore(before)
    expect(await (await current(noa)).json()).toMatchObject({ username: 'noa.levi' })
    confluence.restore(after)
    expect(await (await current(noa)).json()).toMatchObject({ type: 'anonymous' })
    confluence.restore(before)
    expect(() => confluence.restore({ kind: 'trello' })).toThrow('not a snapshot')
  })
})

describe('the simulated Trello [D-26]', () => {
  const [noa] = demoTrelloMembers
  const ask = (path: string, key = demoTrelloKey, token = noa?.token) =>
    fetch(`${served.origin}/trello/1${path}`, {
      headers: { authorization: `OAuth oauth_consumer_key="${key}", oauth_token="${token}"` },
    })

  it('refuses in plain text, asks to slow down, and takes key and token in the address too', async () => {
    expect(await (await ask('/members/me', 'wrong')).text()).toBe('invalid key')
    expect(await (await ask('/members/me', demoTrelloKey, 'wrong')).text()).toBe('invalid token')
    const query = new URLSearchParams({ key: demoTrelloKey, token: noa?.token ?? '' })
    const member = await fetch(`${served.origin}/trello/1/members/me?${query.toString()}`)
    expect(await member.json()).toMatchObject({ username: 'noalevi' })
    expect(await (await ask(`/tokens/${noa?.token}`)).json()).toMatchObject({ idMember: noa?.id })
    await ask('/members/me/boards')
    const limited = await ask('/members/me')
    expect([limited.status, await limited.json()]).toEqual([
      429,
      { error: 'API_TOKEN_LIMIT_EXCEEDED', message: 'Rate limit exceeded' },
    ])
    now += 11_000
    expect((await ask('/members/me')).status).toBe(200)
    const { requests } = served.simulators['/trello'].counters()
    expect(JSON.stringify(requests)).not.toContain(noa?.token)
  })
})
