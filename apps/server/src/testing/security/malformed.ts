import { connect } from 'node:net'
import type { AddressInfo } from 'node:net'
import { errorCatalog } from '@studioops/contracts/errors'
import { createFrontDoor } from '../../platform/http/front-door.ts'
import type { TestServer } from '../global-setup.ts'
import { startTestApp, type TestApp } from '../test-app.ts'
import type { TestClient } from '../test-client.ts'
import { brokenMessages } from './broken-messages.ts'
import { hostileBodies, hostileTexts, hostileValues } from './hostile-values.ts'
import { fillPath, type Route, routesOf } from './route-shapes.ts'
import { numbersFrom, pick, sampleOf, textPlaces, withAt } from './shape-samples.ts'

export type MalformedReport = {
  readonly requests: number
  readonly statuses: Readonly<Record<string, number>>
  /** Longest time to an answer or to the end of the connection, of whole messages. */
  readonly slowestMs: number
  readonly findings: readonly string[]
}

type Plan = {
  readonly requests: number
  readonly seed: number
  readonly postgres?: TestServer
  readonly signal?: AbortSignal
}

const hangMs = 5_000
const atOnce = 6

/**
 * Sends what nobody should send, over raw sockets and as JSON that misses the contracts, and counts
 * answers of 5xx, silences and ends of the process (S-05).
 */
