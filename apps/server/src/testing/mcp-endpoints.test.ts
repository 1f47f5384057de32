import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import {
  type AccessScope,
  createAccessToken,
  listAccessTokens,
  revokeAccessToken,
} from '@studioops/contracts/access-tokens'
import { approveStory, getStory } from '@studioops/contracts/stories'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { startTestApp, type TestApp } from './test-app.ts'

let test: TestApp
const clients: Client[] = []
beforeAll(async () => {
  test = await startTestApp()
})
afterEach(async () => {
  for (const client of clients.splice(0)) await client.close()
})
afterAll(() => test[Symbol.asyncDispose]())

async function tokenFor(scopes: AccessScope[], days = 7) {
  const person = await test.steppedUp()
  const { token, secret } = await person.call(createAccessToken, {
    body: { name: 'my editor', scopes, days },
  })
  return { person, token, secret }
}

type Mode = 'legacy' | 'auto'

async function connected(
  secret: string,
  { path = '/mcp', mode = 'auto' as Mode, language = 'en' } = {},
) {
  const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode } })
  const headers = { authorization: `Bearer ${secret}`, 'accept-language': language }
  const url = new URL(`${test.origin}${path}`)
  await client.connect(new StreamableHTTPClientTransport(url, { requestInit: { headers } }))
  clients.push(client)
  return client
}

const ask = (path: string, headers: Record<string, string>) =>
  fetch(`${test.origin}${path}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...headers,
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} }),
  })

const textOf = (result: { content?: unknown }) => JSON.stringify(result.content)

describe('StudioOps as an MCP server', () => {
  it.each(['legacy', 'auto'] as const)(
    'drafts a story in the %s era, and leaves the approval to a person [D-25]',
    async (mode) => {
      const person = await test.withModel()
      await test.steppedUp()
      const { secret } = await tokenFor([
        'stories.read',
        'stories.draft',
        'waiting.read',
        'health.read',
      ])
      const client = await connected(secret, { mode })
      const names = (await client.listTools()).tools.map(({ name }) => name)
      expect(names).not.toContainEqual(expect.stringMatching(/approve_|send|create_issue/))

      const drafted = await client.callTool({
        name: 'studioops_draft_story',
        arguments: {
          requirement: `Pay by transfer in ${mode}`,
          project_key: 'PAY',
          issue_type: 'Story',
        },
      })
      const { id } = drafted.structuredContent as { id: string }
      await expect
        .poll(async () => (await person.call(getStory, { params: { storyId: id } })).story.state, {
          timeout: 15_000,
        })
        .toBe('draft')

      const status = await client.callTool({
        name: 'studioops_get_approval_status',
        arguments: { story_id: id },
      })
      expect(status.structuredContent).toMatchObject({ next: 'approve' })
      const waiting = await client.callTool({ name: 'studioops_list_waiting', arguments: {} })
      expect(textOf(waiting)).toContain(id)
      const found = await client.callTool({
        name: 'studioops_search_stories',
        arguments: { query: `transfer ${mode}` },
      })
      expect(found.structuredContent).toMatchObject({ stories: [{ id, state: 'draft' }] })
      const health = await client.callTool({ name: 'studioops_get_service_health', arguments: {} })
      expect(health.structuredContent).toMatchObject({
        connections: expect.arrayContaining([
          expect.objectContaining({ system: 'jira', state: 'passed' }),
        ]),
      })
      expect(test.jira.simulator.counters()['creates']).toMatchObject({ total: 0 })
    },
    40_000,
  )

  it('has for a token only the tools of its scopes, and approves nothing with any token', async () => {
    const { secret } = await tokenFor(['health.read'])
    const client = await connected(secret)
    expect((await client.listTools()).tools.map(({ name }) => name)).toEqual([
      'studioops_get_service_health',
    ])
    const refused = await client.callTool({
      name: 'studioops_draft_story',
      arguments: { requirement: 'x' },
    })
    expect(refused.isError).toBe(true)
    expect(refused.structuredContent).toMatchObject({ code: 'mcp.tool-disabled' })
    const session = await fetch(
      `${test.origin}/api${approveStory.path.replace(':storyId', crypto.randomUUID())}`,
      { method: 'POST', headers: { authorization: `Bearer ${secret}` } },
    )
    expect([401, 403]).toContain(session.status)
  })

  it('tells mistakes in arguments in the language of the caller, with what is expected', async () => {
    const { secret } = await tokenFor(['stories.read'])
    const client = await connected(secret, { language: 'he' })
    const wrong = await client.callTool({
      name: 'studioops_search_stories',
      arguments: { Limit: 3, query: 5 },
    })
    expect(wrong.isError).toBe(true)
    expect(textOf(wrong)).toContain('חלק מהארגומנטים')
    expect(textOf(wrong)).toContain('Did you mean limit?')
    expect(wrong.structuredContent).toMatchObject({
      code: 'mcp.arguments',
      error: { sent: false },
      hint: { en: { message: expect.any(String) }, he: { message: expect.any(String) } },
    })
  })

  it('says where a token comes from and what it may do [RFC 9728]', async () => {
    const answer = await ask('/mcp', {})
    expect(answer.status).toBe(401)
    const metadata = /resource_metadata="([^"]+)"/.exec(
      answer.headers.get('www-authenticate') ?? '',
    )
    const document = await fetch(metadata?.[1] ?? '')
    expect(await document.json()).toMatchObject({
      resource: `${test.origin}/mcp`,
      bearer_methods_supported: ['header'],
    })
    const { secret } = await tokenFor(['health.read'])
    const wrongScope = await ask('/mcp/jira', { authorization: `Bearer ${secret}` })
    expect(wrongScope.status).toBe(403)
    expect(wrongScope.headers.get('www-authenticate')).toContain('insufficient_scope')
  })

  it('refuses pages of other sites before it looks at the token', async () => {
    const { secret } = await tokenFor(['health.read'])
    const headers = { authorization: `Bearer ${secret}`, origin: 'https://evil.example' }
    expect((await ask('/mcp', headers)).status).toBe(403)
  })

  it('serves the systems of the person, to be read only', async () => {
    const { secret } = await tokenFor(['systems.read'])
    const jira = await connected(secret, { path: '/mcp/jira' })
    const { tools } = await jira.listTools()
    expect(tools.every(({ annotations }) => annotations?.readOnlyHint === true)).toBe(true)
    const profile = await jira.callTool({ name: 'jira_get_user_profile', arguments: {} })
    expect(profile.structuredContent).toMatchObject({ displayName: 'נועה לוי' })
  })
})

describe('a token', () => {
  it('is shown once, works until it is ended, and tells when it was used', async () => {
    const { person, token, secret } = await tokenFor(['health.read'])
    await connected(secret)
    const { tokens } = await person.call(listAccessTokens, {})
    expect(JSON.stringify(tokens)).not.toContain(secret)
    expect(tokens.find(({ id }) => id === token.id)).toMatchObject({
      hint: secret.slice(-4),
      lastUsedAt: expect.any(String),
      state: 'valid',
    })
    await person.call(revokeAccessToken, { params: { tokenId: token.id } })
    expect((await ask('/mcp', { authorization: `Bearer ${secret}` })).status).toBe(401)
  })

  it('ends by itself', async () => {
    const { secret } = await tokenFor(['health.read'], 1)
    test.clock.now = new Date(Date.now() + 25 * 60 * 60_000)
    try {
      expect((await ask('/mcp', { authorization: `Bearer ${secret}` })).status).toBe(401)
    } finally {
      test.clock.now = undefined
    }
  })
})
