import * as accounts from '@studioops/contracts/accounts'
import type { Endpoint } from '@studioops/contracts/endpoint'
import { errorCatalog } from '@studioops/contracts/errors'
import { problem } from '@studioops/contracts/problem'
import * as stories from '@studioops/contracts/stories'
import { randomUUID } from 'node:crypto'
import { globSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect } from 'vitest'
import { startTestApp, testPassword } from '../../testing/test-app.ts'
import { test } from '../../testing/test.ts'

const isEndpoint = (value: unknown): value is Endpoint =>
  typeof value === 'object' && value !== null && 'method' in value && 'reply' in value

const contracts = join(import.meta.dirname, '../../../../../packages/contracts/src')
const described = (
  await Promise.all(
    globSync('*.ts', { cwd: contracts })
      .filter((file) => !file.endsWith('.test.ts'))
      // oxlint-disable-next-line house/boundaries -- every file of the contracts, also one of tomorrow
      .map((file) => import(join(contracts, file)) as Promise<object>),
  )
)
  .flatMap((contract) => Object.values(contract) as unknown[])
  .filter(isEndpoint)

const nameOf = ({ method, path }: Endpoint) => `${method} ${path}`

test('serves every endpoint that the contracts describe, and no other', ({ app }) => {
  expect(app.app.router.endpoints.map(nameOf).toSorted()).toEqual(described.map(nameOf).toSorted())
})

describe('a refusal', () => {
  test.for([
    ['route.not-found', 404, '/api/nothing', {}],
    ['session.required', 401, '/api/connections', {}],
    [
      'request.unreadable',
      400,
      '/api/session',
      { method: 'POST', body: '{"a":', headers: { 'content-type': 'application/json' } },
    ],
    [
      'request.unsupported-type',
      415,
      '/api/session',
      { method: 'POST', body: '<a/>', headers: { 'content-type': 'application/xml' } },
    ],
    [
      'request.too-large',
      413,
      '/api/session',
      {
        method: 'POST',
        body: `"${'x'.repeat(5_000_001)}"`,
        headers: { 'content-type': 'application/json' },
      },
    ],
    [
      'request.invalid',
      400,
      '/api/session',
      { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } },
    ],
  ] as const)(
    '%s has the one form, also where the server itself refuses [ERR-1, ERR-2]',
    async ([code, status, path, init], { app }) => {
      const response = await app.visitor().fetch(path, init)
      expect(response.status).toBe(status)
      expect(response.headers.get('content-type')).toContain('application/problem+json')
      const body = problem.parse(await response.json())
      expect(body).toMatchObject({ code, status })
      expect(body.correlation_id).toBe(response.headers.get('x-request-id'))
    },
  )

  test('points at a text that the database cannot keep, instead of breaking [SEC-4]', async ({
    app,
  }) => {
    const noa = await app.withModel()
    const input = { format: 'classic' as const, language: 'en' as const }
    const nul = await noa.try(stories.createStory, { body: { ...input, requirement: 'a\0b' } })
    if (nul.ok) throw new Error('it was accepted')
    expect(nul.problem).toMatchObject({ code: 'request.invalid', status: 400 })
    expect(nul.problem.errors[0]?.pointer).toBe('/requirement')

    const { story } = await noa.call(stories.createStory, {
      body: { ...input, requirement: 'Half a character.' },
    })
    const text = 'half \ud83d'
    const edited = await noa.call(stories.editStory, {
      params: { storyId: story.id },
      body: {
        basedOn: 0,
        content: {
          summary: text,
          narrative: { asA: text, iWant: text, soThat: text },
          acceptanceCriteria: [text],
          scenarios: [],
          stlcNotes: {
            scope: text,
            data: text,
            environments: text,
            cases: text,
            entryCriteria: text,
            exitCriteria: text,
          },
          storyPoints: 1,
        },
      },
    })
    expect(edited.story.versions[0]?.content.summary).toBe('half \uFFFD')
  })

  test('points at the wrong field, in both languages [ERR-3, SEC-4]', async ({ app }) => {
    const answer = await app
      .visitor('he')
      .try(accounts.signIn, { body: { username: '', password: 'x' } })
    if (answer.ok) throw new Error('it was accepted')
    const [field] = answer.problem.errors
    expect(field?.pointer).toBe('/username')
    expect(field?.message_he).toMatch(/[א-ת]/)
    expect(field?.message_en).toMatch(/[a-z]/)
  })
})

