import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import fastify from 'fastify'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { currentContext, newContext, runInContext } from '../../../platform/log/log.ts'
import { createOutbound, type Outbound } from '../../../platform/outbound/outbound.ts'
import { Secret } from '../../../platform/secret/secret.ts'
import { demoPeople, demoProjects } from '../../../simulators/demo-data.ts'
import { createJiraSimulator } from '../../../simulators/jira/jira-simulator.ts'
import { serveSimulators } from '../../../simulators/serve.ts'
import { createJiraClient } from '../../jira/jira-client.ts'
import type { JiraFlavour } from '../../jira/jira-credential.ts'
import { JiraError, type JiraFailure } from '../../jira/jira-error.ts'
import { createJiraMcpHandler } from './jira-mcp-http.ts'
import { createJiraMcpServer } from './jira-server.ts'
import { createJiraTools } from './jira-tool-calls.ts'
import { connectInProcess, type McpClient } from '../mcp-in-process.ts'

const [noa] = demoPeople
if (noa === undefined) throw new Error('the demo has no people')

const serve = () =>
  serveSimulators({
    '/jira': (publicUrl) =>
      createJiraSimulator({ publicUrl, flavour: 'dc', people: demoPeople, projects: demoProjects }),
    '/cloud': (publicUrl) =>
      createJiraSimulator({
        publicUrl,
        flavour: 'cloud',
        people: demoPeople,
        projects: demoProjects,
        searchDelayMs: 0,
      }),
  })

let served: Awaited<ReturnType<typeof serve>>
let outbound: Outbound
let closing: (() => Promise<unknown>)[] = []
beforeEach(async () => {
  served = await serve()
  outbound = createOutbound({
    allowed: { listed: [], trustedOrigins: () => [served.origin] },
    clock: { now: () => Date.now(), wait: async () => {} },
  })
})
afterEach(async () => {
  for (const close of closing.toReversed()) await close()
  closing = []
  await outbound[Symbol.asyncDispose]()
  await served.close()
})

const paths = { dc: '/jira', cloud: '/cloud' } as const

function jiraClient(flavour: JiraFlavour, token = noa?.personalAccessToken ?? '') {
  const baseUrl = `${served.origin}${paths[flavour]}`
  const credential =
    flavour === 'dc'
      ? ({ kind: 'pat', token: new Secret(token) } as const)
      : ({
          kind: 'basic',
          email: noa?.emailAddress ?? '',
          token: new Secret(noa?.apiToken ?? ''),
        } as const)
  return createJiraClient({ outbound, baseUrl, flavour, credential })
}

async function inProcess(flavour: JiraFlavour = 'dc', token?: string): Promise<McpClient> {
  const client = await connectInProcess(createJiraMcpServer(jiraClient(flavour, token)))
  closing.push(() => client.close())
  return client
}

const newIssue = {
  projectKey: 'PAY',
  issueType: 'Story',
  summary: 'Pay by transfer',
  description: '## Goal\n\nPay **now**',
  additionalFields: { labels: ['so-abcdefghij'] },
}

async function failureOf(work: Promise<unknown>): Promise<JiraFailure> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(JiraError)
  return (error as JiraError).failure
}

/** The useful part of the other server's tools (`external-apis.md` 12.1). */
const wanted = [
  'jira_add_comment',
  'jira_add_issues_to_sprint',
  'jira_add_watcher',
  'jira_add_worklog',
  'jira_assign_issue',
  'jira_batch_create_issues',
  'jira_batch_create_versions',
  'jira_batch_get_changelogs',
  'jira_create_issue',
  'jira_create_issue_link',
  'jira_create_remote_issue_link',
  'jira_create_sprint',
  'jira_create_version',
  'jira_delete_issue',
  'jira_download_attachments',
  'jira_edit_comment',
  'jira_get_agile_boards',
  'jira_get_all_projects',
  'jira_get_board_issues',
  'jira_get_create_fields',
  'jira_get_cross_project_dependencies',
  'jira_get_field_options',
  'jira_get_issue',
  'jira_get_issue_dates',
  'jira_get_issue_images',
  'jira_get_issue_watchers',
  'jira_get_link_types',
  'jira_get_project_components',
  'jira_get_project_epic_hierarchy',
  'jira_get_project_fields',
  'jira_get_project_issue_types',
  'jira_get_project_issues',
  'jira_get_project_versions',
  'jira_get_sprint_issues',
  'jira_get_sprints_from_board',
  'jira_get_transitions',
  'jira_get_user_profile',
  'jira_get_worklog',
  'jira_link_to_epic',
  'jira_move_issue',
  'jira_move_issues_to_backlog',
  'jira_remove_issue_link',
  'jira_remove_watcher',
  'jira_search',
  'jira_search_assignable_users',
  'jira_search_fields',
  'jira_search_projects',
  'jira_transition_issue',
  'jira_update_issue',
  'jira_update_sprint',
  'jira_update_version',
]
const reads = wanted.filter((name) => /_(get|search|download)_|search$|changelogs$/.test(name))

