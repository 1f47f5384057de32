import { randomUUID } from 'node:crypto'
import {
  acceptInvitation,
  beginSecondFactor,
  checkJiraToken,
  confirmSecondFactor,
  getSecondFactor,
  getSession,
  lookUpInvitation,
  makeRecoveryCodes,
  registerLocally,
  removeSecondFactor,
  resetByJira,
  resetByLink,
  signIn,
  stepUp,
  updatePreferences,
} from '@studioops/contracts/accounts'
import { listConnections, replaceJiraToken } from '@studioops/contracts/connections'
import {
  changePerson,
  endSessionsOf,
  invite,
  listInvitations,
  listPeople,
  offerPasswordReset,
  revokeInvitation,
  setEntryRules,
} from '@studioops/contracts/people'
import { createStory, listStories } from '@studioops/contracts/stories'
import { Secret, TOTP } from 'otpauth'
import { describe, expect, it } from 'vitest'
import { demoPeople } from '../../simulators/demo-data.ts'
import { test } from '../../testing/test.ts'
import { startTestApp, type TestApp, testPassword } from '../../testing/test-app.ts'
import type { TestClient } from '../../testing/test-client.ts'
import { keyringOf } from '../../platform/crypto/keyring.ts'
import { AppError } from '../../platform/errors/app-error.ts'
import { createDelays } from './accounts.delays.ts'
import { isListed, loadListedPasswords } from './listed-passwords.ts'
import { createPasswordRules } from './accounts.password-rules.ts'

const tokenOf = (name: string) =>
  demoPeople.find((person) => person.name === name)?.personalAccessToken ?? ''
const tokenIn = (path: string) => path.split('#')[1] ?? ''
const steppedUp = async (client: TestClient, password = testPassword) => {
  await client.call(stepUp, { body: { password } })
  return client
}
const personOf = async (client: TestClient, employeeId: string) => {
  const { people } = await client.call(listPeople, {})
  const found = people.find((person) => person.employeeId === employeeId)
  if (found === undefined) throw new Error(`nobody is called ${employeeId}`)
  return found
}

const owner = { displayName: 'Ruth Owner', email: 'ruth@studio.example', password: testPassword }

async function newOwner(app: TestApp): Promise<TestClient> {
  const client = app.visitor()
  await client.call(registerLocally, { body: owner })
  await client.call(signIn, { body: { username: owner.email, password: testPassword } })
  return client
}

async function invited(app: TestApp, admin: TestClient, role: 'viewer' | 'member' | 'admin') {
  const email = `${role}.${randomUUID()}@studio.example`
  const { path } = await admin.call(invite, { body: { email, role } })
  const client = app.visitor()
  const body = { token: tokenIn(path), displayName: `A ${role}`, password: testPassword }
  await client.call(acceptInvitation, { body })
  await client.call(signIn, { body: { username: email, password: testPassword } })
  return { client, email, path }
}

it('makes the first person without Jira the owner, and nobody after [ID-15]', async () => {
  await using app = await startTestApp()
  const client = await newOwner(app)
  const { session } = await client.call(getSession, {})
  expect(session?.account).toMatchObject({ role: 'owner', displayName: 'Ruth Owner' })
  expect(session?.account.jiraUrl).toBeUndefined()
  expect((await client.call(listConnections, {})).jira).toMatchObject({ state: 'not-set' })
  const second = { ...owner, email: 'second@studio.example' }
  expect(await app.visitor().try(registerLocally, { body: second })).toMatchObject({
    ok: false,
    problem: { code: 'registration.closed' },
  })
  // The owner connects Jira later, which lists its address for everybody.
  const token = { token: tokenOf('maya.green'), baseUrl: app.jira.url }
  await steppedUp(client, owner.password)
  expect((await client.call(replaceJiraToken, { body: token })).passed).toBe(true)
  expect((await client.call(listConnections, {})).jira).toMatchObject({ state: 'passed' })
  const after = await client.call(getSession, {})
  expect(after.session?.account).toMatchObject({ employeeId: 'maya.green', role: 'owner' })
})

it('opens and closes each way in as those who run the workspace decide [ID-15]', async () => {
  await using app = await startTestApp()
  const client = await steppedUp(await newOwner(app))
  const rules = { registrationWays: ['local' as const], secondFactorRequired: false }
  await client.call(setEntryRules, { body: rules })
  const member = { ...owner, email: 'member@studio.example' }
  await app.visitor().call(registerLocally, { body: member })
  expect(await personOf(client, member.email)).toMatchObject({ role: 'member', hasJira: false })
  const answer = await client.try(invite, { body: { email: 'x@studio.example', role: 'member' } })
  expect(answer).toMatchObject({ ok: false, problem: { code: 'registration.closed' } })
})

