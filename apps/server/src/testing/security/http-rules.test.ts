import { request as open, type IncomingHttpHeaders } from 'node:http'
import {
  changePassword,
  checkJiraToken,
  getSession,
  register,
  signIn,
} from '@studioops/contracts/accounts'
import { createStory } from '@studioops/contracts/stories'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadConfig } from '../../config/config.ts'
import { demoPeople } from '../../simulators/demo-data.ts'
import { startTestApp, type TestApp, testPassword } from '../test-app.ts'
import type { TestClient } from '../test-client.ts'

let app: TestApp
let client: TestClient

beforeAll(async () => {
  app = await startTestApp({ environment: { PUBLIC_URL: 'https://studio.example' } })
  client = await app.signedIn()
})
afterAll(() => app[Symbol.asyncDispose]())

type Answer = { status: number; headers: IncomingHttpHeaders; text: string }

/** What `fetch` would not send: any method, any header. */
const ask = (route: readonly string[], headers: Record<string, string> = {}, body?: string) =>
  askAt(app.origin, route, headers, body)

// oxlint-disable-next-line max-params -- the three of a request, and where it goes
function askAt(
  origin: string,
  [method = '', path = '']: readonly string[],
  headers: Record<string, string>,
  body?: string,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { 'content-length': String(body.length) }
    const options = { method, headers: { ...length, ...headers } }
    const sent = open(`${origin}${path}`, options, (response) => {
      const answer = (text: string) =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text })
      // A stream has said all its headers; what follows is another test's matter.
      if (response.headers['content-type']?.startsWith('text/event-stream') === true) {
        answer('')
        response.destroy()
        return
      }
      let text = ''
      response.on('data', (bytes: Buffer) => (text += bytes.toString()))
      response.on('end', () => answer(text))
      response.on('error', reject)
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

/** Every route that is served, with something in place of its parameters. */
const routes = () =>
  app.app.http.routeTable.map((line) => {
    const [method = '', url = ''] = line.split(' ')
    return [method, url.replace(/:\w+/g, crypto.randomUUID()).replace('*', 'x.js')] as const
  })
/** Only a token that its caller brings (mcp-endpoints.test.ts, models.routes.test.ts). */
const takesNoCookie = /^\/(mcp|v1)(\/|$)/
const isUnsafe = (method = '') => ['POST', 'PUT', 'PATCH', 'DELETE'].includes(method)
const cookieOf = ({ cookies }: TestClient) =>
  [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
const csrfOf = ({ cookies }: TestClient) => cookies.get('__Host-so_csrf') ?? ''

describe('every route', () => {
  it('answers with the headers that keep pages apart, also when it refuses [SEC-12]', async () => {
    const paths = [...routes(), ['GET', '/'], ['GET', '/api/nothing'], ['POST', '/nothing']]
    for (const route of paths) {
      const answer = await ask(route, { cookie: cookieOf(client), accept: 'text/html' })
      const { headers, text } = answer
      const of = route.join(' ')
      const type = headers['content-type'] ?? ''
      const isText = /^(application\/(problem\+)?json|text\/)/.test(type)
      const said = text === '' || !isText ? 'charset=utf-8' : type
      expect(said, of).toMatch(/charset=utf-8|json/i)
      expect(() => type.includes('json') && text !== '' && JSON.parse(text), of).not.toThrow()
      expect(headers['x-content-type-options'], of).toBe('nosniff')
      expect(headers['referrer-policy'], of).toBe('no-referrer')
      expect(headers['strict-transport-security'], of).toMatch(/^max-age=(3153\d{4}|[4-9]\d{7})/)
      const policy = String(headers['content-security-policy'])
      expect(policy, of).toMatch(/default-src '(self|none)'/)
      // No plugin of a browser, of whatever age (ASVS 3.7.1).
      expect(policy, of).toMatch(/default-src 'none'|object-src 'none'/)
      const scripts = /script-src ([^;]*)/.exec(policy)?.[1] ?? ''
      expect(scripts, of).not.toMatch(/unsafe-(inline|eval)|https?:|\*/)
      expect(headers['x-powered-by'], of).toBeUndefined()
      expect(headers['server'], of).toBeUndefined()
      const isKept = !/^\/api\/(?!docs|account\/avatar)/.test(route[1] ?? '')
      expect(isKept ? 'no-store' : headers['cache-control'], of).toMatch(/no-store/)
    }
  })

  it('tells no page of another origin anything, and says no to TRACE [SEC-3]', async () => {
    for (const route of routes()) {
      const of = route.join(' ')
      const { headers } = await ask(route, { origin: 'https://evil.example' })
      expect(headers['access-control-allow-origin'], of).toBeUndefined()
      expect(headers['access-control-allow-credentials'], of).toBeUndefined()
      const traced = await ask(['TRACE', route[1]], { cookie: 'so_session=secret' })
      expect(traced.status, of).toBe(405)
      expect(traced.text, of).not.toContain('so_session')
    }
  })

  it('that changes something is carried out for our own page only [SEC-2]', async () => {
    const other = await app.signedIn('maya.green')
    const own = { cookie: cookieOf(client), origin: 'https://studio.example' }
    const json = { 'content-type': 'application/json' }
    const token = { 'x-csrf-token': csrfOf(client) }
    const forged: readonly (readonly [string, Record<string, string>, number])[] = [
      ['no token', { ...own, ...json }, 403],
      ['a wrong token', { ...own, ...json, 'x-csrf-token': `${csrfOf(client)}x` }, 403],
      ["another person's token", { ...own, ...json, 'x-csrf-token': csrfOf(other) }, 403],
      ['another origin', { ...own, ...json, ...token, origin: 'https://evil.example' }, 403],
      ['no origin at all', { ...own, ...json, ...token, origin: 'null' }, 403],
      ['another port', { ...own, ...json, ...token, origin: 'https://studio.example:1' }, 403],
      ['a form', { ...own, ...token, 'content-type': 'application/x-www-form-urlencoded' }, 415],
      ['plain text', { ...own, ...token, 'content-type': 'text/plain' }, 415],
      ['a form with files', { ...own, ...token, 'content-type': 'multipart/form-data' }, 415],
    ]
    const before = await snapshot()
    // Of the calls of Trello a signature over the body says who calls (boards.hooks.test.ts).
    const unsafe = routes().filter(
      ([method, path]) => isUnsafe(method) && !path.startsWith('/hooks/'),
    )
    for (const route of unsafe.filter(([, path]) => takesNoCookie.test(path))) {
      const { status } = await ask(route, { ...own, ...json, ...token }, '{}')
      expect([401, 403], route.join(' ')).toContain(status)
    }
    for (const route of unsafe.filter(([, path]) => !takesNoCookie.test(path))) {
      for (const [name, headers, status] of forged) {
        const answer = await ask(route, headers, status === 415 ? 'a=1' : '{}')
        expect(answer.status, `${route.join(' ')}: ${name}: ${answer.text}`).toBe(status)
      }
      const { origin: _, ...withoutOrigin } = own
      const headers = { ...withoutOrigin, ...json, ...token, 'sec-fetch-site': 'cross-site' }
      expect((await ask(route, headers, '{}')).status, route.join(' ')).toBe(403)
    }
    expect(await snapshot()).toEqual(before)
  })

  it('that only reads changes nothing [SEC-2]', async () => {
    const before = await snapshot()
    for (const route of routes().filter(([method]) => ['GET', 'HEAD', 'OPTIONS'].includes(method)))
      if (!route[1].startsWith('/mcp/')) await ask(route, { cookie: cookieOf(client) })
    expect(await snapshot()).toEqual(before)
  })

  it('refuses a body that is larger than any that it takes [SEC-9]', async () => {
    const headers = {
      cookie: cookieOf(client),
      origin: 'https://studio.example',
      'x-csrf-token': csrfOf(client),
      'content-type': 'application/json',
      'content-length': '5000001',
      expect: '100-continue',
    }
    for (const route of routes().filter(([method]) => isUnsafe(method)))
      expect((await ask(route, headers)).status, route.join(' ')).toBe(413)
  })
})

/**
 * What changes by itself: the record of refusals, what Jira said last, that a server lives, and when
 * schedules are due.
 */
const changesItself =
  '^(audit_|jira_metadata|run_writers$|job_schedules$|trello_windows$|monitoring_events$)'

/** Rows that a schedule makes and works off; those that a person causes count. */
const rowsByThemselves: Readonly<Record<string, string>> = {
  background_jobs: `cause = 'schedule'`,
  // Soon after the start, for each connection that was made when nobody looked yet.
  connection_checks: 'changed_at = passed_at',
}

/** Everything that is stored, but for what changes by itself. */
async function snapshot(): Promise<unknown> {
  return app.copy.asOwner(async (db) => {
    const { rows } = await db.query<{ table: string }>(
      `select quote_ident(relname) as table from pg_class
       where relnamespace = 'public'::regnamespace and relkind = 'r' and relname !~ $1`,
      [changesItself],
    )
    const found: Record<string, unknown> = {}
    for (const { table } of rows) {
      const not = rowsByThemselves[table] ?? 'false'
      const text = `select md5(string_agg(one::text, '' order by one::text)) as sum from ${table} one where not (${not})`
      found[table] = (await db.query(text)).rows
    }
    return found
  })
}

describe('cookies', () => {
  it('of a session are for this host, over TLS, for this site, and the token for no script [ID-9]', async () => {
    const visitor = app.visitor()
    const response = await visitor.fetch('/api/session', {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: 'https://studio.example' },
      body: JSON.stringify({ username: 'noa.levi@studio.example', password: testPassword }),
    })
    const cookies = response.headers.getSetCookie()
    expect(cookies.length).toBeGreaterThan(0)
    for (const cookie of cookies) {
      expect(cookie).toMatch(/^__Host-/)
      expect(cookie).toMatch(/; Secure/)
      expect(cookie).toMatch(/; SameSite=Strict/)
      expect(cookie).toMatch(/; Path=\/(;|$)/)
      expect(cookie).not.toMatch(/Domain=/)
      expect(cookie.startsWith('__Host-so_csrf') || cookie.includes('; HttpOnly')).toBe(true)
    }
    const text = await response.text()
    const values = cookies.map((cookie) => /=([^;]+)/.exec(cookie)?.[1] ?? '')
    for (const value of values.filter(({ length }) => length > 20))
      expect(text).not.toContain(value)
  })
})

describe('who asks too often [SEC-9]', () => {
  it('gets 429 with the time to wait, for this route only, and nobody else does', async () => {
    await using busy = await startTestApp({ environment: { RATE_LIMIT_PER_MINUTE: '5' } })
    const [noa, maya] = [await busy.signedIn('noa.levi'), await busy.signedIn('maya.green')]
    const ask429 = async () => {
      for (let count = 0; count < 6; count += 1) {
        const answer = await noa.fetch('/api/stories')
        if (answer.status === 429) return answer
      }
      return undefined
    }
    const refused = await ask429()
    expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(await refused?.json()).toMatchObject({ code: 'request.too-many' })
    expect((await noa.fetch('/api/connections')).status).toBe(200)
    expect((await maya.fetch('/api/stories')).status).toBe(200)
    const visitor = busy.visitor()
    const codes: unknown[] = []
    for (let count = 0; count < 7; count += 1)
      codes.push((await visitor.try(getSession, {})).status)
    expect(codes).toContain(429)
  })
})

it('counts how often every route is asked that does more than show a file [SEC-9]', async () => {
  await using busy = await startTestApp({ environment: { RATE_LIMIT_PER_MINUTE: '1' } })
  const uncounted =
    /^(GET|HEAD|OPTIONS) \/(healthz?|readyz|\*?$|assets\/|[\w.-]+$|\.well-known\/|api\/(docs|openapi\.json))/
  const counted = busy.app.http.routeTable.filter(
    (line) => !uncounted.test(line) && !/^(HEAD|TRACE) /.test(line),
  )
  expect(counted.length).toBeGreaterThan(35)
  for (const line of counted) {
    const [method = '', url = ''] = line.split(' ')
    const path = url.replace(/:\w+/g, '1')
    const answers = [0, 1].map(() => askAt(busy.origin, [method, path], { accept: '*/*' }))
    const statuses = (await Promise.all(answers)).map(({ status }) => status)
    expect(statuses, line).toContain(429)
  }
})

describe('pages of other origins [SEC-3, D-7]', () => {
  it('may call when they are listed, and no other may', async () => {
    const listed = 'https://intranet.example'
    await using open = await startTestApp({ environment: { CORS_ORIGINS: listed } })
    const noa = await open.signedIn()
    const preflight = await noa.fetch('/api/stories', {
      method: 'OPTIONS',
      headers: { origin: listed, 'access-control-request-method': 'POST' },
    })
    expect(preflight.status).toBe(204)
    expect(preflight.headers.get('access-control-allow-origin')).toBe(listed)
    const body = { requirement: 'x', format: 'bdd', language: 'en' } as const
    const headers = (origin: string) => ({ origin, 'sec-fetch-site': 'same-site' })
    expect(await noa.try(createStory, { body }, headers(listed))).toMatchObject({ ok: true })
    const other = await noa.try(createStory, { body }, headers('https://intranet.example.evil'))
    expect(other).toMatchObject({ ok: false, problem: { code: 'request.forged' } })
    expect(other.headers.get('access-control-allow-origin')).toBeNull()
    expect(other.headers.get('vary')).toContain('Origin')
  })

  it('can only be listed one by one in production', () => {
    expect(() => loadConfig({ NODE_ENV: 'production', CORS_ORIGINS: '*' })).toThrow('CORS_ORIGINS')
    expect(() => loadConfig({ CORS_ORIGINS: 'https://a.example/path' })).toThrow('CORS_ORIGINS')
    expect(loadConfig({ CORS_ORIGINS: 'https://a.example' }).http.corsOrigins).toEqual([
      'https://a.example',
    ])
  })
})

it.each([
  ['', '127.0.0.1'],
  ['127.0.0.1', '203.0.113.7'],
])(
  'believes a forwarded address only of a proxy that is listed: %j [ASVS-4.1.3]',
  async (...[proxies, address]) => {
    await using one = await startTestApp({ environment: { TRUSTED_PROXIES: proxies } })
    const person = await one.signedIn()
    const body = { username: 'noa.levi@studio.example', password: testPassword }
    await person.call(signIn, { body }, { 'x-forwarded-for': '203.0.113.7' })
    const { rows } = await one.copy.asOwner((db) =>
      db.query('select address from user_sessions order by created_at desc limit 1'),
    )
    expect(rows).toEqual([{ address }])
  },
)

it('gives no unsafe route away that takes no Idempotency-Key [SEC-9]', () => {
  for (const { method, path } of app.app.router.endpoints.filter((one) => isUnsafe(one.method))) {
    const operation = `${method} /api${path}`
    expect(app.app.http.routeTable, operation).toContain(operation)
  }
  const raw = app.app.http.routeTable.filter(
    (line) =>
      isUnsafe(line.split(' ')[0]) &&
      !takesNoCookie.test(line.split(' ')[1] ?? '') &&
      // Bytes come with their place: sent again, they are refused.
      line !== 'PATCH /api/projects/:projectId/uploads/:uploadId' &&
      // Trello sends no key; what it tells is only a reason to look, as often as it comes.
      line !== 'POST /hooks/trello/:hookId' &&
      !app.app.router.endpoints.some(({ method, path }) => line === `${method} /api${path}`),
  )
  expect(raw, 'unsafe routes that the router does not serve').toEqual([])
  expect(changePassword.method).toBe('PUT')
})

it('gives nothing that lies beside its pages [ASVS-13.4.1]', async () => {
  const beside = ['/.git/HEAD', '/.git/config', '/.env', '/package.json', '/src/main.tsx']
  const climbing = ['/assets/..%2f..%2fpackage.json', '/assets/%2e%2e/%2e%2e/package.json']
  for (const path of [...beside, ...climbing]) {
    const { text, headers } = await ask(['GET', path], {})
    expect(text, path).not.toMatch(
      /ref: refs|repositoryformatversion|STUDIOOPS_|"dependencies"|import \{/,
    )
    expect(headers['content-type'] ?? 'text/html', path).toMatch(/html|problem\+json/)
  }
})

it('shows the description of the API in production to people of the workspace only [ASVS-13.4.5]', async () => {
  await using product = await startTestApp({ environment: { NODE_ENV: 'production' } })
  const person = await product.signedIn()
  for (const path of ['/api/openapi.json', '/api/docs/', '/api/docs/json']) {
    expect((await product.visitor().fetch(path)).status, path).toBe(401)
    expect((await person.fetch(path)).status, path).toBe(200)
  }
})

it('lets nobody in where it cannot find out who asks [ASVS-16.5.3]', async () => {
  await using broken = await startTestApp()
  const person = await broken.signedIn()
  await broken.copy.asOwner((db) => db.query('revoke select on user_sessions from studioops_app'))
  await broken.restart()
  const open = new Set(
    broken.app.router.endpoints
      .filter(({ access }) => access === 'public')
      .map(({ method, path }) => `${method} /api${path}`),
  )
  for (const line of broken.app.http.routeTable.filter((one) =>
    / \/api\/(?!docs|openapi)/.test(one),
  )) {
    const [method = '', url = ''] = line.split(' ')
    const path = url.replace(/:\w+/g, crypto.randomUUID())
    const { status } = await person.fetch(path, { method })
    expect(open.has(line) || status >= 400, `${line}: ${status}`).toBe(true)
  }
})

it('takes no token for another purpose than its own [ASVS-9.2.4]', async () => {
  const visitor = app.visitor()
  const identity = demoPeople.find(({ name }) => name === 'noa.levi')
  const { ticket } = await visitor.call(checkJiraToken, {
    body: { jiraUrl: app.jira.url, token: identity?.personalAccessToken ?? '' },
  })
  const session = client.cookies.get('__Host-so_session') ?? ''
  const csrf = csrfOf(client)
  for (const cookie of [ticket, csrf, `${session}x`, session.slice(0, -2)])
    expect(
      (await ask(['GET', '/api/stories'], { cookie: `__Host-so_session=${cookie}` })).status,
    ).toBe(401)
  for (const other of [session, csrf])
    expect(
      await visitor.try(register, { body: { ticket: other, password: testPassword } }),
    ).toMatchObject({ ok: false, problem: { code: 'registration.expired' } })
})
