import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { stepUp } from '@studioops/contracts/accounts'
import {
  getDashboard,
  listConnections,
  readCertificate,
  removeConfluence,
  replaceJiraToken,
  revealSecret,
  saveConfluence,
  saveTrello,
  testConfluence,
  testModel,
  testTrello,
} from '@studioops/contracts/connections'
import { limits } from '@studioops/contracts/limits'
import { afterAll, describe, expect } from 'vitest'
import { authority, expired, good } from '../../platform/outbound/certificates.test-data.ts'
import {
  demoConfluencePeople,
  demoPeople,
  demoTrelloKey,
  demoTrelloMembers,
} from '../../simulators/demo-data.ts'
import { startTestApp, type TestApp, testPassword } from '../../testing/test-app.ts'
import { test } from '../../testing/test.ts'

const personNamed = (name: string) => {
  const index = demoPeople.findIndex((person) => person.name === name)
  const [wiki, board] = [demoConfluencePeople[index], demoTrelloMembers[index]]
  if (wiki === undefined || board === undefined) throw new Error(`nobody is called ${name}`)
  return { wikiToken: wiki.personalAccessToken, boardToken: board.token }
}

const wikiForm = (app: TestApp, name: string, more = {}) => ({
  baseUrl: app.confluence.url,
  flavour: 'dc' as const,
  token: personNamed(name).wikiToken,
  ...more,
})

const stepsOf = ({ steps }: { steps: readonly { step: string; state: string }[] }) =>
  steps.map(({ step, state }) => `${step} ${state}`)
const failureOf = ({ steps }: { steps: readonly { problem?: { code: string } | undefined }[] }) =>
  steps.find(({ problem }) => problem !== undefined)?.problem?.code

describe('Confluence', () => {
  test('is proposed beside Jira, tested step by step and kept encrypted [CFG-11, CFG-15, CFG-19]', async ({
    app,
  }) => {
    const client = await app.signedIn('noa.levi')
    expect((await client.call(listConnections, {})).confluence).toMatchObject({
      state: 'not-set',
      suggested: { baseUrl: app.confluence.url, flavour: 'dc' },
    })
    const body = wikiForm(app, 'noa.levi')
    const result = await client.call(testConfluence, { body })
    expect(result).toMatchObject({ passed: true, evidence: 'נועה לוי' })
    expect(stepsOf(result)).toEqual([
      'address passed',
      'tls not-run',
      'sign-in passed',
      'permission passed',
      'identity passed',
    ])
    expect(await client.call(saveConfluence, { body })).toMatchObject({
      state: 'passed',
      identity: { verdict: 'same', comparedWith: 'jira' },
      tokenHint: body.token.slice(-4),
    })
    const stored = await app.copy.asOwner((db) => db.query('select * from integration_connections'))
    expect(JSON.stringify(stored.rows)).not.toContain(body.token)
  })

  test('does not take 200 as nobody for a pass [D-4]', async ({ app }) => {
    const client = await app.signedIn('daniel.cohen')
    const body = wikiForm(app, 'daniel.cohen', { token: 'wrong-but-short' })
    const open = await client.call(testConfluence, { body })
    expect(stepsOf(open)).toContain('sign-in failed')
    expect(failureOf(open)).toBe('connection.anonymous')
    app.confluence.simulator.setAnonymousAccess(false)
    expect(failureOf(await client.call(testConfluence, { body }))).toBe('connection.bad-token')
    app.confluence.simulator.setAnonymousAccess(true)
  })

  test('of somebody else is no pass [CFG-16]', async ({ app }) => {
    const client = await app.signedIn('maya.green')
    const result = await client.call(testConfluence, { body: wikiForm(app, 'noa.levi') })
    expect(result).toMatchObject({ passed: false, identity: { verdict: 'different' } })
    expect(failureOf(result)).toBe('connection.other-person')
  })

  test('refuses 21 random characters before anything is sent [D-4, CFG-13]', async ({ app }) => {
    const client = await app.signedIn('maya.green')
    const body = wikiForm(app, 'maya.green', { token: 'x7Kq2LmP9aWz4RtY8vBn1' })
    expect(await client.try(testConfluence, { body })).toMatchObject({
      ok: false,
      problem: { code: 'request.invalid', errors: [{ pointer: '/token' }] },
    })
  })

  test('says which permission is missing', async ({ app }) => {
    const client = await app.signedIn('daniel.cohen')
    app.confluence.simulator.setSpacesHidden('daniel.cohen', true)
    const result = await client.call(testConfluence, { body: wikiForm(app, 'daniel.cohen') })
    expect(stepsOf(result)).toContain('permission failed')
    expect(failureOf(result)).toBe('connection.nothing-visible')
    app.confluence.simulator.setSpacesHidden('daniel.cohen', false)
  })

  test('does not get a stored token at another address, and can be removed [SEC-10]', async ({
    app,
  }) => {
    const client = await app.steppedUp('noa.levi')
    const { token, ...form } = wikiForm(app, 'noa.levi')
    await client.call(saveConfluence, { body: { ...form, token } })
    const elsewhere = { ...form, baseUrl: 'https://wiki.example.com' }
    expect(await client.try(testConfluence, { body: elsewhere })).toMatchObject({
      ok: false,
      problem: { code: 'request.invalid', errors: [{ pointer: '/token' }] },
    })
    expect((await client.call(testConfluence, { body: form })).passed).toBe(true)
    expect(await client.call(removeConfluence, {})).toMatchObject({ state: 'not-set' })
  })
})