export async function malformedCampaign(plan: Plan): Promise<MalformedReport> {
  let clock = 0
  await using app = await startTestApp({
    // Names lead nowhere, at once, and no limit of attempts answers in place of what is tried.
    ground: { lookup: async () => [], attemptClock: () => (clock += 60_000) },
    ...(plan.postgres === undefined ? {} : { postgres: plan.postgres }),
  })
  const clients = [await app.signedIn('maya.green'), app.visitor()]
  const random = numbersFrom(plan.seed)
  const routes = routesOf(app.app)
  const door = createFrontDoor()
  door.open(app.app.handle, app.app.upgrade)
  await new Promise<void>((resolve) => door.server.listen(0, '127.0.0.1', resolve))
  const { port } = door.server.address() as AddressInfo

  const findings = new Set<string>()
  const statuses: Record<string, number> = {}
  let requests = 0
  let slowestMs = 0
  const note = (name: string, { status, text, tookMs }: Heard) => {
    requests += 1
    statuses[status] = (statuses[status] ?? 0) + 1
    slowestMs = Math.max(slowestMs, tookMs)
    if (status >= 500 && !isOutside(text)) findings.add(`${name}: ${status} ${text.slice(-300)}`)
    if (tellsTooMuch.test(text)) findings.add(`${name} tells how it is made: ${text.slice(0, 300)}`)
    if (tookMs > hangMs) findings.add(`${name}: no answer within ${hangMs} ms`)
  }

  const raw = rawTries(routes, clients, random)
  const shaped = shapedTries(routes, clients, random)
  const work = async () => {
    while (requests < plan.requests && plan.signal?.aborted !== true) {
      const { name, head } = raw.next().value
      for (const message of head)
        if (requests < plan.requests) note(`${name}, ${message.name}`, await shout(port, message))
      for (let count = 0; count < head.length && requests < plan.requests; count += 1) {
        const { route, client, ...sent } = shaped.next().value
        note(`${route.name} ${sent.said}`, await call(client, sent))
        if (client !== clients[1] && !isSignedIn(client)) await signInAgain(app, clients)
      }
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  for (const sentence of await stillWell(app, port)) findings.add(sentence)
  door.server.closeAllConnections()
  door.server.close()
  return { requests, statuses, slowestMs, findings: [...findings] }
}

type Heard = { readonly status: number; readonly text: string; readonly tookMs: number }

/** A stack, a path of ours, or SQL (ASVS 16.5.1); the page of the API is full of paths of its own. */
const tellsTooMuch =
  /\n\s+at \w|node_modules\/|\.ts:\d+|\/apps\/server\/|\bSQLSTATE\b|relation \\?"/

/** A system outside that is away is no defect of ours; anything else that begins with 5 is. */
function isOutside(text: string): boolean {
  const code = /"code":"([\w.-]+)"/.exec(text)?.[1] ?? ''
  return /^(jira|model|confluence|trello|connection)\./.test(code) && code in errorCatalog
}

const isSignedIn = ({ cookies }: TestClient) =>
  [...cookies.keys()].some((name) => name.endsWith('so_session'))

/** @returns 0 as status where the connection was ended without an answer */
function shout(
  port: number,
  { bytes, isWhole }: { bytes: Buffer; isWhole: boolean },
): Promise<Heard> {
  return new Promise((resolve) => {
    const began = performance.now()
    let text = ''
    const socket = connect({ port, host: '127.0.0.1' })
    const end = () => {
      clearTimeout(late)
      socket.destroy()
      const status = Number(/^HTTP\/1\.\d (\d{3})/.exec(text)?.[1] ?? 0)
      resolve({ status, text, tookMs: performance.now() - began })
    }
    const late = setTimeout(end, hangMs + 1_000)
    socket.on('data', (part: Buffer) => {
      text += part.toString('latin1').slice(0, 20_000)
      end()
    })
    socket.on('error', end)
    socket.on('close', end)
    socket.write(bytes, () => {
      // Whoever leaves in the middle gets no answer, and must not be waited for.
      if (!isWhole) setTimeout(end, 20)
      else socket.end()
    })
  })
}

type Sent = {
  readonly path: string
  readonly init: RequestInit
  readonly said: string
}

async function call(client: TestClient, { path, init }: Sent): Promise<Heard> {
  const began = performance.now()
  const signal = AbortSignal.timeout(hangMs + 1_000)
  try {
    const response = await client.fetch(path, { ...init, signal })
    const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') === true
    if (isStream) await response.body?.cancel()
    const text = isStream ? '' : await response.text()
    return { status: response.status, text, tookMs: performance.now() - began }
  } catch (error) {
    return { status: 0, text: String(error), tookMs: performance.now() - began }
  }
}

function* rawTries(
  routes: readonly Route[],
  clients: readonly TestClient[],
  random: () => number,
): Generator<{ name: string; head: ReturnType<typeof brokenMessages> }, never> {
  for (;;) {
    const route = pick(routes, random)
    const { cookies } = pick(clients, random)
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const path = fillPath(route, () => crypto.randomUUID())
    yield { name: route.name, head: brokenMessages({ method: route.method, path, cookie }) }
  }
}

function* shapedTries(
  routes: readonly Route[],
  clients: readonly TestClient[],
  random: () => number,
): Generator<Sent & { route: Route; client: TestClient }, never> {
  const served = routes.filter(({ endpoint }) => endpoint !== undefined)
  for (;;) {
    const route = pick(served, random)
    const client = pick(clients, random)
    yield { route, client, ...sendingOf(route, random) }
  }
}

/** One thing of a good request is replaced by something hostile; sometimes the whole body. */
function sendingOf(route: Route, random: () => number): Sent {
  const path = fillPath(route, (param) =>
    random() < 0.4 ? pick(hostileTexts, random).slice(0, 3_000) : goodParam(param),
  )
  const names = [
    ...Object.keys((route.query?.['properties'] ?? {}) as object),
    'limit',
    '__proto__',
  ]
  const query =
    random() < 0.4 ? `?${encoded(pick(names, random))}=${encoded(pick(hostileTexts, random))}` : ''
  const takesBody = ['POST', 'PUT', 'PATCH', 'DELETE'].includes(route.method)
  const body = takesBody ? bodyOf(route, random) : undefined
  const init: RequestInit = { method: route.method }
  if (body !== undefined) {
    init.body = body as NonNullable<RequestInit['body']>
    init.headers = { 'content-type': 'application/json' }
  }
  return { path: `${path}${query}`, init, said: String(body).slice(0, 120) }
}

// A lone surrogate has no escape; the replacement character is what a browser would send.
const encoded = (text: string) => encodeURIComponent(text.toWellFormed()).slice(0, 6_000)

const goodParam = (param: string) => (/key/i.test(param) ? 'PAY' : crypto.randomUUID())

function bodyOf(route: Route, random: () => number): string | Buffer {
  if (route.body === undefined || random() < 0.2) return pick(hostileBodies, random)
  const good = sampleOf(route.body, random)
  const places = [
    [],
    ...textPlaces(good),
    ...Object.keys((good ?? {}) as object).map((key) => [key]),
  ]
  const bad = withAt(good, pick(places, random), pick(hostileValues, random))
  const text = JSON.stringify(bad) ?? ''
  return random() < 0.2 ? text.replace('{', '{"__proto__":{"role":"owner"},"constructor":1,') : text
}

let signingIn: Promise<unknown> | undefined

async function signInAgain(app: TestApp, clients: TestClient[]): Promise<void> {
  signingIn ??= app.signedIn('maya.green').then((fresh) => {
    const [old] = clients
    if (old !== undefined) for (const [name, value] of fresh.cookies) old.cookies.set(name, value)
    signingIn = undefined
  })
  await signingIn
}

/** The product serves, nothing has crept into the prototypes, and the slow keep nobody waiting. */
async function stillWell(app: TestApp, port: number): Promise<string[]> {
  const slow = Array.from({ length: 50 }, () => {
    const socket = connect({ port, host: '127.0.0.1' })
    socket.on('error', () => undefined)
    socket.write('POST /api/session HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n{')
    return socket
  })
  const client = await app.signedIn('daniel.cohen')
  const began = performance.now()
  const { status } = await client.fetch('/api/stories')
  const tookMs = performance.now() - began
  for (const socket of slow) socket.destroy()
  return [
    ...(status === 200 ? [] : [`afterwards the stories answer ${status}`]),
    ...(tookMs < hangMs ? [] : [`fifty slow senders keep others waiting for ${tookMs} ms`]),
    ...('polluted' in {} || 'role' in {} || 'isAdmin' in {} ? ['a prototype was changed'] : []),
  ]
}
