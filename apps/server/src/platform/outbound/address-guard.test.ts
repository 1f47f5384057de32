import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createAddressGuard, type HostPolicy, type Lookup } from './address-guard.ts'
import { OutboundError } from './outbound-error.ts'
import { createOutbound } from './outbound.ts'

const names: Record<string, string[]> = {
  'mixed.example': ['1.1.1.1', '127.0.0.1'],
  'jira.corp.example': ['10.1.2.3'],
  'wiki.corp.example': ['10.20.30.40'],
  'inside.example': ['127.0.0.1'],
  'public.example': ['93.184.216.34'],
  localhost: ['127.0.0.1', '::1'],
}
const lookup: Lookup = async (name) => (names[name] ?? []).map((address) => ({ address }))

async function verdict(policy: Partial<HostPolicy>, url: string): Promise<string> {
  const guard = createAddressGuard({ listed: [], ...policy }, lookup)
  return guard.check(url).then(
    () => 'allowed',
    (error: OutboundError) => `${error.kind}: ${error.failure.detail}`,
  )
}

describe('what reaches nobody by accident [SEC-13]', () => {
  let connections = 0
  let port = 0
  const servers: http.Server[] = []

  beforeAll(async () => {
    const canary = http
      .createServer((_request, response) => response.end('internal'))
      .on('connection', () => (connections += 1))
    await new Promise<void>((resolve) => canary.listen(0, '127.0.0.1', resolve))
    port = (canary.address() as AddressInfo).port
    const friend = http.createServer((_request, response) =>
      response.writeHead(302, { location: `http://127.0.0.1:${port}/inner?token=1` }).end(),
    )
    await new Promise<void>((resolve) => friend.listen(port, '127.0.0.2', resolve))
    servers.push(canary, friend)
  })
  afterAll(() => servers.forEach((server) => server.close()))

  const hosts =
    '127.0.0.1 127.1 2130706433 0x7f000001 0x7f.1 0177.0.0.1 017700000001 0 [::1] [::] ' +
    '[::ffff:127.0.0.1] [::ffff:7f00:1] [::ffff:0:7f00:1] [::127.0.0.1] ' +
    '[0:0:0:0:0:ffff:a9fe:a9fe] [64:ff9b::7f00:1] [2002:7f00:1::] [fd00:ec2::254] [fe80::1] ' +
    '169.254.169.254 168.63.129.16 100.100.100.200 10.0.0.5 192.168.1.1 172.16.0.9 100.64.0.1 ' +
    '255.255.255.255 224.0.0.1 198.18.0.1 192.0.2.1 [2001:db8::1] [fc00::1] ' +
    '①②⑦.⓪.⓪.① 127。0。0。1 localhost localhost. LOCALHOST inside.example mixed.example ' +
    'jira.corp.example metadata.google.internal'

  it('refuses every spelling of an address that nobody listed, and connects to none', async () => {
    const corpus = [
      ...hosts
        .split(' ')
        .flatMap((host) => [`http://${host}:${port}/`, `https://${host}:${port}/`]),
      `http://user@127.0.0.1:${port}/`,
      `http://jira.corp.example@127.0.0.1:${port}/`,
      `http://127.0.0.1:${port}#@jira.corp.example/`,
      `http://127.0.0.1:${port}\\@jira.corp.example/`,
      'file:///etc/passwd',
      'gopher://127.0.0.1:6379/_x',
      'ftp://127.0.0.1/',
      // oxlint-disable-next-line no-script-url -- the guard must refuse it
      'javascript:alert(1)',
      'not a url',
      '',
    ]
    await using outbound = createOutbound({
      allowed: { listed: [`127.0.0.2:${port}`, '10.20.0.0/16', 'inside.example'] },
      lookup,
    })
    const passed: string[] = []
    for (const url of corpus) {
      const error = await outbound.send({ url, deadlineMs: 500 }).catch((thrown) => thrown)
      const isRefused = error instanceof OutboundError && !error.sent
      if (!isRefused || !['not-allowed', 'dns'].includes(error.kind)) passed.push(url)
    }
    expect(passed).toEqual([])
    expect(connections).toBe(0)
  })

  it('keeps to the address that it checked, and follows no redirect', async () => {
    let questions = 0
    await using outbound = createOutbound({
      allowed: { listed: [`127.0.0.2:${port}`] },
      // The name points to a friend when asked first and inside from then on.
      lookup: async () => [{ address: (questions += 1) === 1 ? '127.0.0.2' : '127.0.0.1' }],
    })
    const url = `http://rebind.example:${port}/`

    const first = await outbound.send({ url, deadlineMs: 1000 }).catch((thrown) => thrown)
    const second = await outbound.send({ url, deadlineMs: 1000 }).catch((thrown) => thrown)

    expect(first.failure).toMatchObject({
      kind: 'redirect',
      status: 302,
      target: `http://127.0.0.1:${port}/inner`,
    })
    expect(first.message).toContain(`127.0.0.1:${port}`)
    expect(second.kind).toBe('not-allowed')
    expect(connections).toBe(0)
  })
})