describe('Trello', () => {
  const form = (app: TestApp, name: string, more = {}) => ({
    baseUrl: app.trello.url,
    key: demoTrelloKey,
    token: personNamed(name).boardToken,
    ...more,
  })

  test('is the same person by e-mail or name, and otherwise unverifiable, which is no pass [CFG-16]', async ({
    app,
  }) => {
    const noa = await app.signedIn('noa.levi')
    const known = await noa.call(testTrello, { body: form(app, 'noa.levi') })
    expect(known).toMatchObject({ passed: true, identity: { verdict: 'same' } })

    const daniel = await app.signedIn('daniel.cohen')
    const body = form(app, 'daniel.cohen')
    const unknown = await daniel.call(testTrello, { body })
    expect(unknown).toMatchObject({ passed: false, identity: { verdict: 'unverifiable' } })
    expect(stepsOf(unknown)).toContain('identity unverifiable')
    expect((await daniel.call(saveTrello, { body })).state).toBe('unverified')
  })

  test.for([
    ['trello.bad-key', { key: 'f'.repeat(32) }],
    ['trello.bad-token', { token: 'the-secret-of-the-power-up' }],
    ['trello.bad-token', { token: 'quo"ted' }],
  ] as const)('says %s in words, where Trello sends plain text', async ([code, more], { app }) => {
    const client = await app.signedIn('maya.green')
    const result = await client.call(testTrello, { body: form(app, 'maya.green', more) })
    expect(failureOf(result)).toBe(code)
  })

  test('that asks to slow down breaks nothing [CFG-17]', async ({ app }) => {
    const client = await app.signedIn('noa.levi')
    const body = form(app, 'noa.levi')
    await client.call(saveTrello, { body })
    app.trello.simulator.faults.set({ fault: { kind: 'too-many-requests', retryAfter: '3' } })
    const { key, token, ...stored } = body
    const limited = await client.call(testTrello, { body: stored })
    app.trello.simulator.faults.clear()
    expect(failureOf(limited)).toBe('connection.rate-limited')
    const { trello } = await client.call(listConnections, {})
    expect(trello.state).not.toBe('failing')
    expect([key, token]).not.toContain(trello.tokenHint)
  })
})

describe('a stored secret [D-23, CFG-18]', () => {
  test('is shown to its owner after the password was given again, recorded, and kept nowhere', async ({
    app,
  }) => {
    const client = await app.signedIn('maya.green')
    const params = { system: 'jira' } as const
    const body = { secret: 'token' } as const
    expect(await client.try(revealSecret, { params, body })).toMatchObject({
      ok: false,
      problem: { code: 'session.step-up-needed' },
    })
    const proven = await app.steppedUp('maya.green')
    const key = { 'idempotency-key': 'show-it-once' }
    const shown = await proven.call(revealSecret, { params, body }, key)
    const token = demoPeople.find(({ name }) => name === 'maya.green')?.personalAccessToken ?? ''
    expect(shown).toEqual({ secret: token })
    const { events, keys } = await app.copy.asOwner(async (db) => ({
      events: (await db.query(`select * from audit_events where action = 'secret.reveal'`)).rows,
      keys: (await db.query('select * from idempotency_keys')).rows,
    }))
    expect(events).toMatchObject([{ outcome: 'done', facts: { system: 'jira', secret: 'token' } }])
    expect(JSON.stringify([events, keys])).not.toContain(token)
    expect(app.logged.join('')).not.toContain(token)
  })
})