describe('the catalogue of errors', () => {
  test('has a sentence and a next step for every code in both languages [ERR-2, ERR-5]', () => {
    for (const [code, { en, he, status }] of Object.entries(errorCatalog)) {
      expect(en.message, code).toMatch(/[a-z]/)
      expect(he.message, code).toMatch(/[א-ת]/)
      expect(he.next.length, code).toBe(en.next.length)
      expect(en.next.length, code).toBeGreaterThan(0)
      expect(status).toBeGreaterThanOrEqual(400)
      const facts = (texts: { message: string; next: readonly string[] }) =>
        [...`${texts.message} ${texts.next.join(' ')}`.matchAll(/\{(\w+)\}/g)]
          .map(([, name = '']) => name)
          .toSorted((a, b) => a.localeCompare(b))
      expect(facts(he), code).toEqual(facts(en))
    }
  })
})

describe('ids of a request', () => {
  test('are taken over when they are well-formed, else made [OBS-3]', async ({ app }) => {
    const ask = async (id: string) =>
      (await app.visitor().fetch('/healthz', { headers: { 'x-request-id': id } })).headers.get(
        'x-request-id',
      )
    expect(await ask('support-ticket-7')).toBe('support-ticket-7')
    expect(await ask('a b')).toMatch(/^[0-9a-f-]{36}$/)
    expect(await ask('x'.repeat(65))).toMatch(/^[0-9a-f-]{36}$/)
  })

  test('mark the line of the request, with exactly the names that collectors expect [OBS-2, OBS-4]', async ({
    app,
  }) => {
    const id = randomUUID()
    const traceparent = `00-${'ab'.repeat(16)}-${'cd'.repeat(8)}-01`
    const client = await app.signedIn()
    await client.fetch('/api/connections', { headers: { 'x-request-id': id, traceparent } })
    const line = app.logged
      .map((text) => JSON.parse(text))
      .find((one) => one.x_request_id === id && one.message === 'request completed')
    expect(line).toMatchObject({
      level: 'info',
      timestamp: expect.stringMatching(/Z$/),
      trace_id: 'ab'.repeat(16),
      span_id: expect.stringMatching(/^[0-9a-f]{16}$/),
      user_id: expect.any(String),
      route: 'GET /api/connections',
      duration_ms: expect.any(Number),
      outcome: 'ok',
    })
  })
})

test('sends strict headers with every answer [SEC-12]', async ({ app }) => {
  for (const path of ['/api/installation', '/api/nothing', '/']) {
    const { headers } = await app.visitor().fetch(path, { headers: { accept: 'text/html' } })
    expect(headers.get('content-security-policy')).toContain("default-src 'self'")
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('referrer-policy')).toBe('no-referrer')
  }
})