async function listedNames(client: Client): Promise<string[]> {
  const { tools } = await client.listTools()
  return tools.map(({ name }) => name).toSorted()
}

describe('tools', () => {
  it('are those of mcp-atlassian, and say what they are, want and give [CON-10]', async () => {
    const client = await inProcess()
    const { tools } = await client.listTools()
    expect(tools.map(({ name }) => name).toSorted()).toEqual(wanted)
    for (const tool of tools) {
      expect(tool.title).toBeTruthy()
      expect(tool.outputSchema?.['type']).toBe('object')
      expect(tool.annotations?.readOnlyHint).toBe(reads.includes(tool.name))
      for (const property of Object.values(tool.inputSchema.properties ?? {}))
        expect(property).toHaveProperty('type')
    }
  })

  it('leave out what writes where only reading is wanted', async () => {
    const client = await connectInProcess(createJiraMcpServer(jiraClient('dc'), { readOnly: true }))
    closing.push(() => client.close())
    expect(await listedNames(client)).toEqual(reads)
  })

  it('move an issue to another project on Cloud, and say that Data Center cannot', async () => {
    const cloud = createJiraTools(await inProcess('cloud'))
    const made = await cloud.createIssue(newIssue)
    const client = await inProcess('cloud')
    const args = { issue_key: made.key, target_project_key: 'STU' }
    const moved = await client.callTool({ name: 'jira_move_issue', arguments: args })
    expect(moved.structuredContent).toMatchObject({ issue_key: 'STU-1', done: true })
    expect(await cloud.getIssue('STU-1')).toMatchObject({ summary: newIssue.summary })

    const own = await inProcess('dc')
    const kept = await createJiraTools(own).createIssue(newIssue)
    const there = { issue_key: kept.key, target_project_key: 'STU' }
    const refused = await own.callTool({ name: 'jira_move_issue', arguments: there })
    expect([refused.isError, JSON.stringify(refused.content)]).toEqual([
      true,
      expect.stringContaining('This Jira cannot do that'),
    ])
  })

  it.each(['dc', 'cloud'] as const)(
    'carry the main job through %s [CON-10, CON-11]',
    async (flavour) => {
      const client = await inProcess(flavour)
      const tools = createJiraTools(client)
      expect((await tools.projects()).map(({ key }) => key)).toContain('PAY')
      const story = (await tools.issueTypes('PAY')).find(({ name }) => name === 'Story')
      const { fields, storyPointsFieldId = '' } = await tools.createFields('PAY', story?.id ?? '')
      expect(fields.map(({ id }) => id)).toEqual(
        expect.arrayContaining(['labels', storyPointsFieldId]),
      )

      const additionalFields = { ...newIssue.additionalFields, [storyPointsFieldId]: 3 }
      const created = await tools.createIssue({ ...newIssue, additionalFields })

      expect(created).toMatchObject({ key: 'PAY-1' })
      expect(await tools.getIssue('PAY-1')).toMatchObject({
        summary: 'Pay by transfer',
        description: '## Goal\n\nPay **now**',
        labels: ['so-abcdefghij'],
      })
      expect(await tools.search('project = PAY AND labels = "so-abcdefghij"', 5)).toMatchObject([
        { key: 'PAY-1' },
      ])
      expect(await tools.getIssue('PAY-2')).toBeUndefined()
      const profile = await client.callTool({ name: 'jira_get_user_profile', arguments: {} })
      expect(profile.structuredContent).toMatchObject({ displayName: 'נועה לוי' })
    },
  )

  it('add nothing to an issue that people see', async () => {
    const client = await inProcess()
    await client.callTool({
      name: 'jira_create_issue',
      arguments: { project_key: 'PAY', summary: 'bare', issue_type: '10001' },
    })
    const issue = await jiraClient('dc').getIssue('PAY-1', { fields: ['*all'] })
    expect(issue.fields).toMatchObject({ labels: [], description: null })
  })

  it('work in the context of their caller [OBS-3]', async () => {
    const seen: (string | undefined)[] = []
    const watched: Outbound = {
      ...outbound,
      send: (request) => {
        seen.push(currentContext()?.correlationId)
        return outbound.send(request)
      },
    }
    const credential = { kind: 'pat', token: new Secret(noa.personalAccessToken) } as const
    const baseUrl = `${served.origin}/jira`
    const jira = createJiraClient({ outbound: watched, baseUrl, flavour: 'dc', credential })
    const client = await connectInProcess(createJiraMcpServer(jira))
    closing.push(() => client.close())
    const tools = createJiraTools(client)
    await Promise.all(
      ['first', 'second'].map((id) => runInContext(newContext(id), () => tools.projects())),
    )
    expect(new Set(seen)).toEqual(new Set(['first', 'second']))
  })

  it('narrow a search to the projects that the caller names', async () => {
    const client = await inProcess()
    const tools = createJiraTools(client)
    await tools.createIssue(newIssue)
    const search = async (filter: string) => {
      const { structuredContent } = await client.callTool({
        name: 'jira_search',
        arguments: {
          jql: 'labels = "so-abcdefghij" OR labels = "x" ORDER BY created DESC',
          projects_filter: filter,
        },
      })
      return (structuredContent as { issues: unknown[] }).issues.length
    }
    expect(await search('PAY,OPS')).toBe(1)
    expect(await search('OPS')).toBe(0)
  })
})

