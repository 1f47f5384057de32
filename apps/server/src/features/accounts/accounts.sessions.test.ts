import {
  changePassword,
  endOtherSessions,
  endSession,
  extendSession,
  getSession,
  listSessions,
  signIn,
  signOut,
  stepUp,
  updatePreferences,
} from '@studioops/contracts/accounts'
import { removeModel } from '@studioops/contracts/connections'
import { createStory, writeStory } from '@studioops/contracts/stories'
import { describe, expect } from 'vitest'
import { test } from '../../testing/test.ts'
import { type TestApp, testPassword } from '../../testing/test-app.ts'
import type { TestClient } from '../../testing/test-client.ts'

const isSignedIn = async (client: TestClient) =>
  (await client.call(getSession, {})).session !== undefined

/** The cookies of this moment, in a browser of their own. */
function copyOf(app: TestApp, client: TestClient): TestClient {
  const copy = app.visitor()
  for (const [name, value] of client.cookies) copy.cookies.set(name, value)
  return copy
}

async function actionsOf(app: TestApp): Promise<string[]> {
  const { rows } = await app.copy.asOwner((db) =>
    db.query<{ action: string }>('select action from audit_events order by sequence'),
  )
  return rows.map(({ action }) => action)
}

describe('the refresh id', () => {
  test('changes at each renewal, and parallel tabs get the same new one [ID-9]', async ({
    app,
  }) => {
    const client = await app.signedIn()
    const tab = copyOf(app, client)
    const first = client.cookies.get('so_refresh')
    await client.call(extendSession, {})
    const second = client.cookies.get('so_refresh')
    expect(second).not.toBe(first)
    await tab.call(extendSession, {})
    expect(tab.cookies.get('so_refresh')).toBe(second)
    expect(await isSignedIn(client)).toBe(true)
  })

  test('ends the whole sign-in when it is used again later, and says so in the log [ID-9]', async ({
    app,
  }) => {
    const start = new Date()
    const client = await app.signedIn()
    const thief = copyOf(app, client)
    await client.call(extendSession, {})
    app.clock.now = new Date(start.getTime() + 60_000)
    expect(await thief.try(extendSession, {})).toMatchObject({
      ok: false,
      status: 401,
      problem: { code: 'session.replayed' },
    })
    expect(await isSignedIn(client)).toBe(false)
    expect(await actionsOf(app)).toContain('session.replay')
    app.clock.now = undefined
  })

  test('is stored as a hash only [ID-9, SEC-1]', async ({ app }) => {
    const client = await app.signedIn()
    const { rows } = await app.copy.asOwner((db) => db.query('select * from user_sessions'))
    expect(JSON.stringify(rows)).not.toContain(client.cookies.get('so_refresh'))
    expect(app.logged.join('')).not.toContain(client.cookies.get('so_refresh'))
  })
})

describe('a new id', () => {
  test('comes with the step-up, and the old one opens nothing once what was under way has ended [ID-9]', async ({
    app,
  }) => {
    app.clock.now = new Date()
    const client = await app.signedIn()
    const before = copyOf(app, client)
    await client.call(stepUp, { body: { password: testPassword } })
    expect(await isSignedIn(client)).toBe(true)
    // Another tab had sent this before it knew of the new id.
    expect(await before.try(updatePreferences, { body: { theme: 'dark' } })).toMatchObject({
      ok: true,
    })
    const late = await before.try(extendSession, {})
    expect(late).toMatchObject({ ok: true })
    expect(late.headers.getSetCookie()).toEqual([])
    expect(await before.try(removeModel, {})).toMatchObject({
      ok: false,
      problem: { code: 'session.step-up-needed' },
    })
    const { sessions } = await client.call(listSessions, {})
    expect(sessions.filter(({ isThisOne }) => isThisOne)).toHaveLength(1)
    app.clock.now = new Date(app.clock.now.getTime() + 10_500)
    expect(await isSignedIn(before)).toBe(false)
    expect(await isSignedIn(client)).toBe(true)
    app.clock.now = undefined
  })

  test('comes with a change of password [ID-9]', async ({ app }) => {
    const client = await app.signedIn('maya.green')
    const before = copyOf(app, client)
    await client.call(changePassword, { body: { current: testPassword, next: 'Other2!pass' } })
    expect(await isSignedIn(client)).toBe(true)
    expect(await isSignedIn(before)).toBe(false)
    await client.call(changePassword, { body: { current: 'Other2!pass', next: testPassword } })
  })

  test('comes with signing in again in the same browser [ID-9]', async ({ app }) => {
    const client = await app.signedIn()
    const before = copyOf(app, client)
    await client.call(signIn, {
      body: { username: 'noa.levi@studio.example', password: testPassword },
    })
    expect(await isSignedIn(before)).toBe(false)
  })

  test('is refused to a wrong password', async ({ app }) => {
    const client = await app.signedIn('daniel.cohen')
    const answer = await client.try(stepUp, { body: { password: 'Wrong1!pass' } })
    expect(answer).toMatchObject({ ok: false, problem: { code: 'login.failed' } })
  })
})

