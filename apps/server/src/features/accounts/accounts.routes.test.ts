import { request } from 'node:http'
import {
  changePassword,
  checkJiraToken,
  extendSession,
  getSession,
  register,
  signIn,
  signOut,
  updatePreferences,
} from '@studioops/contracts/accounts'
import { listConnections } from '@studioops/contracts/connections'
import { limits } from '@studioops/contracts/limits'
import { randomBytes } from 'node:crypto'
import { describe, expect } from 'vitest'
import { createAudit } from '../../platform/audit/audit.ts'
import { keyringOf } from '../../platform/crypto/keyring.ts'
import { createPasswords } from '../../platform/crypto/passwords.ts'
import { createAttempts } from '../../platform/http/attempts.ts'
import { createLog } from '../../platform/log/log.ts'
import { demoPeople } from '../../simulators/demo-data.ts'
import { test } from '../../testing/test.ts'
import { startTestApp, testPassword } from '../../testing/test-app.ts'
import { createDelays } from './accounts.delays.ts'
import { createPasswordRules } from './accounts.password-rules.ts'
import { createAccountService } from './accounts.service.ts'

const tokenOf = (name: string) =>
  demoPeople.find((person) => person.name === name)?.personalAccessToken ?? ''

describe('registration with a Jira token', () => {
  test('shows who Jira says that one is, and stores nothing yet [ID-1, ID-2, ID-3]', async ({
    app,
  }) => {
    const before = await app.copy.asOwner((db) => db.query('select count(*) from users'))
    const { identity, alreadyRegistered } = await app
      .visitor()
      .call(checkJiraToken, { body: { jiraUrl: app.jira.url, token: tokenOf('maya.green') } })

    expect(identity).toMatchObject({
      employeeId: 'maya.green',
      email: expect.stringContaining('@'),
      jiraUrl: app.jira.url,
      flavour: 'dc',
      avatar: expect.stringMatching(/^data:image\//),
    })
    expect(alreadyRegistered).toBe(false)
    const after = await app.copy.asOwner((db) => db.query('select count(*) from users'))
    expect(after.rows).toEqual(before.rows)
  })

  test('stores the token encrypted and the password hashed, then lets sign in [ID-4, ID-5, ID-6, SEC-1]', async ({
    app,
  }) => {
    await app.signedIn('daniel.cohen')

    const { rows } = await app.copy.asOwner((db) =>
      db.query(`select * from users where employee_id = 'daniel.cohen'`),
    )
    const row = rows[0] as Record<string, string>
    expect(row['encrypted_jira_pat']).toMatch(/^v1\./)
    expect(JSON.stringify(row)).not.toContain(tokenOf('daniel.cohen'))
    expect(row['hashed_password']).toMatch(/^b1\$\$2/)
    expect(app.logged.join('')).not.toContain(tokenOf('daniel.cohen'))
    expect(app.logged.join('')).not.toContain(testPassword)
  })

  test.for([
    ['jira.bad-token', 'x'.repeat(44)],
    [
      'jira.inactive',
      demoPeople.find((person) => person.status === 'inactive')?.personalAccessToken,
    ],
    ['jira.deleted', demoPeople.find((person) => person.status === 'deleted')?.personalAccessToken],
  ] as const)('answers %s with what to do [ID-2, ERR-5]', async ([code, token], { app }) => {
    const answer = await app
      .visitor('he')
      .try(checkJiraToken, { body: { jiraUrl: app.jira.url, token: token ?? '' } })

    expect(answer).toMatchObject({ ok: false, problem: { code, status: 422 } })
    if (answer.ok) return
    expect(answer.problem.title).toMatch(/[א-ת]/)
    expect(answer.problem.recovery[0]).toMatch(/[א-ת]/)
    expect(answer.problem.message_en).toMatch(/[a-z]/)
    expect(answer.headers.get('x-request-id')).toBe(answer.problem.correlation_id)
  })

  test('takes back the proof that it gave, however large the picture of the person [ID-3]', async ({
    app,
  }) => {
    const keyring = keyringOf(randomBytes(32))
    const accounts = createAccountService({
      database: app.database,
      keyring,
      passwords: createPasswords(randomBytes(32), { cost: 4 }),
      attempts: createAttempts(),
      delays: createDelays({ database: app.database, keyring }),
      rules: createPasswordRules('composition'),
      secondFactors: { require: async () => undefined },
      audit: createAudit(app.database),
      log: createLog({ level: 'silent' }),
      doorkeeper: app.app.installation,
      askJira: async ({ jiraUrl }) => ({
        identity: {
          employeeId: 'e'.repeat(255),
          name: 'n'.repeat(255),
          displayName: 'ד'.repeat(255),
          email: `${'m'.repeat(240)}@x.example`,
          jiraUrl,
          flavour: 'dc',
        },
        avatarUrl: `${jiraUrl}/${'a'.repeat(1_000)}`,
        avatar: { bytes: randomBytes(limits.avatarBytesMax), mediaType: 'image/png' },
      }),
    })
    const { ticket, identity } = await accounts.checkToken({
      jiraUrl: app.jira.url,
      token: 't'.repeat(limits.tokenLengthMax),
      cloudEmail: undefined,
      address: '127.0.0.1',
    })
    expect(identity.avatar?.length).toBeGreaterThan(limits.avatarBytesMax)
    expect(register.body.safeParse({ ticket, password: testPassword }).success).toBe(true)
  })

  test('tells an unreachable Jira from a wrong token [ID-2]', async ({ app }) => {
    app.jira.simulator.faults.set({ fault: { kind: 'away' } })
    const answer = await app
      .visitor()
      .try(checkJiraToken, { body: { jiraUrl: app.jira.url, token: tokenOf('maya.green') } })
    app.jira.simulator.faults.clear()
    expect(answer).toMatchObject({
      ok: false,
      problem: { code: 'jira.unreachable', retry: 'later' },
    })
  })

  test('refuses a Jira that the workspace does not list [ID-1]', async ({ app }) => {
    await app.signedIn()
    const answer = await app
      .visitor()
      .try(checkJiraToken, { body: { jiraUrl: 'https://jira.elsewhere.example', token: 'x' } })
    expect(answer).toMatchObject({ ok: false, problem: { code: 'jira.url-not-listed' } })
  })

  test('marks a weak password, and a ticket that nobody gave [ID-4, ERR-3]', async ({ app }) => {
    const visitor = app.visitor()
    const { ticket } = await visitor.call(checkJiraToken, {
      body: { jiraUrl: app.jira.url, token: tokenOf('maya.green') },
    })
    expect(await visitor.try(register, { body: { ticket, password: 'שלוםשלום1!' } })).toMatchObject(
      {
        ok: false,
        problem: { code: 'password.weak', errors: [{ pointer: '/password' }] },
      },
    )
    expect(
      await visitor.try(register, { body: { ticket: `${ticket}x`, password: testPassword } }),
    ).toMatchObject({ ok: false, problem: { code: 'registration.expired' } })
  })

  test('makes one account of a person, the first of all the owner [ID-14, ID-15]', async ({
    app,
  }) => {
    await app.signedIn()
    const visitor = app.visitor()
    const { ticket, alreadyRegistered } = await visitor.call(checkJiraToken, {
      body: { jiraUrl: app.jira.url, token: tokenOf('noa.levi') },
    })
    expect(alreadyRegistered).toBe(true)
    expect(await visitor.try(register, { body: { ticket, password: testPassword } })).toMatchObject(
      {
        ok: false,
        status: 409,
        problem: { code: 'account.exists' },
      },
    )
    const { rows } = await app.copy.asOwner((db) =>
      db.query(`select count(*)::int as owners from users where role = 'owner'`),
    )
    expect(rows).toEqual([{ owners: 1 }])
  })
})

describe('signing in', () => {
  test.for(['noa.levi', 'NOA.LEVI', 'נועה לוי', 'noa.levi@studio.example'])(
    'takes "%s" as the user name [ID-7]',
    async (username, { app }) => {
      await app.signedIn('noa.levi')
      const { session } = await app
        .visitor()
        .call(signIn, { body: { username, password: testPassword } })
      expect(session.account.employeeId).toBe('noa.levi')
    },
  )

  test('answers alike for an unknown person and a wrong password [ID-7]', async ({ app }) => {
    await app.signedIn()
    const answers = await Promise.all(
      ['noa.levi', 'nobody.at.all'].map((username) =>
        app.visitor().try(signIn, { body: { username, password: 'Wrong1!pass' } }),
      ),
    )
    for (const answer of answers)
      expect(answer).toMatchObject({ ok: false, status: 401, problem: { code: 'login.failed' } })
  })

  test('does not guess between two people of one name [ID-7]', async ({ app }) => {
    await app.signedIn('noa.levi')
    await app.signedIn('daniel.cohen')
    await app.copy.asOwner((db) =>
      db.query(
        `update users set display_name = 'Same Name' where employee_id in ('noa.levi', 'daniel.cohen')`,
      ),
    )
    expect(
      await app.visitor().try(signIn, { body: { username: 'same name', password: testPassword } }),
    ).toMatchObject({ ok: false, problem: { code: 'login.failed' } })
    await app.copy.asOwner((db) =>
      db.query(`update users set display_name = 'נועה לוי' where employee_id = 'noa.levi'`),
    )
  })

  test('slows down who guesses, and says for how long [SEC-9]', async ({ app }) => {
    const visitor = app.visitor()
    const guess = () =>
      visitor.try(signIn, { body: { username: 'guess.me', password: 'Wrong1!pass' } })
    for (let count = 0; count < 10; count += 1) await guess()
    const answer = await guess()
    expect(answer).toMatchObject({ ok: false, status: 429, problem: { code: 'login.too-many' } })
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
  })
})

describe('sessions', () => {
  test('lie in a cookie that no script can read [ID-8]', async ({ app }) => {
    await app.signedIn()
    const reply = await app.visitor().fetch('/api/session', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username: 'noa.levi@studio.example', password: testPassword }),
    })
    const cookie = reply.headers.getSetCookie().find((text) => text.startsWith('so_session='))
    expect(cookie).toMatch(/HttpOnly/)
    expect(cookie).toMatch(/SameSite=Strict/)
  })

  test('end after the idle time, unless the person acted [ID-8, ID-10]', async ({ app }) => {
    const start = new Date()
    const at = (minutes: number) => {
      app.clock.now = new Date(start.getTime() + minutes * 60_000)
    }
    const [acting, idle] = [await app.signedIn(), await app.signedIn()]

    at(15)
    await acting.call(extendSession, {})
    at(25)
    expect((await acting.call(getSession, {})).session).toBeDefined()
    expect((await idle.call(getSession, {})).session).toBeUndefined()
    expect(await idle.try(listConnections, {})).toMatchObject({ ok: false, status: 401 })
    app.clock.now = undefined
  })

  test('end for good after twelve hours, however busy [ID-8]', async ({ app }) => {
    const start = new Date()
    const client = await app.signedIn()
    for (let minutes = 15; minutes <= 12 * 60; minutes += 15) {
      app.clock.now = new Date(start.getTime() + minutes * 60_000 - 1_000)
      await client.call(extendSession, {})
    }
    app.clock.now = new Date(start.getTime() + 12 * 3_600_000 + 60_000)
    expect((await client.call(getSession, {})).session).toBeUndefined()
    app.clock.now = undefined
  })

  test('end with signing out: the old cookie opens nothing [ID-9, ID-11]', async ({ app }) => {
    const client = await app.signedIn()
    const stolen = new Map(client.cookies)
    await client.call(signOut, {})
    expect(client.cookies.has('so_session')).toBe(false)
    for (const [name, value] of stolen) client.cookies.set(name, value)
    expect(await client.try(listConnections, {})).toMatchObject({ ok: false, status: 401 })
  })

  test('of other devices end when the password changes [ID-9, ID-12]', async ({ app }) => {
    const [here, there] = [await app.signedIn('maya.green'), await app.signedIn('maya.green')]
    await here.call(changePassword, { body: { current: testPassword, next: 'Other2!pass' } })
    expect((await here.call(getSession, {})).session).toBeDefined()
    expect((await there.call(getSession, {})).session).toBeUndefined()
    await here.call(changePassword, { body: { current: 'Other2!pass', next: testPassword } })
  })

  test('cannot be forged with another key or algorithm [ID-8]', async ({ app }) => {
    const client = await app.signedIn()
    const [, payload = '', signature = ''] = client.cookies.get('so_session')?.split('.') ?? []
    const header = (alg: string) =>
      Buffer.from(JSON.stringify({ alg, typ: 'at+jwt' })).toString('base64url')
    for (const token of [
      `${header('none')}.${payload}.`,
      `${header('HS256')}.${payload}.${signature}`,
    ]) {
      client.cookies.set('so_session', token)
      expect((await client.call(getSession, {})).session).toBeUndefined()
    }
  })
})