describe('a failed tool', () => {
  it.each([
    [{ kind: 'effect-then-lost' }, { kind: 'unreachable', sent: true }],
    [{ kind: 'garbage' }, { kind: 'unexpected-answer', sent: true }],
    [
      { kind: 'status', status: 502, body: 'html' },
      { kind: 'server-error', sent: true, status: 502 },
    ],
    [
      { kind: 'too-many-requests', retryAfter: '9' },
      { kind: 'rate-limited', retryAfterMs: 9_000 },
    ],
    [{ kind: 'captcha' }, { kind: 'captcha' }],
  ] as const)('after %o says %o', async (fault, expected) => {
    served.simulators['/jira'].faults.set({ fault, route: 'POST *' })
    const tools = createJiraTools(await inProcess())
    expect(await failureOf(tools.createIssue(newIssue))).toMatchObject(expected)
  })

  it('says by field what Jira refused', async () => {
    const tools = createJiraTools(await inProcess())
    const additionalFields = { customfield_99: 1 }
    const failure = await failureOf(tools.createIssue({ ...newIssue, additionalFields }))
    expect(failure).toMatchObject({ kind: 'rejected', status: 400 })
    expect(Object.keys(failure.fields)).toEqual(['customfield_99'])
  })

  it('tells a model what to do next, and no stack', async () => {
    const client = await inProcess('dc', 'nonsense')
    const result = await client.callTool({ name: 'jira_get_all_projects', arguments: {} })
    expect(result.isError).toBe(true)
    expect(result.content).toMatchObject([
      {
        type: 'text',
        text: expect.stringMatching(/does not accept this token[\s\S]*Copy the token/),
      },
    ])
    expect(JSON.stringify(result)).not.toMatch(/at .*\.ts:\d+/)
  })

  it.each([
    ['no JSON', 'labels: a', /JSON object is expected/],
    ['no object', '["a"]', /JSON object is expected/],
    ['another project', '{"project":{"key":"OPS"}}', /arguments of their own/],
  ])('refuses additional fields that are %s, before anything is sent', async (...row) => {
    const [, additional_fields, expected] = row
    const client = await inProcess()
    const result = await client.callTool({
      name: 'jira_create_issue',
      arguments: { project_key: 'PAY', summary: 'a', issue_type: 'Story', additional_fields },
    })
    expect(result.isError).toBe(true)
    expect(JSON.stringify(result.content)).toMatch(expected)
    expect(result.structuredContent).toMatchObject({ error: { kind: 'rejected', sent: false } })
    expect(served.simulators['/jira'].counters()['creates']).toMatchObject({ total: 0 })
  })

  it('refuses arguments of the wrong form, and lets the caller mend them', async () => {
    const client = await inProcess()
    const result = await client.callTool({
      name: 'jira_create_issue',
      arguments: { project_key: 'no key', summary: 5 },
    })
    expect(result.isError).toBe(true)
    expect(JSON.stringify(result.content)).toContain('project_key')
  })

  it('may have run when the caller stops in the middle [D-12]', async () => {
    served.simulators['/jira'].faults.set({ fault: { kind: 'effect-then-hang' }, route: 'POST *' })
    const tools = createJiraTools(await inProcess())
    const signal = AbortSignal.timeout(200)
    expect(await failureOf(tools.createIssue(newIssue, { signal }))).toMatchObject({
      kind: 'aborted',
      sent: true,
    })
  })

  it('never ran when there is no connection', async () => {
    const client = await inProcess()
    await client.close()
    expect(await failureOf(createJiraTools(client).projects())).toMatchObject({
      kind: 'unreachable',
      sent: false,
    })
  })
})

