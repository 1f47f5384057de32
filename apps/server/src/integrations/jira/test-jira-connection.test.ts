import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { authority, good } from '../../platform/outbound/certificates.test-data.ts'
import { createOutbound, type Outbound } from '../../platform/outbound/outbound.ts'
import { Secret } from '../../platform/secret/secret.ts'
import { demoPeople, demoProjects } from '../../simulators/demo-data.ts'
import { createJiraSimulator } from '../../simulators/jira/jira-simulator.ts'
import { serveSimulators } from '../../simulators/serve.ts'
import { testJiraConnection } from './test-jira-connection.ts'

const serve = () =>
  serveSimulators({
    '/jira': (publicUrl) =>
      createJiraSimulator({ publicUrl, flavour: 'dc', people: demoPeople, projects: demoProjects }),
  })

let served: Awaited<ReturnType<typeof serve>>
let outbound: Outbound
beforeEach(async () => {
  served = await serve()
  outbound = createOutbound({ allowed: { listed: [], trustedOrigins: () => [served.origin] } })
})
afterEach(async () => {
  await outbound[Symbol.asyncDispose]()
  await served.close()
})

const tokenOf = (name: string) =>
  new Secret(demoPeople.find((one) => one.name === name)?.personalAccessToken ?? '')

async function test(more: Partial<Parameters<typeof testJiraConnection>[0]> = {}) {
  const result = await testJiraConnection({
    outbound,
    baseUrl: `${served.origin}/jira`,
    credential: { kind: 'pat', token: tokenOf('noa.levi') },
    ...more,
  })
  const states = result.steps.map(({ step, state }) => `${step} ${state}`).join(', ')
  const failure = result.steps.find(({ state }) => state === 'failed')?.failure?.kind
  return { ...result, states, failure }
}

it('passes step by step', async () => {
  const result = await test()
  expect(result).toMatchObject({
    passed: true,
    flavour: 'dc',
    identity: { employeeId: 'noa.levi' },
    states: 'address passed, tls not-run, sign-in passed, permission passed, identity passed',
  })
  expect(result.steps[0]?.durationMs).toBeGreaterThanOrEqual(0)
})

describe('fails at the step where it fails', () => {
  it('address', async () => {
    const result = await test({ baseUrl: 'http://10.1.2.3/jira' })
    expect(result).toMatchObject({ passed: false, failure: 'not-allowed' })
    expect(result.states).toMatch(/^address failed, tls not-run, sign-in not-run/)
  })

  it('nothing there', async () => {
    served.simulators['/jira'].faults.set({ fault: { kind: 'away' } })
    expect(await test()).toMatchObject({ passed: false, failure: 'unreachable' })
  })

  it('tls', async () => {
    const server = createTlsServer(good, (_request, response) => response.end('{}'))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const baseUrl = `https://localhost:${(server.address() as AddressInfo).port}`
    const open = createOutbound({
      allowed: { listed: [], trustedOrigins: () => [baseUrl] },
      lookup: async () => [{ address: '127.0.0.1' }],
    })
    const untrusted = await test({ outbound: open, baseUrl })
    const trusted = await test({ outbound: open, baseUrl, ca: authority })
    await open[Symbol.asyncDispose]()
    server.close()

    expect(untrusted.states).toMatch(/^address passed, tls failed, sign-in not-run/)
    expect(trusted.states).toMatch(/^address passed, tls passed, sign-in failed/)
  })

  it.each([
    [{ kind: 'html-login' }, 'login-page'],
    [{ kind: 'captcha' }, 'captcha'],
    [{ kind: 'anonymous' }, 'bad-token'],
    [{ kind: 'too-many-requests', retryAfter: '1' }, 'rate-limited'],
    [{ kind: 'garbage' }, 'unexpected-answer'],
  ] as const)('sign-in: %o', async (fault, expected) => {
    served.simulators['/jira'].faults.set({ fault })
    const result = await test()
    expect(result.failure).toBe(expected)
    expect(result.states).toMatch(
      /^address passed, tls not-run, sign-in failed, permission not-run/,
    )
  })

  it('permission', async () => {
    const credential = { kind: 'pat', token: tokenOf('omer.katz') } as const
    const result = await test({ credential })
    expect(result.failure).toBe('inactive')
    expect(result.states).toMatch(/sign-in passed, permission failed, identity not-run/)
  })

  it('identity: Jira calls itself by another host [ID-3]', async () => {
    const elsewhere = served.origin.replace('127.0.0.1', 'localhost')
    const open = createOutbound({
      allowed: { listed: [], trustedOrigins: () => [elsewhere] },
      lookup: async () => [{ address: '127.0.0.1' }],
    })
    const result = await test({ outbound: open, baseUrl: `${elsewhere}/jira` })
    await open[Symbol.asyncDispose]()
    expect(result.failure).toBe('redirect')
    expect(result.states).toMatch(/permission passed, identity failed/)
  })
})

it('tells the truth of this moment, however often it failed before', async () => {
  served.simulators['/jira'].faults.set({ fault: { kind: 'away' }, times: 6 })
  for (let time = 0; time < 6; time += 1) expect((await test()).failure).toBe('unreachable')
  expect((await test()).passed).toBe(true)
})

it('shows the token to nobody before it is known who is there', async () => {
  const seen: (string | undefined)[] = []
  const stranger = await serveSimulators(
    {},
    {
      fallback: (request, response) => {
        seen.push(request.headers.authorization)
        response.writeHead(302, { location: 'https://sso.example/' }).end()
      },
    },
  )
  const open = createOutbound({ allowed: { listed: [], trustedOrigins: () => [stranger.origin] } })
  const result = await test({ outbound: open, baseUrl: stranger.origin })
  await open[Symbol.asyncDispose]()
  await stranger.close()
  expect(result.failure).toBe('redirect')
  expect(seen).toEqual([undefined])
})
