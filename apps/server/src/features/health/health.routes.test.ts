import { listJiraProjects } from '@studioops/contracts/stories'
import { getStatus, type SystemStatus } from '@studioops/contracts/health'
import { describe, expect } from 'vitest'
import type { TestApp } from '../../testing/test-app.ts'
import type { TestClient } from '../../testing/test-client.ts'
import { test } from '../../testing/test.ts'

async function statusBecomes(
  client: TestClient,
  isSo: (status: SystemStatus) => boolean,
): Promise<SystemStatus> {
  for (;;) {
    const status = await client.call(getStatus, {})
    if (isSo(status)) return status
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

const nameOfJira = (app: TestApp) => new URL(app.jira.url).host + new URL(app.jira.url).pathname

describe('how the product stands', () => {
  test('falls with Jira, for everybody, and is well again by itself [HLT-3, HLT-5, HLT-8]', async ({
    app,
  }) => {
    const client = await app.signedIn()
    const other = await app.signedIn('daniel.cohen')
    expect(await client.call(getStatus, {})).toMatchObject({ level: 'NORMAL', reasons: [] })
    app.jira.simulator.faults.set({ fault: { kind: 'away' } })
    await client.call(listJiraProjects, {}).catch(() => undefined)
    const fallen = await statusBecomes(client, ({ level }) => level !== 'NORMAL')
    expect(fallen).toMatchObject({
      level: 'DEGRADED',
      reasons: [{ code: 'service.down', kind: 'jira', name: nameOfJira(app) }],
    })
    expect((await other.call(getStatus, {})).level).toBe('DEGRADED')

    app.jira.simulator.faults.clear()
    const back = await statusBecomes(client, ({ level }) => level === 'NORMAL')
    expect(back.dependencies).toContainEqual(
      expect.objectContaining({ kind: 'jira', condition: 'up' }),
    )
  })

  test('is not moved by the token of one person [D-21]', async ({ app }) => {
    const client = await app.signedIn()
    await statusBecomes(client, ({ level }) => level === 'NORMAL')
    app.jira.simulator.faults.set({ fault: { kind: 'status', status: 401 } })
    await client.call(listJiraProjects, {}).catch(() => undefined)
    await client.call(listJiraProjects, {}).catch(() => undefined)
    const { level, dependencies } = await client.call(getStatus, {})
    expect(level).toBe('NORMAL')
    expect(dependencies).toContainEqual(
      expect.objectContaining({ kind: 'database', condition: 'up' }),
    )
  })

  test('is told in the words of health+json: all to people, to strangers whether it is well [HLT-2]', async ({
    app,
  }) => {
    const stranger = await app.visitor().fetch('/health')
    expect(stranger.headers.get('content-type')).toContain('application/health+json')
    expect(await stranger.json()).toEqual({ status: 'pass' })
    const client = await app.signedIn()
    const whole: unknown = await (await client.fetch('/health')).json()
    expect(whole).toMatchObject({
      status: 'pass',
      version: '1',
      level: 'NORMAL',
      checks: { 'database:responseTime': [{ componentType: 'datastore', status: 'pass' }] },
    })
  })
})