describe('what stands at an address [SEC-13]', () => {
  const places = ['http://127.0.0.1:9', 'http://no-such-host.invalid', 'https://10.9.8.7']

  test('is told to administrators, and reads the same to everybody else', async ({ app }) => {
    const admin = await app.signedIn('noa.levi')
    const member = await app.signedIn('maya.green')
    const told = { admin: [] as string[], member: new Set<unknown>() }
    for (const baseUrl of [...places, app.trello.url]) {
      const body = { baseUrl, flavour: 'dc', token: 'any' } as const
      const { steps } = await member.call(testConfluence, { body })
      const { problem, durationMs } = steps.find(({ state }) => state === 'failed') ?? {}
      told.member.add([problem?.code, durationMs].join(' '))
    }
    expect(told.member).toEqual(new Set(['connection.not-reached ']))
    for (const baseUrl of places.slice(1)) {
      const body = { baseUrl, flavour: 'dc', token: 'any' } as const
      const asAdmin = await admin.call(testConfluence, { body })
      told.admin.push(`${failureOf(asAdmin)} ${JSON.stringify(asAdmin)}`)
    }
    expect(told.admin).toEqual([
      expect.stringMatching(/^connection\.dns /),
      expect.stringMatching(/^connection\.not-allowed .*ALLOWED_INTEGRATION_HOSTS/),
    ])
  })

  test('can be asked ten times a minute', async ({ app }) => {
    const client = await app.signedIn('daniel.cohen')
    const body = { baseUrl: app.model.url, model: 'demo-writer', apiKey: app.model.key }
    const codes: unknown[] = []
    for (let round = 0; round <= limits.connectionTestsPerMinute; round += 1) {
      const answer = await client.try(testModel, { body })
      codes.push(answer.ok ? 'answered' : answer.problem.code)
    }
    expect(codes).toContain('request.too-many')
  })
})