describe('over HTTP', () => {
  async function endpoint(more: Partial<Parameters<typeof createJiraMcpHandler>[0]> = {}) {
    const handler = createJiraMcpHandler({ outbound, ...more })
    const http = fastify()
    handler.register(http, '/mcp/jira')
    await http.listen({ port: 0, host: '127.0.0.1' })
    closing.push(
      () => handler[Symbol.asyncDispose](),
      async () => {
        http.server.closeAllConnections()
        await http.close()
      },
    )
    const { port } = http.server.address() as AddressInfo
    return `http://127.0.0.1:${port}/mcp/jira`
  }
  const credentials = () => ({
    'x-atlassian-jira-url': `${served.origin}/jira`,
    'x-atlassian-jira-personal-token': noa?.personalAccessToken ?? '',
  })

  it.each([
    ['legacy', 'legacy', 'legacy'],
    ['modern', { pin: '2026-07-28' }, 'modern'],
    ['negotiated', 'auto', 'modern'],
  ] as const)('serves the %s era', async (_what, mode, era) => {
    const url = new URL(await endpoint())
    const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode } })
    await client.connect(
      new StreamableHTTPClientTransport(url, { requestInit: { headers: credentials() } }),
    )
    closing.push(() => client.close())

    expect(client.getProtocolEra()).toBe(era)
    expect(await listedNames(client)).toEqual(wanted)
    const tools = createJiraTools(client)
    expect(await tools.createIssue(newIssue)).toMatchObject({ key: 'PAY-1' })
    const failure = await failureOf(tools.createIssue({ ...newIssue, issueType: 'Nonsense' }))
    expect(failure).toMatchObject({ kind: 'rejected', status: 400 })
  })

  it.each([
    ['Authorization: Token', '/jira', () => `Token ${noa.personalAccessToken}`],
    [
      'Authorization: Basic, for Cloud',
      '/cloud',
      () => `Basic ${Buffer.from(`${noa.emailAddress}:${noa.apiToken}`).toString('base64')}`,
    ],
  ])('takes the credential from %s', async (_what, path, authorization) => {
    const headers = {
      'x-atlassian-jira-url': `${served.origin}${path}`,
      authorization: authorization(),
    }
    const client = new Client({ name: 'test', version: '1' })
    const url = new URL(await endpoint())
    await client.connect(new StreamableHTTPClientTransport(url, { requestInit: { headers } }))
    closing.push(() => client.close())
    const result = await client.callTool({ name: 'jira_get_user_profile', arguments: {} })
    expect(result.structuredContent).toMatchObject({ displayName: 'נועה לוי' })
  })

  const initialize = {
    jsonrpc: '2.0',
    id: 1,
    method: 'initialize',
    params: {
      protocolVersion: '2025-11-25',
      capabilities: {},
      clientInfo: { name: 'test', version: '1' },
    },
  }
  async function post(url: string, headers: Record<string, string>) {
    const answer = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        ...headers,
      },
      body: JSON.stringify(initialize),
    })
    return { status: answer.status, headers: answer.headers, body: await answer.text() }
  }

  it.each([
    ['nothing', {}],
    ['no token', { 'x-atlassian-jira-url': 'https://jira.example' }],
    ['no address', { 'x-atlassian-jira-personal-token': 'abc' }],
    ['no web address', { 'x-atlassian-jira-url': 'file:///etc', authorization: 'Token abc' }],
    [
      'an OAuth token',
      { 'x-atlassian-jira-url': 'https://jira.example', authorization: 'Bearer a' },
    ],
  ])('asks for a credential when there is %s', async (_what, headers) => {
    const answer = await post(await endpoint(), headers as Record<string, string>)
    expect(answer.status).toBe(401)
    expect(answer.headers.get('www-authenticate')).toMatch(/^Token /)
    expect(answer.body).toContain('X-Atlassian-Jira-Personal-Token')
  })

  it('refuses pages of other sites, and names that were bent to our address', async () => {
    const url = await endpoint()
    const { port } = new URL(url)
    const own = await post(url, { ...credentials(), origin: `http://127.0.0.1:${port}` })
    const foreign = await post(url, { ...credentials(), origin: 'https://evil.example' })
    const opaque = await post(url, { ...credentials(), origin: 'null' })
    expect([own.status, foreign.status, opaque.status]).toEqual([200, 403, 403])

    const { request } = await import('node:http')
    const rebound = request(url, {
      method: 'POST',
      headers: { ...credentials(), host: `evil.example:${port}` },
    }).end()
    const [answer] = (await once(rebound, 'response')) as [{ statusCode: number; resume(): void }]
    answer.resume()
    expect(answer.statusCode).toBe(403)
  })

  it('calls no Jira that the workspace does not allow [D-2]', async () => {
    const url = await endpoint({ allowBaseUrl: (baseUrl) => !baseUrl.includes('/jira') })
    expect((await post(url, credentials())).status).toBe(403)
  })

  it('calls nothing inside either', async () => {
    const url = new URL(await endpoint())
    const headers = { ...credentials(), 'x-atlassian-jira-url': 'http://169.254.169.254/' }
    const client = new Client({ name: 'test', version: '1' })
    await client.connect(new StreamableHTTPClientTransport(url, { requestInit: { headers } }))
    closing.push(() => client.close())
    expect(await failureOf(createJiraTools(client).projects())).toMatchObject({
      kind: 'not-allowed',
      sent: false,
    })
  })
})

