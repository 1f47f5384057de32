import { createServer, type Server } from 'node:http'
import {
  createServer as createSocketServer,
  type AddressInfo,
  type Server as SocketServer,
} from 'node:net'
import { checkJiraToken } from '@studioops/contracts/accounts'
import { testModel } from '@studioops/contracts/connections'
import type { TestServer } from '../global-setup.ts'
import { startTestApp, type TestApp } from '../test-app.ts'
import type { TestClient } from '../test-client.ts'
import { fillPath, type Route, routesOf } from './route-shapes.ts'
import { numbersFrom, sampleOf, type Shape, withAt } from './shape-samples.ts'
import { trickyLookup, trickyUrls } from './tricky-urls.ts'

export type SsrfReport = {
  readonly urls: number
  /** Where they were put: fields of the API, a header, and answers of a hostile Jira. */
  readonly fields: readonly string[]
  readonly requests: number
  /** Connections that reached the canaries; must be 0. */
  readonly connections: number
  readonly findings: readonly string[]
}

type Plan = {
  /** How many of the URLs each field gets; all where absent. */
  readonly urlsMax?: number
  readonly seed: number
  readonly postgres?: TestServer
  readonly signal?: AbortSignal
}

type Field = { readonly route: Route; readonly path: readonly string[]; readonly name: string }

/**
 * Puts every tricky URL into every field that takes one, and into what a Jira answers, and counts the
 * connections at a listener that nobody may reach (S-04).
 */
export async function ssrfCampaign({ urlsMax, seed, postgres, signal }: Plan): Promise<SsrfReport> {
  await using opened = new AsyncDisposableStack()
  const canary = await openCanary()
  opened.defer(() => canary.close())
  const redirecting = await openRedirecting(canary.port)
  opened.defer(() => redirecting.close())
  const hostile = await openHostileJira()
  opened.defer(() => hostile.close())

  let clock = 0
  const app = opened.use(
    await startTestApp({
      ...(postgres === undefined ? {} : { postgres }),
      allowedHosts: [
        `127.0.0.2:${redirecting.port}`,
        `127.0.0.1:${hostile.port}`,
        'inside.example',
        'localhost',
        '127.0.0.0/8',
      ],
      ground: { lookup: trickyLookup(), attemptClock: () => (clock += 60_000) },
    }),
  )
  const all = trickyUrls({ canary: canary.port, redirecting: redirecting.port })
  const urls = urlsMax === undefined ? all : spread(all, urlsMax)
  const random = numbersFrom(seed)
  const findings: string[] = []
  let requests = 0

  const attempt = async (name: string, url: string, send: () => Promise<unknown>) => {
    if (signal?.aborted === true) return
    const before = canary.connections()
    requests += 1
    await send()
    if (canary.connections() > before) findings.push(`${name} reached the canary by ${url}`)
  }

  // While nobody has registered any address may be given: the widest that this field gets.
  const visitor = app.visitor()
  for (const url of urls)
    await attempt('POST /api/registrations jiraUrl, first visit', url, () =>
      visitor.try(checkJiraToken, { body: { jiraUrl: url, token: 'x'.repeat(44) } }),
    )
  const hostileUrl = `http://127.0.0.1:${hostile.port}`
  for (const member of ['avatar', 'self'] as const)
    for (const url of urls) {
      hostile.answer(member, url)
      await attempt(`${member} in the answer of a Jira`, url, () =>
        visitor.try(checkJiraToken, { body: { jiraUrl: hostileUrl, token: 'x'.repeat(44) } }),
      )
    }
  const client = await app.signedIn()
  const fields = fieldsOf(app)
  for (const field of fields)
    for (const url of urls)
      await attempt(field.name, url, () => put(field, { url, client, random }))
  for (const url of urls)
    await attempt('the header X-Atlassian-Jira-Url', url, () => askMcp(client, url))

  if (!(await isConnecting(app, client)))
    findings.push('the field of the model reaches nothing at all, so the run proves nothing')
  return {
    urls: urls.length,
    fields: [
      'jiraUrl on the first visit',
      'avatar in an answer',
      'self in an answer',
      ...fields.map(({ name }) => name),
      'header of the MCP server',
    ],
    requests,
    connections: canary.connections(),
    findings,
  }
}

/** Some of all, from every part of the list. */
function spread<T>(items: readonly T[], count: number): T[] {
  const step = Math.max(1, Math.floor(items.length / count))
  return items.filter((_, index) => index % step === 0)
}