describe('what the operator opens', () => {
  it.each([
    ['public https', {}, 'https://public.example/', 'allowed'],
    ['public http', {}, 'http://public.example/', /http without TLS.*public\.example/],
    ['public http, listed', { listed: ['public.example'] }, 'http://public.example/', 'allowed'],
    [
      'private',
      {},
      'https://jira.corp.example/',
      /internal: add jira.corp.example to ALLOWED_INTEGRATION_HOSTS/,
    ],
    ['private, host', { listed: ['Jira.Corp.Example'] }, 'https://jira.corp.example/', 'allowed'],
    [
      'private, host with port',
      { listed: ['jira.corp.example:8443'] },
      'https://jira.corp.example:8443/',
      'allowed',
    ],
    [
      'private, host with another port',
      { listed: ['jira.corp.example:8443'] },
      'https://jira.corp.example/',
      /internal/,
    ],
    ['private, range', { listed: ['10.20.0.0/16'] }, 'http://wiki.corp.example/', 'allowed'],
    ['private, other range', { listed: ['10.20.0.0/16'] }, 'http://jira.corp.example/', /internal/],
    ['private address', { listed: ['10.1.2.3'] }, 'http://10.1.2.3/', 'allowed'],
    ['loopback by name', { listed: ['inside.example'] }, 'http://inside.example/', /127\.0\.0\.1/],
    ['loopback by address', { listed: ['127.0.0.1'] }, 'http://127.0.0.1:99/', /127\.0\.0\.1:99/],
    ['loopback by range', { listed: ['127.0.0.0/8'] }, 'http://127.0.0.1:99/', /listed as/],
    ['loopback, exact', { listed: ['127.0.0.1:99'] }, 'http://127.0.0.1:99/', 'allowed'],
    ['loopback, exact, other port', { listed: ['127.0.0.1:99'] }, 'http://127.0.0.1:98/', /98/],
    ['loopback, IPv6', { listed: ['[::1]:99'] }, 'http://[0:0:0:0:0:0:0:1]:99/', 'allowed'],
    ['one of two', { listed: ['127.0.0.1:99'] }, 'http://localhost:99/', /::1/],
    ['unknown name', {}, 'https://nowhere.example/', /dns: there is no address/],
  ] as const)('%s', async (...[, policy, url, expected]) => {
    expect(await verdict(policy, url)).toMatch(expected)
  })

  it('opens the hosts of the Jira addresses that an administrator keeps [D-2]', async () => {
    const policy = { jiraBaseUrls: () => ['http://jira.corp.example:8080/jira'] }
    expect(await verdict(policy, 'http://jira.corp.example:8080/jira/rest')).toBe('allowed')
    expect(await verdict(policy, 'http://jira.corp.example:9090/')).toMatch(/internal/)
    expect(
      await verdict({ jiraBaseUrls: () => ['http://127.0.0.1:99'] }, 'http://127.0.0.1:99/'),
    ).toMatch(/only when listed/)
  })
})

describe('our own listeners', () => {
  it.each([
    ['127.0.0.1:5432', 'http://127.0.0.1:5432/'],
    ['127.0.0.1:5432', 'http://0.0.0.0:5432/'],
    ['0.0.0.0:8080', 'http://127.0.0.1:8080/'],
    ['0.0.0.0:8080', 'http://127.9.9.9:8080/'],
    ['[::]:8080', 'http://[::1]:8080/'],
  ])('listening on %s is never reachable as %s, whatever is listed', async (own, url) => {
    const policy = { ownListeners: () => [own], listed: [new URL(url).host, '127.0.0.0/8'] }
    expect(await verdict(policy, url)).toMatch(/one of our own listeners/)
  })

  it('lets the demo reach its own simulator and nothing beside it', async () => {
    const policy = {
      ownListeners: () => ['127.0.0.1:8080'],
      trustedOrigins: () => ['http://127.0.0.1:8080/demo/jira'],
    }
    const url = (path: string) => `http://127.0.0.1:8080${path}`
    expect(await verdict(policy, url('/demo/jira/rest/api/2/myself'))).toBe('allowed')
    expect(await verdict(policy, url('/demo/jira'))).toBe('allowed')
    expect(await verdict(policy, url('/demo/jira/../../metrics'))).toMatch(/own listeners/)
    expect(await verdict(policy, url('/demo/jira/%2e%2e/%2e%2e/metrics'))).toMatch(/own listeners/)
    expect(await verdict(policy, url('/demo/jiraffe'))).toMatch(/own listeners/)
    expect(await verdict(policy, url('/'))).toMatch(/own listeners/)
  })
})
