import type tls from 'node:tls'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  authority,
  expired,
  good,
  otherHost,
} from '../../platform/outbound/certificates.test-data.ts'
import type { WireFault } from './fault-proxy.ts'

/** Names of hosts that the resolver of the run answers in its own way. */
export const strangeHosts = {
  unknown: 'unknown.studio.example',
  failing: 'failing.studio.example',
  slow: 'slow.studio.example',
} as const

export type Place =
  /** The proxy itself, over TLS. */
  | { readonly kind: 'proxy'; readonly tls: tls.TlsOptions; readonly ca?: string }
  /** A port that nobody listens on. */
  | { readonly kind: 'closed' }
  /** A port at which connecting takes for ever. */
  | { readonly kind: 'black-hole' }
  | { readonly kind: 'named'; readonly host: keyof typeof strangeHosts }

export type HttpFault = {
  /** As in `reliability.md` 5.1, with a letter where it has variants. */
  readonly id: string
  readonly title: string
  readonly place?: Place
  readonly wire?: WireFault
  /** Ends by a deadline only. */
  readonly waits?: true
  /** What happened after an earlier question that went well. */
  readonly before?: 'reset-all' | 'down-and-up'
}

const json = 'content-type: application/json\r\n'
const html = 'content-type: text/html;charset=UTF-8\r\n'

function answer(status: string, headers: string, body = ''): WireFault {
  const length = Buffer.byteLength(body)
  const bytes = `HTTP/1.1 ${status}\r\n${headers}content-length: ${length}\r\n\r\n${body}`
  return { kind: 'answer', bytes }
}

const page = '<!DOCTYPE html><html><body><h1>secret-page-of-the-proxy</h1></body></html>'
const loginPage =
  '<!DOCTYPE html><html><head><title>Log in</title></head><body><form action="/login"><input name="password" type="password"></form></body></html>'

const serverErrors = ['500 Oops', '502 Bad Gateway', '503 Unavailable', '504 Timeout']
const waits = {
  seconds: '7',
  date: new Date(Date.now() + 9_000).toUTCString(),
  huge: '1000000000',
  negative: '-1',
  garbage: 'soon',
}
const drifted = {
  'an empty object': '{}',
  null: 'null',
  'a list': '[]',
  'other types':
    '{"self":7,"name":[],"id":{},"email":false,"data":1,"choices":"x","displayName":3}',
}