describe('requests of other pages [SEC-2]', () => {
  const change = { body: { theme: 'dark' as const } }

  test('are refused without the token of the own page', async ({ app }) => {
    const client = await app.signedIn()
    for (const token of ['', 'made.up'])
      expect(await client.try(updatePreferences, change, { 'x-csrf-token': token })).toMatchObject({
        ok: false,
        status: 403,
        problem: { code: 'request.forged' },
      })
    expect((await client.call(updatePreferences, change)).theme).toBe('dark')
  })

  test('are refused from another origin or site', async ({ app }) => {
    const client = await app.signedIn()
    for (const headers of [{ origin: 'https://evil.example' }, { 'sec-fetch-site': 'cross-site' }])
      expect(await client.try(updatePreferences, change, headers)).toMatchObject({
        ok: false,
        problem: { code: 'request.forged' },
      })
  })

  test('are refused under a name that somebody has pointed at this machine', async ({ app }) => {
    const port = new URL(app.origin).port
    const reply = await new Promise<number>((resolve, reject) => {
      const headers = {
        host: `evil.example:${port}`,
        origin: `http://evil.example:${port}`,
        'content-type': 'application/json',
      }
      request(`${app.origin}/api/session`, { method: 'POST', headers }, (answer) => {
        answer.resume()
        resolve(answer.statusCode ?? 0)
      })
        .on('error', reject)
        .end(JSON.stringify({ username: 'x', password: 'y' }))
    })
    expect(reply).toBe(403)
  })

  test('are refused with the token of somebody else', async ({ app }) => {
    const [noa, daniel] = [await app.signedIn('noa.levi'), await app.signedIn('daniel.cohen')]
    const foreign = daniel.cookies.get('so_csrf') ?? ''
    noa.cookies.set('so_csrf', foreign)
    expect(await noa.try(updatePreferences, change)).toMatchObject({
      ok: false,
      problem: { code: 'request.forged' },
    })
  })

  test('cannot send a form instead of JSON', async ({ app }) => {
    const client = await app.signedIn()
    const reply = await client.fetch('/api/account/preferences', {
      method: 'PATCH',
      headers: { 'content-type': 'text/plain' },
      body: '{"theme":"dark"}',
    })
    expect(reply.status).toBe(415)
  })
})