/** Every place of every body that takes an address, by its format or by its name. */
function fieldsOf({ app }: TestApp): Field[] {
  return routesOf(app).flatMap((route) =>
    route.body === undefined
      ? []
      : addressesIn(route.body).map((path) => ({
          route,
          path,
          name: `${route.name} ${path.join('.')}`,
        })),
  )
}

function addressesIn(shape: Shape, path: readonly string[] = []): (readonly string[])[] {
  const { format, properties, anyOf, oneOf, allOf } = shape
  const isNamed = shape['type'] === 'string' && /(url|uri|endpoint|host)$/i.test(path.at(-1) ?? '')
  if (format === 'uri' || isNamed) return [path]
  const variants = [anyOf, oneOf, allOf].flatMap((list) => (list ?? []) as Shape[])
  const parts = Object.entries((properties ?? {}) as Record<string, Shape>)
  return [
    ...variants.flatMap((variant) => addressesIn(variant, path)),
    ...parts.flatMap(([name, part]) => addressesIn(part, [...path, name])),
  ]
}

type Putting = { readonly url: string; readonly client: TestClient; readonly random: () => number }

async function put({ route, path }: Field, { url, client, random }: Putting): Promise<void> {
  const good = sampleOf(route.body ?? {}, random)
  const response = await client.fetch(
    fillPath(route, () => crypto.randomUUID()),
    {
      method: route.method,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(withAt(good, path, url)),
    },
  )
  await response.text()
}

async function askMcp(client: TestClient, url: string): Promise<void> {
  const response = await client.fetch('/mcp/jira', {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'x-atlassian-jira-url': encodeURI(url.toWellFormed()),
      'x-atlassian-jira-personal-token': 'x'.repeat(44),
    },
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: { name: 'jira_get_issue', arguments: { issue_key: 'PAY-1' } },
    }),
  })
  await response.text()
}

/** The way out works where it may, so that no connection means refusal and not a broken wire. */
async function isConnecting(app: TestApp, client: TestClient): Promise<boolean> {
  const body = { baseUrl: app.model.url, model: 'demo-writer', apiKey: app.model.key }
  return (await client.call(testModel, { body })).passed
}

async function openCanary() {
  let connections = 0
  const server: SocketServer = createSocketServer((socket) => {
    connections += 1
    socket.destroy()
  })
  // Every address of this machine, of both families.
  await new Promise<void>((resolve) => server.listen(0, '::', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => connections,
    close: () => void server.close(),
  }
}

async function openRedirecting(canaryPort: number) {
  const server = createServer((_request, response) =>
    response.writeHead(302, { location: `http://127.0.0.1:${canaryPort}/inner` }).end(),
  )
  await listenOn(server, '127.0.0.2')
  return { port: (server.address() as AddressInfo).port, close: () => closeNow(server) }
}

/** A Jira that says of a person, or of itself, what it likes. */
async function openHostileJira() {
  let said: { member: 'avatar' | 'self'; url: string } = { member: 'avatar', url: '' }
  const server = createServer((request, response) => {
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const answers: Record<string, unknown> = {
      '/rest/api/2/serverInfo': {
        baseUrl: said.member === 'self' ? said.url : origin,
        version: '10.3.0',
        versionNumbers: [10, 3, 0],
        deploymentType: 'Server',
      },
      '/rest/api/2/myself': {
        self: said.member === 'self' ? said.url : `${origin}/rest/api/2/user?username=eve`,
        key: 'JIRAUSER1',
        name: 'eve',
        displayName: 'Eve',
        emailAddress: 'eve@studio.example',
        active: true,
        deleted: false,
        avatarUrls: { '48x48': said.member === 'avatar' ? said.url : `${origin}/avatar.png` },
      },
    }
    const answer = answers[(request.url ?? '').split('?')[0] ?? '']
    response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(answer ?? {}))
  })
  await listenOn(server, '127.0.0.1')
  return {
    port: (server.address() as AddressInfo).port,
    answer(member: 'avatar' | 'self', url: string) {
      said = { member, url }
    },
    close: () => closeNow(server),
  }
}

const listenOn = (server: Server, host: string) =>
  new Promise<void>((resolve) => server.listen(0, host, resolve))

function closeNow(server: Server): void {
  server.closeAllConnections()
  server.close()
}
