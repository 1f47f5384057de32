import { stepUp } from '@studioops/contracts/accounts'
import {
  getDashboard,
  listConnections,
  removeModel,
  replaceJiraToken,
  saveModel,
  testJira,
  testModel,
} from '@studioops/contracts/connections'
import { createStory } from '@studioops/contracts/stories'
import { describe, expect } from 'vitest'
import { demoPeople } from '../../simulators/demo-data.ts'
import { testPassword } from '../../testing/test-app.ts'
import { test } from '../../testing/test.ts'

const tokenOf = (name: string) =>
  demoPeople.find((person) => person.name === name)?.personalAccessToken ?? ''

describe('Jira', () => {
  test('is connected by the registration and can be tested step by step [CFG-12, CFG-15]', async ({
    app,
  }) => {
    const client = await app.signedIn()
    const { jira } = await client.call(listConnections, {})
    expect(jira).toMatchObject({
      state: 'passed',
      baseUrl: app.jira.url,
      tokenHint: tokenOf('noa.levi').slice(-4),
      tls: { verify: true },
    })
    const result = await client.call(testJira, { body: {} })
    expect(result).toMatchObject({ passed: true, evidence: 'נועה לוי' })
    expect(result.steps.map(({ step }) => step)).toEqual([
      'address',
      'tls',
      'sign-in',
      'permission',
      'identity',
    ])
  })

  test('whose token is refused closes the story creator, and a new one opens it, after the password [CFG-17, ID-16, D-23]', async ({
    app,
  }) => {
    const client = await app.signedIn('maya.green')
    app.jira.simulator.setPersonStatus('maya.green', 'inactive')
    expect(await client.call(testJira, { body: {} })).toMatchObject({ passed: false })
    const { features } = await client.call(getDashboard, {})
    expect(features.find(({ name }) => name === 'stories')).toMatchObject({ state: 'broken' })
    expect(
      await client.try(createStory, { body: { requirement: 'x', format: 'bdd', language: 'en' } }),
    ).toMatchObject({ ok: false, problem: { code: 'feature.closed' } })

    app.jira.simulator.setPersonStatus('maya.green', 'active')
    const body = { token: tokenOf('maya.green') }
    expect(await client.try(replaceJiraToken, { body })).toMatchObject({
      ok: false,
      problem: { code: 'session.step-up-needed' },
    })
    await client.call(stepUp, { body: { password: testPassword } })
    const replaced = await client.call(replaceJiraToken, { body })
    expect(replaced.passed).toBe(true)
    expect((await client.call(listConnections, {})).jira.state).toBe('passed')
  })

  test('takes no token of somebody else [CFG-16]', async ({ app }) => {
    const client = await app.steppedUp()
    expect(
      await client.try(replaceJiraToken, { body: { token: tokenOf('daniel.cohen') } }),
    ).toMatchObject({ ok: false, problem: { code: 'jira.other-person' } })
  })
})

describe('the model', () => {
  test('is tested with what stands in the form, and nothing is saved by that [CFG-15]', async ({
    app,
  }) => {
    const client = await app.signedIn('daniel.cohen')
    const body = { baseUrl: app.model.url, model: 'demo-writer', apiKey: app.model.key }
    const result = await client.call(testModel, { body })
    expect(result).toMatchObject({ passed: true, models: ['demo-writer'] })
    expect(result.evidence).toBeTruthy()
    expect((await client.call(listConnections, {})).model).toMatchObject({ state: 'not-set' })
  })

  test.for([
    ['model.auth', { apiKey: 'sk-wrong' }],
    ['model.unknown-model', { model: 'no-such-model' }],
    ['connection.not-allowed', { baseUrl: 'http://127.0.0.1:9/v1' }],
  ] as const)('answers %s with a step that failed', async ([code, change], { app }) => {
    const client = await app.signedIn('noa.levi')
    const body = { baseUrl: app.model.url, model: 'demo-writer', apiKey: app.model.key, ...change }
    const { passed, steps } = await client.call(testModel, { body })
    expect(passed).toBe(false)
    expect(steps.find(({ state }) => state === 'failed')?.problem).toMatchObject({ code })
  })

  test('keeps its key encrypted, shows four characters, and forgets a passed test when it changes [CFG-18, CFG-19, SEC-1]', async ({
    app,
  }) => {
    const client = await app.withModel('noa.levi')
    const form = { baseUrl: app.model.url, model: 'demo-writer' }
    expect((await client.call(listConnections, {})).model).toMatchObject({
      state: 'untested',
      keyHint: app.model.key.slice(-4),
    })
    await client.call(testModel, { body: form })
    expect((await client.call(listConnections, {})).model.state).toBe('passed')
    await client.call(saveModel, { body: { ...form, model: 'another' } })
    expect((await client.call(listConnections, {})).model.state).toBe('changed')

    const stored = await app.copy.asOwner((db) => db.query('select * from model_connections'))
    expect(JSON.stringify(stored.rows)).not.toContain(app.model.key)
    const shown = await client.fetch('/api/connections')
    expect(await shown.text()).not.toContain(app.model.key)
    expect(app.logged.join('')).not.toContain(app.model.key)
  })

  test('does not send its key to another server [SEC-10]', async ({ app }) => {
    const client = await app.withModel('daniel.cohen')
    const elsewhere = app.model.url.replace('127.0.0.1', 'localhost')
    const { passed } = await client.call(testModel, {
      body: { baseUrl: elsewhere, model: 'demo-writer' },
    })
    expect(passed).toBe(false)
  })

  test('that was tested and then saved as it is counts as tested', async ({ app }) => {
    const client = await app.signedIn('maya.green')
    const body = { baseUrl: app.model.url, model: 'demo-writer', apiKey: app.model.key }
    await client.call(testModel, { body })
    expect((await client.call(saveModel, { body })).state).toBe('passed')
  })

  test('can be removed', async ({ app }) => {
    const client = await app.withModel('maya.green')
    await client.call(stepUp, { body: { password: testPassword } })
    expect(await client.call(removeModel, {})).toMatchObject({ state: 'not-set' })
  })
})

test('the dashboard says what each card waits for [UI-2, CFG-17]', async ({ app }) => {
  const client = await app.steppedUp('maya.green')
  await client.call(removeModel, {})
  const { features, outboxOpen } = await client.call(getDashboard, {})
  expect(features).toContainEqual({
    name: 'stories',
    state: 'degraded',
    needs: [{ connection: 'model', state: 'not-set' }],
  })
  expect(outboxOpen).toBe(0)
})