describe('an invitation', () => {
  test('makes one account with its address and role, and is used up [ID-15]', async ({ app }) => {
    const admin = await app.steppedUp()
    const { client, email, path } = await invited(app, admin, 'viewer')
    const { session } = await client.call(getSession, {})
    expect(session?.account).toMatchObject({ email, role: 'viewer' })
    const again = { token: tokenIn(path), displayName: 'Again', password: testPassword }
    for (const answer of [
      await app.visitor().try(acceptInvitation, { body: again }),
      await app.visitor().try(lookUpInvitation, { body: { token: tokenIn(path) } }),
    ])
      expect(answer).toMatchObject({ ok: false, status: 410, problem: { code: 'invitation.gone' } })
    const { rows } = await app.copy.asOwner((db) => db.query('select * from invitations'))
    expect(JSON.stringify(rows)).not.toContain(tokenIn(path))
  })

  test('expires, and can be taken back [ID-15]', async ({ app }) => {
    const admin = await app.steppedUp()
    const open = await admin.call(invite, { body: { email: 'a@studio.example', role: 'member' } })
    const other = await admin.call(invite, { body: { email: 'b@studio.example', role: 'member' } })
    await admin.call(revokeInvitation, { params: { invitationId: other.invitation.id } })
    const states = (await admin.call(listInvitations, {})).invitations.map(({ state }) => state)
    expect(states).toContain('revoked')
    app.clock.now = new Date(Date.now() + 8 * 86_400_000)
    for (const { path } of [open, other])
      expect(
        await app.visitor().try(lookUpInvitation, { body: { token: tokenIn(path) } }),
      ).toMatchObject({ ok: false, problem: { code: 'invitation.gone' } })
    app.clock.now = undefined
  })
})

describe('roles', () => {
  test('let a viewer read and keep an own look, but change nothing [ID-14]', async ({ app }) => {
    const { client } = await invited(app, await app.steppedUp(), 'viewer')
    expect(await client.call(listStories, { query: {} })).toEqual({ stories: [] })
    await client.call(updatePreferences, { body: { theme: 'dark' } })
    const body = { requirement: 'x', format: 'bdd' as const, language: 'en' as const }
    expect(await client.try(createStory, { body })).toMatchObject({
      ok: false,
      status: 403,
      problem: { code: 'session.read-only' },
    })
    expect(await client.try(listPeople, {})).toMatchObject({ ok: false, status: 403 })
  })

  test('cannot be raised by somebody in the own row [ID-14]', async ({ app }) => {
    const { client } = await invited(app, await app.steppedUp(), 'member')
    const { session } = await client.call(getSession, {})
    const id = session?.account.id ?? ''
    await expect(
      app.database.asUser(id, (db) => db.updateTable('users').set({ role: 'owner' }).execute()),
    ).rejects.toThrow(/permission denied/)
  })

  test('of owners are for owners, and the last owner stays [ID-14]', async ({ app }) => {
    const noa = await app.steppedUp()
    const admin = await steppedUp((await invited(app, noa, 'admin')).client)
    const target = await personOf(noa, 'noa.levi')
    const params = { personId: target.id }
    const refusals = [
      [admin, { role: 'member' }, 'person.not-allowed'],
      [admin, { isDisabled: true }, 'person.not-allowed'],
      [noa, { role: 'admin' }, 'person.last-owner'],
      [noa, { isDisabled: true }, 'person.last-owner'],
    ] as const
    for (const [who, body, code] of refusals)
      expect(await who.try(changePerson, { params, body })).toMatchObject({
        ok: false,
        problem: { code },
      })
  })

  test('and disabling reach the person at once [ID-9, ID-14]', async ({ app }) => {
    const noa = await app.steppedUp()
    const { client, email } = await invited(app, noa, 'member')
    const { id } = await personOf(noa, email)
    const params = { personId: id }
    await noa.call(endSessionsOf, { params })
    expect((await client.call(getSession, {})).session).toBeUndefined()
    await client.call(signIn, { body: { username: email, password: testPassword } })
    expect(await noa.call(changePerson, { params, body: { isDisabled: true } })).toMatchObject({
      isDisabled: true,
      sessions: 0,
    })
    expect((await client.call(getSession, {})).session).toBeUndefined()
    const body = { username: email, password: testPassword }
    expect(await client.try(signIn, { body })).toMatchObject({
      ok: false,
      problem: { code: 'login.failed' },
    })
  })

  test('need the password again for what is decided about people [ID-14]', async ({ app }) => {
    const noa = await app.signedIn()
    const { id } = await personOf(noa, 'noa.levi')
    const answer = await noa.try(changePerson, {
      params: { personId: id },
      body: { role: 'owner' },
    })
    expect(answer).toMatchObject({ ok: false, problem: { code: 'session.step-up-needed' } })
  })
})

