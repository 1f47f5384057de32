import {
  checkCredentials,
  getDashboard,
  getWorkspaceConnections,
  removeObjectStore,
  saveConfluence,
  saveJiraBaseUrls,
  saveObjectStore,
  testObjectStore,
} from '@studioops/contracts/connections'
import { describe, expect } from 'vitest'
import { demoConfluencePeople, demoStore } from '../../simulators/demo-data.ts'
import { test } from '../../testing/test.ts'

const wikiTokenOf = (name: string) =>
  demoConfluencePeople.find((person) => person.name === name)?.personalAccessToken ?? ''

describe('the weekly check [OPS-9]', () => {
  test('finds what broke without anybody asking, tells its owner and those who run the workspace, and closes the gate [ID-16, CFG-17]', async ({
    app,
  }) => {
    const owner = await app.signedIn('noa.levi')
    const member = await app.signedIn('daniel.cohen')
    await member.call(saveConfluence, {
      body: {
        baseUrl: app.confluence.url,
        flavour: 'dc',
        token: wikiTokenOf('daniel.cohen'),
      },
    })
    app.confluence.simulator.revokeToken('daniel.cohen')
    app.jira.simulator.setPersonStatus('daniel.cohen', 'inactive')
    expect((await owner.call(checkCredentials, {})).due).toBeGreaterThan(2)

    const broken = async () => {
      const { credentials, due } = await owner.call(getWorkspaceConnections, {})
      if (due > 0) return 'still due'
      return credentials
        .filter(({ state }) => state === 'failing')
        .map(({ employeeId, system, failure }) => [employeeId, system, failure?.code].join(' '))
    }
    await expect
      .poll(broken)
      .toEqual(['daniel.cohen confluence connection.anonymous', 'daniel.cohen jira jira.inactive'])
    const { broken: own, features } = await member.call(getDashboard, {})
    expect(own.map(({ connection }) => connection)).toEqual(['jira', 'confluence'])
    expect(features).toContainEqual(expect.objectContaining({ name: 'stories', state: 'broken' }))
    expect((await owner.call(getDashboard, {})).broken).toEqual([])
  })

  test('comes to no verdict where the system is away, and looks again within the hour', async ({
    app,
  }) => {
    const owner = await app.signedIn('noa.levi')
    app.jira.simulator.faults.set({ fault: { kind: 'away' } })
    await owner.call(checkCredentials, {})
    const ofOwner = async () => {
      const { credentials, due } = await owner.call(getWorkspaceConnections, {})
      const jira = credentials.find(
        ({ employeeId, system }) => employeeId === 'noa.levi' && system === 'jira',
      )
      return due > 0 ? undefined : jira
    }
    await expect.poll(ofOwner).toMatchObject({ state: 'passed' })
    app.jira.simulator.faults.clear()
    const inMs = Date.parse((await ofOwner())?.nextCheckAt ?? '') - Date.now()
    expect(inMs).toBeLessThan(61 * 60_000)
  })

  test('goes on after a restart, and its rows are spread over the week', async ({ app }) => {
    await app.restart()
    const owner = await app.signedIn('noa.levi')
    const plan = () =>
      app.copy.asOwner(async (db) => {
        const { rows } = await db.query<{ days: number }>(
          `select extract(epoch from next_check_at - now()) / 86400 as days from connection_checks
           where next_check_at is not null`,
        )
        return rows.map(({ days }) => Number(days))
      })
    await expect.poll(async () => (await plan()).length).toBeGreaterThan(2)
    expect(Math.max(...(await plan()))).toBeLessThan(7.5)
    await app.copy.asOwner((db) =>
      db.query(`update connection_checks set next_check_at = now() - interval '1 minute',
        lease_until = now() - interval '1 second', checked_at = null where system = 'jira'`),
    )
    await app.restart()
    const again = await app.signedIn('noa.levi')
    await expect.poll(async () => (await again.call(getWorkspaceConnections, {})).due).toBe(0)
    const { lastCheckedAt } = await owner.call(getWorkspaceConnections, {})
    expect(lastCheckedAt).toBeTruthy()
  })
})