/** What can go wrong between us and a server that speaks HTTP. */
export const httpFaults: readonly HttpFault[] = [
  { id: 'F1', title: 'refuses the connection', place: { kind: 'closed' } },
  { id: 'F2', waits: true, title: 'never completes the connection', place: { kind: 'black-hole' } },
  { id: 'F3', title: 'is slow', wire: { kind: 'latency', ms: 300 } },
  {
    id: 'F4',
    waits: true,
    title: 'trickles',
    wire: {
      kind: 'endless',
      head: `HTTP/1.1 200 OK\r\n${json}transfer-encoding: chunked\r\n\r\n`,
      piece: Buffer.from('1\r\n \r\n'),
      gapMs: 100,
    },
  },
  ...serverErrors.map((status, index) => ({
    id: `F5${'abcd'[index]}`,
    title: `answers ${status.slice(0, 3)} with a page`,
    wire: answer(status, html, page),
  })),
  ...Object.entries(waits).map(([name, value], index) => ({
    id: `F6${'abcde'[index]}`,
    title: `answers 429 with a Retry-After that is ${name}`,
    wire: answer('429 Slow Down', `${json}retry-after: ${value}\r\n`, '{}'),
  })),
  { id: 'F7', waits: true, title: 'reads and never answers', wire: { kind: 'silence' } },
  {
    id: 'F8',
    title: 'ends in the middle of a body',
    wire: { kind: 'cut', afterBytes: 150, how: 'fin' },
  },
  {
    id: 'F9',
    title: 'resets in the middle of a body',
    wire: { kind: 'cut', afterBytes: 150, how: 'rst' },
  },
  {
    id: 'F10',
    waits: true,
    title: 'stalls in the middle of a body',
    wire: { kind: 'cut', afterBytes: 150, how: 'hang' },
  },
  { id: 'F11a', title: 'answers broken JSON', wire: answer('200 OK', json, '{"a":1,') },
  {
    id: 'F11b',
    title: 'answers in broken chunks',
    wire: {
      kind: 'answer',
      bytes: `HTTP/1.1 200 OK\r\n${json}transfer-encoding: chunked\r\n\r\nZZ\r\nhi\r\n`,
    },
  },
  {
    id: 'F11c',
    title: 'speaks no HTTP',
    wire: { kind: 'answer', bytes: '220 mail.example ESMTP\r\n' },
  },
  { id: 'F12', title: 'answers with a login page', wire: answer('200 OK', html, loginPage) },
  {
    id: 'F13',
    title: 'answers without end',
    wire: {
      kind: 'endless',
      head: `HTTP/1.1 200 OK\r\n${json}\r\n`,
      piece: Buffer.alloc(1 << 20, 'x'),
      gapMs: 0,
    },
  },
  { id: 'F14', title: 'signs its own certificate', place: { kind: 'proxy', tls: good } },
  {
    id: 'F15a',
    title: 'has an expired certificate',
    place: { kind: 'proxy', tls: expired, ca: authority },
  },
  {
    id: 'F15b',
    title: 'has the certificate of another host',
    place: { kind: 'proxy', tls: otherHost, ca: authority },
  },
  {
    id: 'F16a',
    title: 'has a name that does not exist',
    place: { kind: 'named', host: 'unknown' },
  },
  {
    id: 'F16b',
    title: 'has a name that cannot be asked for',
    place: { kind: 'named', host: 'failing' },
  },
  {
    id: 'F17',
    waits: true,
    title: 'has a name whose answer takes for ever',
    place: { kind: 'named', host: 'slow' },
  },
  {
    id: 'F18a',
    title: 'sends us elsewhere',
    wire: answer('302 Found', 'location: http://elsewhere.example/x\r\n'),
  },
  {
    id: 'F18b',
    title: 'sends us to a metadata service',
    wire: answer('307 Away', 'location: http://169.254.169.254/latest/\r\n'),
  },
  { id: 'F18c', title: 'sends us in a circle', wire: answer('301 Moved', 'location: /\r\n') },
  {
    id: 'F19a',
    title: 'answers 401',
    wire: answer('401 Unauthorized', `${json}www-authenticate: Bearer\r\n`, '{}'),
  },
  {
    id: 'F19b',
    title: 'answers 403',
    wire: answer('403 Forbidden', `${json}www-authenticate: Bearer\r\n`, '{}'),
  },
  {
    id: 'F20',
    title: 'is lost before a byte of the answer',
    wire: { kind: 'cut', afterBytes: 0, how: 'rst' },
  },
  { id: 'F21', title: 'answers twice', wire: { kind: 'twice' } },
  { id: 'F22', title: 'resets connections that wait for their next use', before: 'reset-all' },
  ...Object.entries(drifted).map(([name, body], index) => ({
    id: `F23${'abcd'[index]}`,
    title: `answers ${name} where more was promised`,
    wire: answer('200 OK', json, body),
  })),
  { id: 'F24', title: 'was away a moment ago', before: 'down-and-up' },
]

/** Answers for the names above; all others are addresses already. */
export async function strangeLookup(hostname: string): Promise<readonly { address: string }[]> {
  if (hostname === strangeHosts.unknown) throw dnsError('ENOTFOUND')
  if (hostname === strangeHosts.failing) throw dnsError('EAI_AGAIN')
  await sleep(600_000, undefined, { ref: false })
  return [{ address: '127.0.0.1' }]
}

function dnsError(code: string): Error {
  return Object.assign(new Error(`getaddrinfo ${code}`), { code })
}