describe('a forgotten password', () => {
  test('is replaced once by the link of an administrator [ID-15]', async ({ app }) => {
    const noa = await app.steppedUp()
    const { client, email } = await invited(app, noa, 'member')
    const { id } = await personOf(noa, email)
    const { path } = await noa.call(offerPasswordReset, { params: { personId: id } })
    const body = { token: tokenIn(path), password: 'Fresh3!pass' }
    await app.visitor().call(resetByLink, { body })
    expect((await client.call(getSession, {})).session).toBeUndefined()
    await client.call(signIn, { body: { username: email, password: 'Fresh3!pass' } })
    expect(await app.visitor().try(resetByLink, { body })).toMatchObject({
      ok: false,
      problem: { code: 'reset.gone' },
    })
  })

  test('is replaced by a fresh token of the same person in Jira [ID-15, ID-16]', async ({
    app,
  }) => {
    await app.signedIn('daniel.cohen')
    const check = { jiraUrl: app.jira.url, token: tokenOf('daniel.cohen') }
    const { ticket } = await app.visitor().call(checkJiraToken, { body: check })
    await app.visitor().call(resetByJira, { body: { ticket, password: 'Fresh3!pass' } })
    const again = { username: 'daniel.cohen@studio.example', password: 'Fresh3!pass' }
    await app.visitor().call(signIn, { body: again })
    const stranger = { jiraUrl: app.jira.url, token: tokenOf('maya.green') }
    const other = await app.visitor().call(checkJiraToken, { body: stranger })
    const refused = { ticket: other.ticket, password: 'Fresh3!pass' }
    expect(await app.visitor().try(resetByJira, { body: refused })).toMatchObject({
      ok: false,
      problem: { code: 'reset.gone' },
    })
  })
})

describe('a second factor', () => {
  const codeOf = (secret: string, at: Date) =>
    new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: at.getTime() })

  async function withFactor(app: TestApp) {
    const { client, email } = await invited(app, await app.steppedUp(), 'member')
    await steppedUp(client)
    const { secret, uri } = await client.call(beginSecondFactor, {})
    expect(uri).toMatch(/^otpauth:\/\/totp\/StudioOps:/)
    app.clock.now = new Date()
    const code = codeOf(secret, app.clock.now)
    const { recoveryCodes } = await client.call(confirmSecondFactor, { body: { code } })
    return { client, email, secret, code, recoveryCodes, at: app.clock.now }
  }

  test('is asked for at sign-in, each code once and no step beside [D-18] [SEC-15]', async ({
    app,
  }) => {
    const { email, secret, code, at } = await withFactor(app)
    const body = { username: email, password: testPassword }
    const attempt = (more: string | undefined) =>
      app.visitor().try(signIn, { body: more === undefined ? body : { ...body, code: more } })
    expect(await attempt(undefined)).toMatchObject({ problem: { code: 'login.code-needed' } })
    expect(await attempt(code)).toMatchObject({ problem: { code: 'login.code-wrong' } })
    const later = new Date(at.getTime() + 30_000)
    expect(await attempt(codeOf(secret, later))).toMatchObject({ ok: false })
    app.clock.now = new Date(at.getTime() + 90_000)
    expect(await attempt(codeOf(secret, app.clock.now))).toMatchObject({ ok: true })
    app.clock.now = undefined
  })

  test('gives way to a recovery code, once, and lies encrypted [D-18]', async ({ app }) => {
    const { email, secret, recoveryCodes } = await withFactor(app)
    expect(new Set(recoveryCodes).size).toBe(10)
    const body = { username: email, password: testPassword, code: recoveryCodes[0] ?? '' }
    await app.visitor().call(signIn, { body })
    expect(await app.visitor().try(signIn, { body })).toMatchObject({
      problem: { code: 'login.code-wrong' },
    })
    const { rows } = await app.copy.asOwner((db) =>
      db.query('select f.*, c.* from second_factors f join recovery_codes c using (user_id)'),
    )
    expect(JSON.stringify(rows)).not.toContain(secret)
    expect(JSON.stringify(rows)).not.toContain((recoveryCodes[1] ?? '').replaceAll('-', ''))
    app.clock.now = undefined
  })

  test('is turned off and remade after the password only [D-18]', async ({ app }) => {
    const { client, secret, at } = await withFactor(app)
    app.clock.now = new Date(at.getTime() + 6 * 60_000)
    expect(await client.try(removeSecondFactor, {})).toMatchObject({
      problem: { code: 'session.step-up-needed' },
    })
    const code = codeOf(secret, app.clock.now)
    await client.call(stepUp, { body: { password: testPassword, code } })
    expect((await client.call(makeRecoveryCodes, {})).recoveryCodes).toHaveLength(10)
    expect(await client.call(removeSecondFactor, {})).toMatchObject({ isOn: false, codesLeft: 0 })
    app.clock.now = undefined
  })

  it('has to be set up first where the workspace asks for it [D-18]', async () => {
    await using app = await startTestApp()
    const admin = await steppedUp(await newOwner(app))
    const { client } = await invited(app, admin, 'member')
    await admin.call(setEntryRules, {
      body: { registrationWays: ['invite'], secondFactorRequired: true },
    })
    app.clock.now = new Date(Date.now() + 2_000)
    expect(await client.try(listStories, { query: {} })).toMatchObject({
      problem: { code: 'session.second-factor-missing' },
    })
    const { session } = await client.call(getSession, {})
    expect(session?.mustSetUpSecondFactor).toBe(true)
    await steppedUp(client)
    const { secret } = await client.call(beginSecondFactor, {})
    const code = codeOf(secret, app.clock.now)
    await client.call(confirmSecondFactor, { body: { code } })
    expect(await client.call(listStories, { query: {} })).toEqual({ stories: [] })
    expect(await client.call(getSecondFactor, {})).toMatchObject({ isOn: true, isRequired: true })
  })
})

