import { changePassword, signIn, signOut, stepUp } from '@studioops/contracts/accounts'
import { removeModel, replaceJiraToken } from '@studioops/contracts/connections'
import { approveStory, createStory, getStory, writeStory } from '@studioops/contracts/stories'
import { describe, expect } from 'vitest'
import { demoPeople } from '../../simulators/demo-data.ts'
import { type TestApp, testPassword } from '../../testing/test-app.ts'
import type { TestClient } from '../../testing/test-client.ts'
import { test } from '../../testing/test.ts'

async function eventsOf(app: TestApp, client: TestClient, action: string) {
  const response = await client.fetch('/api/session')
  const { session } = (await response.json()) as { session: { account: { id: string } } }
  const { id } = session.account
  const { rows } = await app.copy.asOwner((db) =>
    db.query(
      `select * from audit_events where action = $1 and (actor_id = $2 or target = 'user:' || $2::text)
        order by sequence`,
      [action, id],
    ),
  )
  return rows
}

describe('the audit log [SEC-7]', () => {
  test('knows of accounts made, people who came and went, and passwords that were wrong', async ({
    app,
  }) => {
    const client = await app.signedIn('daniel.cohen')
    const other = await app.signedIn('daniel.cohen')
    await other.call(signOut, {})
    const refused = await app
      .visitor()
      .try(
        signIn,
        { body: { username: 'daniel.cohen@studio.example', password: 'Wrong1!pass' } },
        { 'x-request-id': 'request-of-daniel' },
      )
    expect(refused.status).toBe(401)

    expect(await eventsOf(app, client, 'account.make')).toHaveLength(1)
    expect(await eventsOf(app, client, 'session.end')).toHaveLength(1)
    expect(await eventsOf(app, client, 'session.begin')).toMatchObject([
      { outcome: 'done' },
      { outcome: 'done' },
      {
        outcome: 'refused',
        actor_id: null,
        request_id: 'request-of-daniel',
        address: expect.stringMatching(/127\.0\.0\.1$/),
      },
    ])
  })

  test('knows of passwords and tokens that were changed, and keeps none of them', async ({
    app,
  }) => {
    const client = await app.withModel('maya.green')
    const token = demoPeople.find(({ name }) => name === 'maya.green')?.personalAccessToken ?? ''
    const next = 'Another2?pass'
    await client.try(changePassword, { body: { current: 'Wrong1!pass', next } })
    await client.call(changePassword, { body: { current: testPassword, next } })
    await client.call(stepUp, { body: { password: next } })
    await client.call(replaceJiraToken, { body: { token } })
    await client.call(removeModel, {})

    const changes = await eventsOf(app, client, 'password.change')
    expect(changes.map(({ outcome }) => outcome)).toEqual(['refused', 'done'])
    expect(await eventsOf(app, client, 'jira-token.replace')).toHaveLength(1)
    expect(await eventsOf(app, client, 'model.save')).toMatchObject([
      { facts: { host: new URL(app.model.url).host, model: 'demo-writer', has_key: true } },
    ])
    expect(await eventsOf(app, client, 'model.remove')).toHaveLength(1)
    const { rows } = await app.copy.asOwner((db) => db.query('select * from audit_events'))
    for (const secret of [token, testPassword, next, 'Wrong1!pass', app.model.key])
      expect(JSON.stringify(rows)).not.toContain(secret)
  })

  test('knows with which payload a story was approved', async ({ app }) => {
    const client = await app.withModel('noa.levi')
    const { story } = await client.call(createStory, {
      body: {
        requirement: 'Customers pay an invoice with a saved card',
        format: 'bdd',
        language: 'en',
        projectKey: 'PAY',
        issueType: 'Story',
      },
    })
    const params = { storyId: story.id }
    const { run } = await client.call(writeStory, { params, body: {} })
    await client.follow(run.id)
    const shown = await client.call(getStory, { params })
    const payloadHash = shown.story.preview?.payloadHash ?? ''
    await client.call(approveStory, { params, body: { version: 1, payloadHash } })

    expect(await eventsOf(app, client, 'story.approve')).toMatchObject([
      {
        target: `story:${story.id}`,
        outcome: 'done',
        facts: { payload_hash: payloadHash, project: 'PAY' },
      },
    ])
  })

  test('knows who was not allowed', async ({ app }) => {
    const client = await app.signedIn('noa.levi')
    const forged = await client.fetch('/api/account/preferences', {
      method: 'PATCH',
      headers: { 'content-type': 'application/json', 'x-csrf-token': 'forged' },
      body: '{}',
    })
    expect(forged.status).toBe(403)
    await expect
      .poll(() => eventsOf(app, client, 'access.refuse'))
      .toMatchObject([
        {
          outcome: 'refused',
          target: 'route:PATCH /api/account/preferences',
          facts: { code: 'request.forged' },
        },
      ])
  })
})
