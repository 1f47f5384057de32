import { lookup as systemLookup } from 'node:dns/promises'
import net from 'node:net'
import { networkInterfaces } from 'node:os'
import { domainToASCII } from 'node:url'
import { OutboundError } from './outbound-error.ts'

/** Where the product may connect to. Lists that change while we run are functions. */
export type HostPolicy = {
  /**
   * ALLOWED_INTEGRATION_HOSTS: `host`, `host:port`, `address:port` or `range/prefix`. Only an exact
   * `address:port` (IPv6 in brackets) opens loopback, link-local and metadata addresses.
   */
  readonly listed: readonly string[]
  /** The administrator's Jira base URLs: they open their hosts in private ranges and over http. */
  readonly jiraBaseUrls?: () => readonly string[]
  /** `address:port` of what we listen on and store in; `0.0.0.0` is every address of this machine. */
  readonly ownListeners?: () => readonly string[]
  /**
   * Simulators of the demo, named by the object that started them: an origin, or an origin with a
   * path, below which everything is allowed although it may be one of our own listeners.
   */
  readonly trustedOrigins?: () => readonly string[]
}

export type Lookup = (hostname: string) => Promise<readonly { readonly address: string }[]>

/** A URL that passed, and the only addresses that may be connected to for it. */
export type Target = {
  readonly url: URL
  readonly hostname: string
  readonly addresses: readonly string[]
}

/** Metadata services first: one is a public address, one lies inside the private range fc00::/7. */
const forbidden = blockList(
  '168.63.129.16/32 100.100.100.200/32 169.254.0.0/16 fd00:ec2::254/128 ' +
    '0.0.0.0/8 127.0.0.0/8 192.0.0.0/24 192.0.2.0/24 192.88.99.0/24 198.18.0.0/15 ' +
    '198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4 ' +
    '::/96 ::ffff:0:0:0/96 64:ff9b::/96 64:ff9b:1::/48 100::/64 2001::/23 2001:db8::/32 ' +
    '2002::/16 3fff::/20 5f00::/16 fe80::/10 fec0::/10 ff00::/8',
)
/** A self-hosted Jira lives here, so these cannot simply be refused. */
const internal = blockList('10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 100.64.0.0/10 fc00::/7')

const loopback = blockList('127.0.0.0/8 0.0.0.0/32 ::1/128 ::/128')

function blockList(ranges: string): net.BlockList {
  const list = new net.BlockList()
  for (const range of ranges.split(/\s+/).filter((entry) => entry !== '')) {
    const [address = '', prefix] = range.split('/')
    list.addSubnet(address, Number(prefix), net.isIPv6(address) ? 'ipv6' : 'ipv4')
  }
  return list
}

function has(list: net.BlockList, address: string): boolean {
  return list.check(address, net.isIPv6(address) ? 'ipv6' : 'ipv4')
}

/**
 * One spelling per address: `::ffff:7f00:1` is `127.0.0.1` and is judged as that.
 *
 * @param address an IP address, with a zone or not
 */
export function canonicalAddress(address: string): string {
  if (!net.isIPv6(address)) return address
  const written = new URL(`http://[${address.split('%')[0]}]`).hostname.slice(1, -1)
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(written)
  if (mapped === null) return written
  const [high = 0, low = 0] = mapped.slice(1).map((part) => Number.parseInt(part, 16))
  return [high >> 8, high & 255, low >> 8, low & 255].join('.')
}

/** `[::1]:80` and `127.0.0.1:80` as one key; undefined when it is no `address:port`. */
function endpointKey(entry: string): string | undefined {
  const parts = /^(?:\[([^\]]+)\]|([^:]+)):(\d+)$/.exec(entry)
  const address = parts?.[1] ?? parts?.[2] ?? ''
  return net.isIP(address) === 0 ? undefined : `${canonicalAddress(address)} ${Number(parts?.[3])}`
}

type Listed = {
  readonly endpoints: ReadonlySet<string>
  readonly names: ReadonlySet<string>
  readonly ranges: net.BlockList
}

function parseListed(entries: readonly string[]): Listed {
  const clean = entries.map((entry) => entry.trim().toLowerCase()).filter((entry) => entry !== '')
  const plain = clean.filter((entry) => !entry.includes('/'))
  return {
    endpoints: new Set(plain.flatMap((entry) => endpointKey(entry) ?? [])),
    names: new Set(plain.map(bareName)),
    ranges: blockList(clean.filter((entry) => isRange(entry)).join(' ')),
  }
}

/** As the URL parser writes it: no brackets, no final dot, international names in ASCII. */
function bareName(entry: string): string {
  const unbracketed = entry.replace(/^\[([^\]]+)\]$/, '$1')
  if (net.isIP(unbracketed) > 0) return canonicalAddress(unbracketed)
  const [, name = '', port = ''] = /^([^:]*?)\.?(:\d+)?$/.exec(entry) ?? []
  return `${domainToASCII(name)}${port}`
}

function isRange(entry: string): boolean {
  const [address = '', prefix = ''] = entry.split('/')
  const bits = net.isIP(address) === 6 ? 128 : 32
  return net.isIP(address) > 0 && /^\d{1,3}$/.test(prefix) && Number(prefix) <= bits
}

export type AddressGuard = {
  /**
   * Judges a URL and pins its addresses.
   *
   * @throws OutboundError `not-allowed` or `dns`, always with `sent: false`
   */
  check(input: string): Promise<Target>
}

/**
 * The guard in front of every address that a person or an answer can influence (`security.md` 2).
 *
 * @param lookup asks the resolver for all addresses of a name; tests replace it
 */
