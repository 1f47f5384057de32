import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { describe, expect, it } from 'vitest'
import { createCompanySimulator } from './company-model/company-simulator.ts'
import { createControl } from './control.ts'
import { demoModelKey, demoPeople, demoProjects } from './demo-data.ts'
import { createJiraSimulator } from './jira/jira-simulator.ts'
import { createModelSimulator } from './model/model-simulator.ts'
import { pathBelow, serveSimulators } from './serve.ts'

async function serveWithControl() {
  const control = createControl()
  const demo = { people: demoPeople, projects: demoProjects }
  const served = await serveSimulators(
    {
      '/jira': (publicUrl) => createJiraSimulator({ publicUrl, flavour: 'dc', ...demo }),
      '/cloud': (publicUrl) => createJiraSimulator({ publicUrl, flavour: 'cloud', ...demo }),
      '/model/v1': () => createModelSimulator({ keys: [demoModelKey] }),
      '/company': () => createCompanySimulator({ cookies: {} }),
    },
    { fallback: control.handle },
  )
  const { '/jira': jira, '/cloud': cloud, '/model/v1': model } = served.simulators
  control.connect({ jira, cloud, model, company: served.simulators['/company'] })
  return {
    ...served,
    post: (body: unknown) =>
      fetch(`${served.origin}/control`, { method: 'POST', body: JSON.stringify(body) }),
    [Symbol.asyncDispose]: () => served.close(),
  }
}

describe('simulators that are served alone', () => {
  it.each([
    ['/jira', '/jira', '/'],
    ['/jira/', '/jira', '/'],
    ['/jira?a=1', '/jira', '/?a=1'],
    ['/jira/rest/api/2/myself?a=/b', '/jira', '/rest/api/2/myself?a=/b'],
    ['/jiraffe', '/jira', undefined],
    ['/cloud/jira', '/jira', undefined],
  ])('%s below %s is %s', (path, prefix, below) => {
    expect(pathBelow(path, prefix)).toBe(below)
  })

  it('each know their own address', async () => {
    await using served = await serveWithControl()
    for (const [path, kind] of [
      ['/jira/rest/api/2', 'Server'],
      ['/cloud/rest/api/3', 'Cloud'],
    ]) {
      const response = await fetch(`${served.origin}${path}/serverInfo`)
      const baseUrl = `${served.origin}${path?.slice(0, path.indexOf('/rest'))}`
      expect(await response.json()).toMatchObject({ baseUrl, deploymentType: kind })
    }
    expect((await fetch(`${served.origin}/nowhere`)).status).toBe(404)
  })

  it('take faults, delays and paces through the control page, and show what they did', async () => {
    await using served = await serveWithControl()
    const rule = { fault: { kind: 'status', status: 503 }, route: '*/serverInfo', times: 1 }
    expect((await served.post({ simulator: 'jira', set: [rule] })).status).toBe(200)
    await served.post({ simulator: 'cloud', searchDelayMs: 0 })
    await served.post({ simulator: 'model', pace: { firstTokenMs: 0, gapMs: 0 } })
    const before = await (await fetch(`${served.origin}/control`)).json()
    expect(before).toMatchObject({ jira: { faults: [{ ...rule, fired: 0 }] } })
    expect((await fetch(`${served.origin}/jira/rest/api/2/serverInfo`)).status).toBe(503)
    const after = await (await served.post({ simulator: 'jira', clear: true })).json()
    expect(after).toMatchObject({
      jira: { counters: { requests: { 'GET /serverInfo': 1 } }, faults: [] },
      cloud: { counters: { creates: { total: 0 } } },
      model: { counters: { requests: 0 } },
    })
  })

  it.each([
    ['an unknown simulator', { simulator: 'sharepoint' }, 'no such simulator'],
    ['an unknown member', { simulator: 'jira', sett: [] }, 'sett'],
    [
      'a fault that is incomplete',
      { simulator: 'model', set: [{ fault: { kind: 'die' } }] },
      'after',
    ],
    [
      'a fault of the other kind',
      { simulator: 'jira', set: [{ fault: { kind: 'quota' } }] },
      'quota',
    ],
    ['nothing', undefined, 'Invalid input'],
  ])('refuse %s with a reason', async (_what, body, reason) => {
    await using served = await serveWithControl()
    const response = await served.post(body)
    expect(response.status).toBe(400)
    expect(await response.text()).toContain(reason)
  })

  it('start by one command, print where they are, and end by a signal', async () => {
    const main = join(import.meta.dirname, 'main.ts')
    const child = spawn(process.execPath, [main, '--port', '0'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    using cleanUp = new DisposableStack()
    cleanUp.defer(() => child.kill())
    const exited = once(child, 'exit')
    let control = ''
    for await (const line of createInterface({ input: child.stdout })) {
      control = /http:\S+\/control/.exec(line)?.[0] ?? control
      if (line.includes(demoPeople[0]?.personalAccessToken ?? '?')) break
    }
    expect((await fetch(control)).status).toBe(200)
    child.kill('SIGTERM')
    expect(await exited).toEqual([0, null])
  })

  it('say when the port is taken', async () => {
    await using served = await serveWithControl()
    const port = Number(new URL(served.origin).port)
    await expect(serveSimulators({}, { port })).rejects.toThrow('EADDRINUSE')
  })
})