describe('over stdio', () => {
  const program = join(import.meta.dirname, '../../../cli/studioops.ts')

  it.each([
    ['legacy', 'legacy', 'legacy'],
    ['modern', { pin: '2026-07-28' }, 'modern'],
  ] as const)(
    'serves the %s era, and standard output is the protocol only',
    async (_what, mode, era) => {
      const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode } })
      const transport = new StdioClientTransport({
        command: process.execPath,
        args: [program, 'mcp', 'jira'],
        env: {
          JIRA_URL: `${served.origin}/jira`,
          JIRA_PERSONAL_TOKEN: noa.personalAccessToken,
        },
        stderr: 'pipe',
      })
      const junk: string[] = []
      transport.onerror = (error) => junk.push(error.message)
      await client.connect(transport)
      closing.push(() => client.close())

      expect(client.getProtocolEra()).toBe(era)
      expect(await listedNames(client)).toEqual(wanted)
      expect(await createJiraTools(client).createIssue(newIssue)).toMatchObject({ key: 'PAY-1' })
      served.simulators['/jira'].faults.set({ fault: { kind: 'away' } })
      expect((await failureOf(createJiraTools(client).projects())).kind).toBe('unreachable')
      expect(junk).toEqual([])
    },
  )

  it('says what is missing, and ends', async () => {
    const child = spawn(process.execPath, [program, 'mcp', 'jira'], {
      env: { JIRA_URL: 'https://jira.example' },
    })
    let told = ''
    child.stderr.on('data', (chunk: Buffer) => (told += chunk.toString()))
    const [code] = (await once(child, 'close')) as [number]
    expect(code).toBe(2)
    expect(told).toContain('JIRA_PERSONAL_TOKEN')
  })
})