describe('failures', () => {
  test('make the next try wait 1, 2, 4 … 60 seconds on every node, and are forgotten by a success [SEC-9]', async ({
    app,
  }) => {
    let now = Date.now()
    const parts = { database: app.database, keyring: keyringOf(app.masterKey), clock: () => now }
    const nodes = [createDelays(parts), createDelays(parts)] as const
    const keys = [{ key: 'name dana', free: 0 }]
    const waits: number[] = []
    for (let count = 0; count < 8; count += 1) {
      await (await nodes[0].begin(keys)).fail()
      const refusal: unknown = await nodes[1].begin(keys).catch((error: unknown) => error)
      const seconds = refusal instanceof AppError ? Number(refusal.facts['seconds']) : 0
      waits.push(seconds)
      now += seconds * 1_000
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60])
    await (await nodes[1].begin(keys)).succeed()
    await (await nodes[0].begin(keys)).fail()
    now += 1_000
    await nodes[1].begin(keys)
    const { rows } = await app.copy.asOwner((db) => db.query('select * from failed_tries'))
    expect(JSON.stringify(rows)).not.toContain('dana')
  })

  test('that did not happen leave nothing to be written [SEC-9]', async ({ app }) => {
    const count = () =>
      app.copy.asOwner(async (db) => {
        const { rows } = await db.query('select count(*)::int as tries from failed_tries')
        return rows
      })
    const before = await count()
    const body = { username: 'noa.levi@studio.example', password: testPassword }
    await app.signedIn('noa.levi')
    await app.visitor().call(signIn, { body })
    expect(await count()).toEqual(before)
  })

  test('of others do not keep somebody out of a browser that is known [SEC-9]', async ({ app }) => {
    const known = await app.signedIn('maya.green')
    const username = 'maya.green@studio.example'
    const guess = { username, password: 'Wrong1!pass' }
    for (let count = 0; count < 3; count += 1) await app.visitor().try(signIn, { body: guess })
    const body = { username, password: testPassword }
    expect(await app.visitor().try(signIn, { body })).toMatchObject({
      problem: { code: 'login.too-many' },
    })
    expect(await known.try(signIn, { body })).toMatchObject({ ok: true })
  })
})

describe('the policy of length', () => {
  const rules = createPasswordRules('asvs')
  const verdict = async (password: string) => {
    try {
      await rules.require({
        password,
        pointer: '/password',
        context: ['Dana Levi', 'dana@studio.example'],
      })
      return 'good'
    } catch (error) {
      return (error as { code: string }).code
    }
  }

  it.for([
    ['correct horse battery staple', 'good'],
    ['ארבעה תפוחים על שולחן העץ', 'good'],
    ['Short1!pass', 'password.weak'],
    ['passwordpassword123', 'password.common'],
    ['Qwertyuiop123456', 'password.common'],
    ['aaaaaaaaaaaaaaaaaaa', 'password.common'],
    ['DanaLevi-StudioOps-2026', 'password.common'],
    ['1234567890123456789', 'password.common'],
    ['zqjphsyf6ctifgu', 'password.common'],
    ['q1w2e3r4t5y6u7i8', 'password.common'],
    ['Liverpool$tarcraft99', 'password.common'],
  ] as const)('finds "%s" %s [D-18]', async ([password, expected]) => {
    expect(await verdict(password)).toBe(expected)
  })
  it('knows the 3,000 most frequent ones, and as many as fit its length [D-18]', async () => {
    const listed = [...(await loadListedPasswords())]
    expect(listed.length).toBeGreaterThan(3_000)
    const fitting = listed.filter(({ length }) => length >= 15)
    for (const password of fitting) expect(await verdict(password)).toBe('password.common')
    const all = await loadListedPasswords()
    expect(listed.slice(0, 3_000).filter((password) => !isListed(password, all))).toEqual([])
  })
})