describe('the page of those who run the workspace', () => {
  test('shows states and never a secret, and nothing to a member', async ({ app }) => {
    const owner = await app.signedIn('noa.levi')
    const member = await app.signedIn('maya.green')
    const shown = JSON.stringify(await owner.call(getWorkspaceConnections, {}))
    for (const { personalAccessToken } of demoConfluencePeople)
      expect(shown).not.toContain(personalAccessToken.slice(-4))
    expect(await member.try(getWorkspaceConnections, {})).toMatchObject({ ok: false, status: 403 })
    const rows = await app.copy.asOwner((db) =>
      db.query('set role studioops_app; select * from credential_states(); reset role'),
    )
    expect(JSON.stringify(rows)).not.toContain('maya')
  })

  test('knows the token of a registration before its first weekly check [OPS-9]', async ({
    app,
  }) => {
    const owner = await app.signedIn('noa.levi')
    await app.copy.asOwner((db) => db.query(`delete from connection_checks where system = 'jira'`))
    const { credentials } = await owner.call(getWorkspaceConnections, {})
    expect(credentials).toContainEqual(
      expect.objectContaining({ employeeId: 'noa.levi', system: 'jira', state: 'passed' }),
    )
  })

  test('keeps the addresses of Jira that may be used [D-2]', async ({ app }) => {
    const owner = await app.signedIn('noa.levi')
    const urls = [app.jira.url, 'https://jira.example.com/']
    expect(await owner.call(saveJiraBaseUrls, { body: { urls } })).toEqual({
      urls: [app.jira.url, 'https://jira.example.com'],
    })
    const { jiraBaseUrls, allowedHosts } = await owner.call(getWorkspaceConnections, {})
    expect(jiraBaseUrls).toContain('https://jira.example.com')
    expect(allowedHosts).toEqual([new URL(app.jira.url).host])
  })
})

describe('the object store', () => {
  const form = (url: string, more = {}) => ({
    endpoint: url,
    region: demoStore.region,
    bucket: 'studio-files',
    accessKeyId: demoStore.accessKeyId,
    secretAccessKey: demoStore.secretAccessKey,
    ...more,
  })

  test('is the data directory until somebody sets a bucket, which is tried with an object of its own', async ({
    app,
  }) => {
    const owner = await app.steppedUp('noa.levi')
    const { objectStore } = await owner.call(getWorkspaceConnections, {})
    expect(objectStore).toMatchObject({ kind: 'files', state: 'not-set' })
    const body = form(app.store.url)
    const result = await owner.call(testObjectStore, { body })
    expect(result.steps.map(({ step, state }) => `${step} ${state}`)).toEqual([
      'address passed',
      'tls not-run',
      'sign-in passed',
      'permission passed',
    ])
    expect(app.store.simulator.keys()).toEqual([])
    expect(app.store.simulator.counters()).toMatchObject({
      requests: { HEAD: 1, PUT: 1, GET: 1, DELETE: 1 },
    })
    expect(await owner.call(saveObjectStore, { body })).toMatchObject({
      kind: 's3',
      state: 'passed',
      secretHint: demoStore.secretAccessKey.slice(-4),
    })
    const { secretAccessKey, ...stored } = body
    expect((await owner.call(testObjectStore, { body: stored })).passed).toBe(true)
    const { rows } = await app.copy.asOwner((db) => db.query('select * from object_store'))
    expect(JSON.stringify(rows)).not.toContain(secretAccessKey)
    expect(await owner.call(removeObjectStore, {})).toMatchObject({ kind: 'files' })
  })

  test.for([
    ['object-store.no-bucket', { bucket: 'another-bucket' }],
    ['object-store.bad-key', { secretAccessKey: 'wrong' }],
  ] as const)('says %s', async ([code, more], { app }) => {
    const owner = await app.signedIn('noa.levi')
    const { steps } = await owner.call(testObjectStore, { body: form(app.store.url, more) })
    expect(steps.find(({ state }) => state === 'failed')?.problem).toMatchObject({ code })
  })
})