describe('an idempotency key', () => {
  const input = { requirement: 'x', format: 'bdd', language: 'en' } as const

  test('makes a repetition give the first answer', async ({ app }) => {
    const client = await app.signedIn()
    const headers = { 'idempotency-key': randomUUID() }
    const first = await client.call(stories.createStory, { body: input }, headers)
    const again = await client.call(stories.createStory, { body: input }, headers)
    expect(again.story.id).toBe(first.story.id)
  })

  test('of a visitor makes an account once, and tells its answer to nobody with another request', async () => {
    await using app = await startTestApp()
    const visitor = app.visitor()
    const headers = { 'idempotency-key': randomUUID() }
    const body = { displayName: 'Ruth', email: 'ruth@studio.example', password: testPassword }
    const first = await visitor.call(accounts.registerLocally, { body }, headers)
    // The answer was lost on its way; the browser asks again.
    expect(await app.visitor().call(accounts.registerLocally, { body }, headers)).toEqual(first)
    const other = { ...body, password: 'Another1!pass' }
    expect(
      await app.visitor().try(accounts.registerLocally, { body: other }, headers),
    ).toMatchObject({
      ok: false,
      status: 422,
      problem: { code: 'idempotency.mismatch' },
    })
    const { rows } = await app.copy.asOwner((db) =>
      db.query('select *, (select count(*)::int from users) as people from visitor_keys'),
    )
    expect(rows).toMatchObject([{ people: 1, status: 201 }])
    for (const secret of [headers['idempotency-key'], 'ruth', testPassword])
      expect(JSON.stringify(rows)).not.toContain(secret)
  })

  test('is refused for another request, and free again after a refusal', async ({ app }) => {
    const client = await app.signedIn()
    const headers = { 'idempotency-key': randomUUID() }
    await client.call(stories.createStory, { body: input }, headers)
    expect(
      await client.try(stories.createStory, { body: { ...input, requirement: 'y' } }, headers),
    ).toMatchObject({ ok: false, status: 422, problem: { code: 'idempotency.mismatch' } })

    const params = { storyId: randomUUID() }
    const other = { 'idempotency-key': randomUUID() }
    for (let count = 0; count < 2; count += 1)
      expect(await client.try(stories.writeStory, { params, body: {} }, other)).toMatchObject({
        ok: false,
        problem: { code: 'story.not-found' },
      })
  })

  test('never lets what was done be done again, even if its answer could not be kept', async ({
    app,
  }) => {
    const client = await app.signedIn('maya.green')
    const headers = { 'idempotency-key': randomUUID() }
    await app.copy.asOwner((db) =>
      db.query(`create function refuse() returns trigger language plpgsql as
          $$ begin raise exception 'refused'; end $$;
        create trigger refuse before update on idempotency_keys for each row execute function refuse()`),
    )
    expect(await client.try(stories.createStory, { body: input }, headers)).toMatchObject({
      ok: false,
      status: 500,
    })
    await app.copy.asOwner((db) =>
      db.query('drop trigger refuse on idempotency_keys; drop function refuse()'),
    )
    expect(await client.try(stories.createStory, { body: input }, headers)).toMatchObject({
      ok: false,
      problem: { code: 'idempotency.in-progress' },
    })
    expect((await client.call(stories.listStories, { query: {} })).stories).toHaveLength(1)
  })

  test('and its answer are kept for a day', async ({ app }) => {
    const client = await app.signedIn()
    const headers = { 'idempotency-key': randomUUID() }
    const first = await client.call(stories.createStory, { body: input }, headers)
    await client.call(stories.createStory, { body: input }, { 'idempotency-key': randomUUID() })
    await app.copy.asOwner((db) =>
      db.query(`update idempotency_keys set created_at = now() - interval '25 hours'`),
    )
    const again = await client.call(stories.createStory, { body: input }, headers)
    expect(again.story.id).not.toBe(first.story.id)
    const { rows } = await app.copy.asOwner((db) =>
      db.query(
        `select key from idempotency_keys where created_at < now() - interval '1 day'
        and user_id = (select user_id from stories where id = $1)`,
        [again.story.id],
      ),
    )
    expect(rows).toEqual([])
  })

  test('and its answer cannot be read from a copy of the database [SEC-1]', async ({ app }) => {
    const client = await app.signedIn()
    const headers = { 'idempotency-key': randomUUID() }
    const secret = `only once ${randomUUID()}`
    const body = { ...input, requirement: secret }
    const first = await client.call(stories.createStory, { body }, headers)
    const { rows } = await app.copy.asOwner((db) =>
      db.query('select one::text as row from idempotency_keys one'),
    )
    expect(JSON.stringify(rows)).not.toContain(secret)
    expect(await client.call(stories.createStory, { body }, headers)).toEqual(first)
  })

  test('of one person means nothing for another', async ({ app }) => {
    const headers = { 'idempotency-key': randomUUID() }
    const ids = await Promise.all(
      ['noa.levi', 'daniel.cohen'].map(async (name) => {
        const client = await app.signedIn(name)
        return (await client.call(stories.createStory, { body: input }, headers)).story.id
      }),
    )
    expect(new Set(ids).size).toBe(2)
  })
})

test('offers its description as OpenAPI and as a page', async ({ app }) => {
  const document = (await (await app.visitor().fetch('/api/openapi.json')).json()) as {
    openapi: string
    paths: object
  }
  expect(document.openapi).toBe('3.1.0')
  expect(Object.keys(document.paths)).toContain('/api/stories/{storyId}/approve')
  expect((await app.visitor().fetch('/api/docs/')).status).toBe(200)
})

test('says whether it lives and whether it can serve [HLT-1]', async ({ app }) => {
  const ask = async (path: string) => (await app.visitor().fetch(path)).json()
  expect(await ask('/healthz')).toEqual({ status: 'pass' })
  expect(await ask('/readyz')).toEqual({ status: 'pass' })
})