describe('the list of sign-ins', () => {
  test('shows each browser, and ends one or all others [ID-9]', async ({ app }) => {
    const here = await app.signedIn('maya.green')
    const [there, elsewhere] = [await app.signedIn('maya.green'), await app.signedIn('maya.green')]
    const { sessions } = await here.call(listSessions, {})
    expect(sessions.filter(({ isThisOne }) => isThisOne)).toHaveLength(1)
    const own = await there.call(listSessions, {})
    const id = own.sessions.find(({ isThisOne }) => isThisOne)?.id ?? ''
    await here.call(endSession, { params: { sessionId: id } })
    expect([await isSignedIn(there), await isSignedIn(elsewhere)]).toEqual([false, true])
    const left = await here.call(endOtherSessions, {})
    expect(left.sessions).toHaveLength(1)
    expect(await isSignedIn(elsewhere)).toBe(false)
  })

  test('lets nobody end the session of somebody else [ID-13]', async ({ app }) => {
    const [noa, daniel] = [await app.signedIn(), await app.signedIn('daniel.cohen')]
    const { sessions } = await daniel.call(listSessions, {})
    await noa.call(endSession, { params: { sessionId: sessions[0]?.id ?? '' } })
    expect(await isSignedIn(daniel)).toBe(true)
  })
})

test('a stream ends with the sign-in that opened it, not with a new id of it [ID-9]', async ({
  app,
}) => {
  const client = await app.withModel('noa.levi')
  const body = {
    requirement: 'A customer pays with a saved card.',
    format: 'bdd' as const,
    language: 'en' as const,
    projectKey: 'PAY',
    issueType: 'Story',
  }
  const { story } = await client.call(createStory, { body })
  app.model.simulator.setPace({ firstTokenMs: 60_000, gapMs: 60_000 })
  const { run } = await client.call(writeStory, { params: { storyId: story.id }, body: {} })
  const stream = await client.fetch(`/api/runs/${run.id}/events`)
  let isOpen = true
  const over = (async () => {
    for await (const bytes of stream.body ?? []) void bytes
    isOpen = false
  })()
  await client.call(stepUp, { body: { password: testPassword } })
  await client.call(updatePreferences, { body: { theme: 'dark' } })
  expect(isOpen).toBe(true)
  await client.call(signOut, {})
  await over
  expect(isOpen).toBe(false)
  app.model.simulator.setPace({ firstTokenMs: 1, gapMs: 0 })
})

test('signing out empties what the browser keeps [ID-11]', async ({ app }) => {
  const client = await app.signedIn()
  const answer = await client.try(signOut, {})
  expect(answer.headers.get('clear-site-data')).toBe('"cache", "storage"')
})

test('the sweep removes ended sessions and keeps live ones', async ({ app }) => {
  const client = await app.signedIn('daniel.cohen')
  await app.copy.asOwner((db) =>
    db.query(
      `insert into user_sessions (jti, user_id, expires_at, absolute_end)
        select gen_random_uuid(), id, now() - interval '2 days', now() - interval '2 days'
        from users`,
    ),
  )
  await app.app.sweeper.sweep()
  const { rows } = await app.copy.asOwner((db) =>
    db.query(
      `select count(*)::int as old from user_sessions where expires_at < now() - interval '1 day'`,
    ),
  )
  expect(rows).toEqual([{ old: 0 }])
  expect(await isSignedIn(client)).toBe(true)
})
