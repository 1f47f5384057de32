import { randomBytes } from 'node:crypto'
import type { Fault, FaultControl } from '../../simulators/fault-control.ts'
import { demoModelKey, demoPeople } from '../../simulators/demo-data.ts'
import type { TestServer } from '../global-setup.ts'
import { startTestApp, type TestApp, testPassword } from '../test-app.ts'
import type { TestClient } from '../test-client.ts'
import { leftoversOfCrashes } from './crashed-product.ts'
import { fillPath, type Route, routesOf } from './route-shapes.ts'
import { numbersFrom, sampleOf, textPlaces, withAt } from './shape-samples.ts'
import { tablesOf } from './table-texts.ts'

export type CanaryReport = {
  readonly secrets: number
  readonly requests: number
  /** Characters of log, answers and tables that were searched. */
  readonly searched: number
  /** Kinds of files and outputs of crashed processes among them. */
  readonly files: number
  readonly findings: readonly string[]
}

type Plan = {
  /** How many kinds of trouble the outside makes; all where absent. */
  readonly faultsMax?: number
  /** How often a process of the product is killed while it works on secrets. */
  readonly crashes: number
  readonly seed: number
  readonly postgres: TestServer
  readonly signal?: AbortSignal
}

type Secret = { readonly name: string; readonly value: string }

/** What goes wrong outside while secrets are on their way; `none` comes first. */
const faults: readonly (Fault | undefined)[] = [
  undefined,
  { kind: 'away' },
  { kind: 'status', status: 401, body: 'html' },
  { kind: 'status', status: 403, body: 'json' },
  { kind: 'status', status: 500, body: 'html' },
  { kind: 'status', status: 302, headers: { location: 'http://127.0.0.1:1/' } },
  { kind: 'html-login' },
  { kind: 'garbage' },
  { kind: 'too-many-requests', retryAfter: '1' },
  { kind: 'die', after: 2 },
  { kind: 'captcha' },
  { kind: 'error-in-stream', after: 2 },
]

const places = [
  'authorization',
  'cookie',
  'x-csrf-token',
  'x-atlassian-jira-personal-token',
] as const

/**
 * Gives the product forty secrets, in every field, header and address that could hold one, while the
 * outside fails in every way and processes are killed, and looks for them, raw and encoded, in the log,
 * the answers, every table, exports, backups and the other files that are left (S-03).
 */
export async function canaryCampaign({
  seed,
  postgres,
  faultsMax,
  crashes,
  signal,
}: Plan): Promise<CanaryReport> {
  let clock = 0
  await using app = await startTestApp({
    postgres,
    logLevel: 'debug',
    ground: { attemptClock: () => (clock += 60_000), lookup: async () => [] },
  })
  const random = numbersFrom(seed)
  const client = await app.withModel('noa.levi')
  const visitor = app.visitor()
  const secrets = [...ownSecrets(app, client), ...madeSecrets(40)]
  const made = secrets.filter(({ name }) => name.startsWith('made'))
  const answers: string[] = []
  let requests = 0
  let next = 0
  const secret = () => made[(next += 1) % made.length]?.value ?? ''

  const supplies = { secret, random, jiraUrl: app.jira.url }

  const ask = async (who: TestClient, path: string, init: RequestInit) => {
    requests += 1
    const response = await who.fetch(path, { ...init, signal: AbortSignal.timeout(10_000) })
    const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') === true
    if (isStream) await response.body?.cancel()
    // What a person signs in with is told to that person's browser; a redirect keeps what was asked.
    const told = ['set-cookie', 'location']
    const headers = [...response.headers].filter(([name]) => !told.includes(name))
    answers.push(
      `${init.method} ${path.split('?')[0]} ${JSON.stringify(headers)} ${isStream ? '' : await response.text()}`,
    )
  }

  for (const fault of faults.slice(0, faultsMax)) {
    if (signal?.aborted === true) break
    setFault(app, fault)
    for (const { path, init, by } of tries(routesOf(app.app), fault === undefined, supplies))
      await ask(by === 'visitor' ? visitor : client, path, init)
    await signInAgain(app, client)
  }
  const tables = await tablesOf(app.copy)
  const plan = { crashes, random, secret, postgres, signal }
  const leftovers = crashes === 0 ? [] : await leftoversOfCrashes(plan)
  const found = [
    ...search(secrets, 'the log', app.logged),
    ...search(secrets, 'an answer', answers),
    ...search(secrets, 'a table', tables),
    ...leftovers.flatMap(({ where, text }) => search(secrets, where, [text])),
  ]
  const left = leftovers.map(({ text }) => text)
  const searched = [app.logged, answers, tables, left]
    .flat()
    .reduce((sum, text) => sum + text.length, 0)
  const files = new Set(leftovers.map(({ where }) => where)).size
  return { secrets: secrets.length, requests, searched, files, findings: [...new Set(found)] }
}