describe('a connection with a certificate of the company [SEC-11]', () => {
  const servers: Server[] = []
  afterAll(() => {
    for (const server of servers) server.closeAllConnections()
    for (const server of servers) server.close()
  })

  /** The simulated Confluence behind TLS, at an address that the product may call. */
  async function secured(identity: { cert: string; key: string }) {
    const server = createServer(identity)
    servers.push(server)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const app = await startTestApp({
      allowedHosts: [`127.0.0.1:${port}`],
    })
    server.on('request', (request, response) =>
      app.confluence.simulator.handle(request, response, request.url ?? '/'),
    )
    return { app, url: `https://localhost:${port}` }
  }

  test('names the missing issuer, takes its certificate, and records every change', async () => {
    const { app, url } = await secured(good)
    await using _ = app
    const client = await app.signedIn('noa.levi')
    const body = { ...wikiForm(app, 'noa.levi'), baseUrl: url }
    const untrusted = await client.call(testConfluence, { body })
    expect(stepsOf(untrusted).slice(0, 3)).toEqual([
      'address passed',
      'tls failed',
      'sign-in not-run',
    ])
    expect(failureOf(untrusted)).toBe('connection.tls-issuer')
    expect(JSON.stringify(untrusted)).toContain('StudioOps test authority')

    const trusting = { ...body, tls: { verify: true, certificate: authority } }
    const trusted = await client.call(testConfluence, { body: trusting })
    expect(trusted.steps.filter(({ state }) => state !== 'passed')).toEqual([])
    expect(await client.call(saveConfluence, { body: trusting })).toMatchObject({
      state: 'passed',
      tls: { verify: true, certificate: { subject: 'StudioOps test authority' } },
    })
    const unverified = { ...body, tls: { verify: false, certificate: '' } }
    await client.call(stepUp, { body: { password: testPassword } })
    expect((await client.call(saveConfluence, { body: unverified })).tls).toEqual({ verify: false })
    expect((await client.call(testConfluence, { body: unverified })).passed).toBe(true)
    const { rows } = await app.copy.asOwner((db) =>
      db.query(`select facts from audit_events where action = 'tls.change' order by sequence`),
    )
    expect(rows).toMatchObject([
      { facts: { system: 'confluence', verify: true } },
      { facts: { system: 'confluence', verify: false, certificate: 'none' } },
    ])
  })

  test.for([
    ['certificate.unreadable', 'no certificate'],
    ['certificate.unreadable', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'],
    ['certificate.not-authority', good.cert],
    ['certificate.not-authority', expired.cert],
    ['certificate.not-authority', authority + good.cert],
  ] as const)('refuses %s with its reason', async ([code, certificate], { app }) => {
    const client = await app.signedIn('noa.levi')
    expect(await client.try(readCertificate, { body: { certificate } })).toMatchObject({
      ok: false,
      problem: { code },
    })
  })

  test('says whose certificate it is before anything is saved', async ({ app }) => {
    const client = await app.signedIn('noa.levi')
    expect(await client.call(readCertificate, { body: { certificate: authority } })).toMatchObject({
      subject: 'StudioOps test authority',
      issuer: 'StudioOps test authority',
      expiresAt: expect.stringMatching(/^2126-/),
      fingerprint: expect.stringMatching(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/),
    })
  })
})

describe('on Cloud', () => {
  test('Confluence and Jira are compared by account id [CFG-16, D-3]', async () => {
    await using app = await startTestApp({ flavour: 'cloud' })
    const client = await app.signedIn('noa.levi')
    const wiki = demoConfluencePeople.find(({ name }) => name === 'noa.levi')
    const body = {
      baseUrl: app.confluence.url,
      flavour: 'cloud',
      loginEmail: wiki?.emailAddress ?? '',
      token: wiki?.apiToken ?? '',
    } as const
    expect(await client.call(testConfluence, { body })).toMatchObject({
      passed: true,
      identity: { verdict: 'same' },
    })
    const wrong = await client.call(testConfluence, { body: { ...body, token: 'wrong' } })
    expect(failureOf(wrong)).toBe('connection.bad-token')
  })
})

test('a secret that cannot be opened any more is replaced by a new one [SEC-1]', async ({
  app,
}) => {
  const client = await app.steppedUp('maya.green')
  const body = wikiForm(app, 'maya.green')
  await client.call(saveConfluence, { body })
  await app.copy.asOwner((db) =>
    db.query(
      `update integration_connections set encrypted_token = 'v1.x.y.z' where system = 'confluence'`,
    ),
  )
  const { token, ...stored } = body
  expect(await client.try(testConfluence, { body: stored })).toMatchObject({
    problem: { code: 'secret.locked' },
  })
  expect((await client.call(saveConfluence, { body })).tokenHint).toBe(token.slice(-4))
})

test('a credential that breaks is told on the dashboard [ID-16, OPS-9]', async ({ app }) => {
  const client = await app.signedIn('maya.green')
  const body = wikiForm(app, 'maya.green')
  await client.call(saveConfluence, { body })
  app.confluence.simulator.revokeToken('maya.green')
  const { token, ...stored } = body
  expect((await client.call(testConfluence, { body: stored })).passed).toBe(false)
  expect((await client.call(getDashboard, {})).broken).toMatchObject([
    { connection: 'confluence', failingSince: expect.any(String) },
  ])
  expect((await client.call(listConnections, {})).confluence).toMatchObject({
    state: 'failing',
    failure: { code: 'connection.anonymous' },
    tokenHint: token.slice(-4),
  })
})

test('Jira keeps what passed only, and its TLS with it [CFG-12]', async ({ app }) => {
  const client = await app.steppedUp('noa.levi')
  const token = demoPeople.find(({ name }) => name === 'noa.levi')?.personalAccessToken ?? ''
  const broken = { token: 'not-a-token', tls: { verify: false } }
  expect((await client.call(replaceJiraToken, { body: broken })).passed).toBe(false)
  expect((await client.call(listConnections, {})).jira.tls).toEqual({ verify: true })
  await client.call(replaceJiraToken, { body: { token, tls: { verify: false } } })
  expect((await client.call(listConnections, {})).jira.tls).toEqual({ verify: false })
})