test('slows down who guesses one password for many names [SEC-9]', async () => {
  await using app = await startTestApp()
  const codes = new Set<string>()
  for (let count = 0; count < 70; count += 1) {
    const body = { username: `nobody${count}@studio.example`, password: 'Summer2026!' }
    const answer = await app.visitor().try(signIn, { body })
    if (!answer.ok) codes.add(answer.problem.code)
  }
  expect(codes).toEqual(new Set(['login.failed', 'login.too-many']))
})

test('keeps the look of the page with the person [UI-3]', async ({ app }) => {
  const sidebar = { widthPx: 300, pinned: false }
  await (await app.signedIn()).call(updatePreferences, { body: { sidebar, language: 'he' } })
  const { session } = await (await app.signedIn()).call(getSession, {})
  expect(session?.account.preferences).toMatchObject({ sidebar, language: 'he' })
})

test('serves the cached picture to its person only [ID-6, ID-12]', async ({ app }) => {
  const client = await app.signedIn()
  const { session } = await client.call(getSession, {})
  const reply = await client.fetch(session?.account.avatarPath ?? '')
  expect(reply.headers.get('content-type')).toMatch(/^image\//)
  expect(reply.headers.get('content-security-policy')).toContain('sandbox')
  expect((await app.visitor().fetch('/api/account/avatar')).status).toBe(401)
})