function setFault({ jira, model }: TestApp, fault: Fault | undefined): void {
  for (const { faults: outside } of [jira.simulator, model.simulator]) {
    outside.clear()
    if (fault !== undefined && isKnown(outside, fault)) outside.set({ fault })
  }
}

/** Some trouble is that of one system only. */
function isKnown(outside: FaultControl, fault: Fault): boolean {
  try {
    outside.set({ fault })
    return true
  } catch {
    return false
  } finally {
    outside.clear()
  }
}

type Try = { readonly path: string; readonly init: RequestInit; readonly by: 'visitor' | 'person' }

/** Secrets in bodies; with `everywhere` also in headers and addresses, where nobody should put them. */
function* tries(
  routes: readonly Route[],
  everywhere: boolean,
  { secret, random, jiraUrl }: Supplies,
): Generator<Try> {
  for (const route of routes) {
    const path = pathOf(route)
    const { method } = route
    for (const body of bodiesWith(route, secret, random)) {
      const headers = { 'content-type': 'application/json' }
      const init = { method, headers, body: JSON.stringify(body) }
      yield { path, init, by: 'person' }
      yield { path, init, by: 'visitor' }
    }
    if (!everywhere) continue
    yield { path: `${path}?token=${encodeURIComponent(secret())}`, init: { method }, by: 'visitor' }
    for (const place of places) {
      const value = `${place === 'cookie' ? 'so_session=' : 'Token '}${secret()}`
      const headers = { [place]: value, 'x-atlassian-jira-url': jiraUrl }
      yield { path, init: { method, headers }, by: 'visitor' }
    }
  }
}

type Supplies = {
  readonly secret: () => string
  readonly random: () => number
  readonly jiraUrl: string
}

/** What really opens something here. */
function ownSecrets(app: TestApp, { cookies }: TestClient): Secret[] {
  const noa = demoPeople.find(({ name }) => name === 'noa.levi')
  return [
    { name: 'the master key', value: app.masterKey.toString('hex') },
    { name: 'the master key in base64', value: app.masterKey.toString('base64') },
    { name: 'the password', value: testPassword },
    { name: 'the Jira token', value: noa?.personalAccessToken ?? '' },
    { name: 'the key of the model', value: demoModelKey },
    { name: 'the session', value: cookies.get('so_session') ?? '' },
  ]
}

/** Of a length and an alphabet that every field of ours takes, with signs that encodings change. */
function madeSecrets(count: number): Secret[] {
  return Array.from({ length: count }, (_, index) => ({
    name: `made secret ${index + 1}`,
    value: `Kn4ry+${randomBytes(15).toString('base64')}/${index}!`,
  }))
}

const secretName = /token|password|secret|key|ticket|pat|code|current|next|cookie|credential/i

/** A good body for each of its texts that sounds like a secret, with one in that place. */
function* bodiesWith(route: Route, secret: () => string, random: () => number): Generator<unknown> {
  if (route.body === undefined) return
  const good = sampleOf(route.body, random)
  for (const place of textPlaces(good))
    if (secretName.test(place.at(-1) ?? '')) yield withAt(good, place, secret())
}

function pathOf(route: Route): string {
  return fillPath(route, (param) => (/key/i.test(param) ? 'PAY' : crypto.randomUUID()))
}

async function signInAgain(app: TestApp, client: TestClient): Promise<void> {
  setFault(app, undefined)
  const fresh = await app.signedIn('noa.levi')
  for (const [name, value] of fresh.cookies) client.cookies.set(name, value)
}

/** A text as the ways out of a program write it. */
export function encodingsOf(value: string): string[] {
  const bytes = Buffer.from(value, 'utf8')
  // Base64 of the middle of a longer text: three shifts, without the ends that depend on neighbours.
  const shifted = [0, 1, 2].map((shift) =>
    Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .slice(4, -4),
  )
  return [
    value,
    JSON.stringify(value).slice(1, -1),
    encodeURIComponent(value),
    new URLSearchParams({ v: value }).toString().slice(2),
    bytes.toString('hex'),
    ...shifted,
    ...shifted.map((text) => text.replaceAll('+', '-').replaceAll('/', '_')),
    value.replaceAll('+', '\\u002b').replaceAll('/', '\\/'),
    value.replaceAll('&', '&amp;').replaceAll('"', '&quot;'),
  ].filter((text) => text.length >= 8)
}

function search(secrets: readonly Secret[], where: string, texts: readonly string[]): string[] {
  const all = texts.join('\n')
  return secrets.flatMap(({ name, value }) => {
    const seen = encodingsOf(value).find((text) => all.includes(text))
    if (seen === undefined) return []
    const line = texts.find((text) => text.includes(seen)) ?? ''
    return [`${name} is in ${where}: ${line.replaceAll(seen, '…').slice(0, 160)}`]
  })
}