export function createAddressGuard(
  policy: HostPolicy,
  lookup: Lookup = systemLookupAll,
): AddressGuard {
  const listed = parseListed(policy.listed)
  const underway = new Map<string, ReturnType<Lookup>>()

  /** Questions for one name share one place in libuv's pool, however many callers wait for it. */
  function resolve(hostname: string): ReturnType<Lookup> {
    const asked = underway.get(hostname)
    if (asked !== undefined) return asked
    const answer = lookup(hostname).finally(() => underway.delete(hostname))
    underway.set(hostname, answer)
    return answer
  }

  return {
    async check(input) {
      const url = parseUrl(input)
      const hostname = url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '')
      const addresses = await addressesOf({ url, hostname }, resolve)
      const target: Target = { url, hostname, addresses }
      if (!isTrusted(url, policy.trustedOrigins?.() ?? [])) judge(target, policy, listed)
      return target
    },
  }
}

function parseUrl(input: string): URL {
  const url = URL.parse(input)
  if (url === null) throw refusal('', 'this is not a URL')
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    throw refusal(url.host, `addresses begin with https:, not with ${url.protocol}`)
  if (url.username !== '' || url.password !== '')
    throw refusal(url.host, 'the address contains a user name or password')
  return url
}

async function addressesOf(
  { url, hostname }: Pick<Target, 'url' | 'hostname'>,
  resolve: Lookup,
): Promise<string[]> {
  if (net.isIP(hostname) > 0) return [canonicalAddress(hostname)]
  const found = await resolve(hostname).catch(() => [])
  if (found.length > 0) return [...new Set(found.map(({ address }) => canonicalAddress(address)))]
  const detail = `there is no address for the name ${hostname}`
  throw new OutboundError({ kind: 'dns', sent: false, host: url.host, detail })
}

function judge(target: Target, policy: HostPolicy, listed: Listed): void {
  const own = (policy.ownListeners?.() ?? []).flatMap((entry) => endpointKey(entry) ?? [])
  const isNamed = isListedName(target, listed) || isJiraBase(target.url, policy)
  let opened = 0
  for (const address of target.addresses) {
    const verdict = judgeAddress({ target, address, own, isNamed }, listed)
    if (verdict === 'opened') opened += 1
  }
  const everyAddressOpened = opened === target.addresses.length
  if (target.url.protocol === 'http:' && !isNamed && !everyAddressOpened)
    throw refusal(
      target.url.host,
      `http without TLS is for listed hosts: add ${target.url.host} to ALLOWED_INTEGRATION_HOSTS`,
    )
}

type Question = {
  readonly target: Target
  readonly address: string
  readonly own: readonly string[]
  readonly isNamed: boolean
}

/** `opened`: the operator listed this very address or its range. `public`: anybody may go there. */
function judgeAddress(question: Question, listed: Listed): 'opened' | 'public' {
  const { target, address, own, isNamed } = question
  const { url, hostname } = target
  const port = portOf(url)
  if (isOwn(address, port, own))
    throw refusal(url.host, `${address}:${port} is one of our own listeners`)
  if (listed.endpoints.has(`${address} ${port}`)) return 'opened'
  if (has(forbidden, address))
    throw refusal(
      url.host,
      `${address} is reachable only when listed as ${bracket(address)}:${port}`,
    )
  if (has(listed.ranges, address)) return 'opened'
  if (!has(internal, address)) return 'public'
  if (isNamed) return 'opened'
  throw refusal(url.host, `${address} is internal: add ${hostname} to ALLOWED_INTEGRATION_HOSTS`)
}

function isListedName({ url, hostname }: Target, { names }: Listed): boolean {
  return names.has(hostname) || names.has(`${hostname}:${portOf(url)}`)
}

function isJiraBase(url: URL, policy: HostPolicy): boolean {
  return (policy.jiraBaseUrls?.() ?? []).some((base) => URL.parse(base)?.origin === url.origin)
}

function isTrusted(url: URL, prefixes: readonly string[]): boolean {
  return prefixes.some((prefix) => {
    const trusted = URL.parse(prefix)
    if (trusted === null || trusted.origin !== url.origin) return false
    const path = trusted.pathname.replace(/\/$/, '')
    return url.pathname === path || url.pathname.startsWith(`${path}/`)
  })
}

function isOwn(address: string, port: number, own: readonly string[]): boolean {
  if (own.includes(`${address} ${port}`)) return true
  const everywhere = own.includes(`0.0.0.0 ${port}`) || own.includes(`:: ${port}`)
  // A listener on one loopback address is also reached by the unspecified address.
  const unspecified = own.some((entry) => entry.endsWith(` ${port}`)) && isUnspecified(address)
  return unspecified || (everywhere && isOfThisMachine(address))
}

function isUnspecified(address: string): boolean {
  return address === '0.0.0.0' || address === '::'
}

function isOfThisMachine(address: string): boolean {
  if (has(loopback, address)) return true
  const interfaces = Object.values(networkInterfaces()).flatMap((entries) => entries ?? [])
  return interfaces.some((entry) => canonicalAddress(entry.address) === address)
}

function portOf(url: URL): number {
  return Number(url.port || (url.protocol === 'https:' ? 443 : 80))
}

function bracket(address: string): string {
  return net.isIPv6(address) ? `[${address}]` : address
}

function refusal(host: string, detail: string): OutboundError {
  return new OutboundError({ kind: 'not-allowed', sent: false, host, detail })
}

async function systemLookupAll(hostname: string): Promise<{ address: string }[]> {
  return systemLookup(hostname, { all: true })
}
