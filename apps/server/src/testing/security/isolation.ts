import { randomUUID } from 'node:crypto'
import type { TestServer } from '../global-setup.ts'
import {
  type Expectation,
  expectations,
  families,
  shownToAdmins,
  toldByJira,
} from './isolation-table.ts'
import { type Caller, type Canary, openWorld, type World } from './isolation-world.ts'
import { fillPath, type Route, routesOf } from './route-shapes.ts'
import { numbersFrom, pick, sampleOf, textPlaces, withAt } from './shape-samples.ts'

export type IsolationReport = {
  readonly requests: number
  /** How many answers had which status. */
  readonly statuses: Readonly<Record<string, number>>
  readonly canaries: number
  /** Routes on which the victim sees own things: the same search finds them there. */
  readonly victimSees: number
  /** The routes that took most of the time, in milliseconds altogether. */
  readonly slowest: readonly (readonly [string, number])[]
  /** What is wrong, a sentence each. */
  readonly findings: readonly string[]
}

type Plan = {
  readonly requests: number
  readonly seed: number
  /** Routes to ask; default all. */
  readonly only?: (route: Route) => boolean
  readonly signal?: AbortSignal
}

/** What is sent: the same with an id of the victim and with one of nobody. */
type Probe = {
  readonly route: Route
  readonly path: string
  readonly body: unknown
  readonly headers: Readonly<Record<string, string>>
  /** Ids of the victim in it. */
  readonly used: readonly string[]
}

type Answer = { readonly status: number; readonly text: string; readonly headers: string }

/**
 * Asks every route as another person, as an admin and as a visitor with the victim's ids in
 * parameters, query, body and headers, and looks for anything of the victim in the answers and for
 * changes of the victim's rows (S-01).
 */
export async function runIsolation(world: World, plan: Plan): Promise<IsolationReport> {
  const random = numbersFrom(plan.seed)
  const routes = routesOf(world.app.app).filter((route) => plan.only?.(route) ?? true)
  const findings = new Set<string>()
  const statuses: Record<string, number> = {}
  let requests = 0
  const expectation = new Map(routes.map((route) => [route, expectationOf(route)]))
  const complain = (sentences: readonly string[]) => sentences.forEach((one) => findings.add(one))
  for (const [route, expected] of expectation) complain(misfitsOf(route, expected))
  complain(world.empty.map((table) => `the victim has no row in ${table}`))
  const endings = new Map<string, number>()
  const took = new Map<string, number>()

  async function send(caller: Caller, probe: Probe): Promise<Answer> {
    requests += 1
    const { route, path, body, headers } = probe
    const init: RequestInit = { method: route.method, headers: { ...headers } }
    if (body !== undefined) {
      init.body = JSON.stringify(body)
      init.headers = { 'content-type': 'application/json', ...headers }
    }
    const began = performance.now()
    const answer = await caller.client
      .fetch(path, init)
      .then(read)
      .catch((error: Error) => {
        findings.add(`${route.name} was answered with ${error.message} (${String(error.cause)})`)
        return { status: 0, text: '', headers: '' }
      })
    took.set(route.name, (took.get(route.name) ?? 0) + performance.now() - began)
    statuses[answer.status] = (statuses[answer.status] ?? 0) + 1
    if (answer.status >= 500)
      findings.add(`${route.name} answers ${answer.status}: ${answer.text.slice(0, 200)}`)
    if (caller.who !== 'visitor' && !isSignedIn(caller)) {
      endings.set(route.name, (endings.get(route.name) ?? 0) + 1)
      await world.signIn(caller)
    }
    return answer
  }

  function look(caller: Caller, { route, used }: Probe, answer: Answer): void {
    for (const id of used) caller.said.add(id)
    const mayShow = caller.who === 'admin' && expectation.get(route)?.endsWith(' people') === true
    for (const canary of foundIn(answer, world.canaries)) {
      if ([...caller.said].some((said) => said === canary.text)) continue
      if (mayShow && shownToAdmins.some((column) => column.test(canary.column))) continue
      if (toldByJira.some(([who, what]) => who.test(route.name) && what.test(canary.column)))
        continue
      findings.add(`${route.name} shows ${canary.column} of another person to ${caller.who}`)
    }
  }

  async function ask(caller: Caller, route: Route): Promise<void> {
    const expected = expectation.get(route)
    if (expected === undefined || isSkipped(caller, route, expected)) return
    if ((endings.get(route.name) ?? 0) >= 3) return
    const theirs = probeOf(route, world, random)
    const nobodys = swapped(theirs)
    const answer = await send(caller, theirs)
    look(caller, theirs, answer)
    const refusal = refusalFor(caller, expected)
    if (refusal !== undefined && answer.status !== refusal && answer.status < 500)
      findings.add(`${route.name} answers ${answer.status} to ${caller.who} instead of ${refusal}`)
    if (!expected.endsWith(' one')) return
    const other = await send(caller, nobodys)
    if (sameWords(answer, theirs) !== sameWords(other, nobodys))
      findings.add(
        `${route.name} tells ${caller.who} that something of another exists: ${answer.status} ${answer.text.slice(0, 160)} instead of ${other.status} ${other.text.slice(0, 160)}`,
      )
  }

  const victimSees = await countSeen(world, routes)
  const before = await world.rows()
  for (const [route, caller] of turns(routes, world.callers)) {
    if (requests >= plan.requests || plan.signal?.aborted === true) break
    await ask(caller, route)
  }
  complain(changesIn(before, await world.rows()))
  if (!(await world.victim.client.fetch('/api/stories')).ok)
    findings.add('the victim was signed out by others')
  return {
    requests,
    statuses,
    canaries: world.canaries.length,
    victimSees,
    slowest: [...took].toSorted(([, a], [, b]) => b - a).slice(0, 5),
    findings: [...findings],
  }
}

function* turns(routes: readonly Route[], callers: readonly Caller[]): Generator<[Route, Caller]> {
  for (;;) for (const route of routes) for (const caller of callers) yield [route, caller]
}

type Rows = Awaited<ReturnType<World['rows']>>

/**
 * The product itself tries each credential once a week, and reads lists of tools when they are due,
 * by jobs of the person; it notes what came of it, also meanwhile. Tickets that nobody took are removed.
 */
const noted = new Set(['connection_checks', 'tool_cache', 'background_jobs', 'socket_tickets'])

function changesIn(before: Rows, after: Rows): string[] {
  return [...before]
    .filter(([table]) => !noted.has(table))
    .filter(([table, rows]) => JSON.stringify(rows) !== JSON.stringify(after.get(table)))
    .map(([table]) => `rows of the victim in ${table} were changed by others`)
}

export async function isolationCampaign(
  plan: Plan & { readonly postgres?: TestServer },
): Promise<IsolationReport> {
  await using world = await openWorld(plan.postgres)
  return await runIsolation(world, plan)
}

function expectationOf({ name }: Route): Expectation | undefined {
  return expectations[name] ?? families.find(([pattern]) => pattern.test(name))?.[1]
}

function misfitsOf(route: Route, expected: Expectation | undefined): string[] {
  if (expected === undefined)
    return [`${route.name} has no row in isolation-table.ts: say whom it is for`]
  const { endpoint, params, name } = route
  const [who] = expected.split(' ')
  const misfits: string[] = []
  if (endpoint !== undefined && endpoint.access !== who)
    misfits.push(`${name} is open to ${endpoint.access}, and isolation-table.ts says ${who}`)
  if (params.some((param) => param.endsWith('Id')) && !/ (one|people|workspace)$/.test(expected))
    misfits.push(`${name} takes an id, so its row has to say one, people or workspace`)
  return misfits
}

/** An admin who tries every setting with made-up values would leave no workspace to look at. */
function isSkipped({ who }: Caller, { method }: Route, expected: Expectation): boolean {
  return who === 'admin' && method !== 'GET' && /^(admin|owner) /.test(expected)
}

function refusalFor({ who }: Caller, expected: Expectation): 401 | 403 | undefined {
  if (expected.startsWith('public ')) return undefined
  if (who === 'visitor') return 401
  return who === 'member' && /^(admin|owner) /.test(expected) ? 403 : undefined
}

const isSignedIn = ({ client }: Caller) =>
  [...client.cookies.keys()].some((name) => name.endsWith('so_session'))

const words = /[A-Z]?[a-z]+/g

/** Ids of the kind that a parameter names come first; any other kind is tried as well. */
function idFor(param: string, { ids, victim }: World, random: () => number): string {
  const kind = (param.match(words) ?? [])[0]?.toLowerCase() ?? param
  const all = [...ids.values()].flat()
  if (kind === 'user' || kind === 'person') return victim.userId
  const own = [...ids]
    .filter(([table]) => table.includes(kind.slice(0, 4)))
    .flatMap(([, found]) => found)
  return own.length > 0 && random() < 0.7
    ? pick(own, random)
    : pick([victim.userId, ...all], random)
}

/** A request such as the route's own page would send, with ids of the victim wherever one fits. */
function probeOf(route: Route, world: World, random: () => number): Probe {
  const used: string[] = []
  const note = (id: string) => {
    used.push(id)
    return id
  }
  const anyId = () => note(pick([world.victim.userId, ...world.ids.values()].flat(), random))
  const path = fillPath(route, (param) =>
    /id$/i.test(param) ? note(idFor(param, world, random)) : textFor(param),
  )
  const search = queryOf(route, anyId, random)
  const body = bodyOf(route, anyId, random)
  const headers: Record<string, string> = {}
  if (random() < 0.2) headers['x-user-id'] = anyId()
  if (random() < 0.2) headers['last-event-id'] = '1.0'
  return { route, body, headers, used, path: search === '' ? path : `${path}?${search}` }
}

function queryOf({ query }: Route, anyId: () => string, random: () => number): string {
  const chosen = new URLSearchParams()
  for (const name of Object.keys((query?.['properties'] ?? {}) as object))
    if (random() < 0.3) chosen.set(name, random() < 0.5 ? '5' : anyId())
  for (const name of foreignNames) if (random() < 0.2) chosen.set(name, anyId())
  return chosen.toString()
}

const foreignNames = ['userId', 'user_id', 'ownerId', 'id', 'as', 'after', 'storyId']

const textFor = (param: string) => (/key/i.test(param) ? 'PAY' : 'index.html')

function bodyOf(route: Route, anyId: () => string, random: () => number): unknown {
  if (!['POST', 'PUT', 'PATCH', 'DELETE'].includes(route.method)) return undefined
  const body = route.body === undefined ? undefined : sampleOf(route.body, random)
  if (body === undefined) return undefined
  const places = textPlaces(body)
  const placed =
    places.length > 0 && random() < 0.5 ? withAt(body, pick(places, random), anyId()) : body
  if (typeof placed !== 'object' || placed === null || random() < 0.5) return placed
  return { ...placed, [pick(foreignNames, random)]: anyId() }
}

/** The same request with ids that nobody has. */
function swapped(probe: Probe): Probe {
  const fresh = new Map(probe.used.map((id) => [id, randomUUID()]))
  const swap = (text: string) =>
    [...fresh].reduce((all, [from, to]) => all.replaceAll(from, to), text)
  return {
    ...probe,
    path: swap(probe.path),
    body:
      probe.body === undefined
        ? undefined
        : (JSON.parse(swap(JSON.stringify(probe.body))) as unknown),
    headers: JSON.parse(swap(JSON.stringify(probe.headers))) as Record<string, string>,
    used: [...fresh.values()],
  }
}

/** The answer without what differs from request to request. */
function sameWords({ status, text }: Answer, { used }: Probe): string {
  const plain = used.reduce((all, id) => all.replaceAll(id, '…'), text)
  return `${status} ${plain.replace(/"(correlation_id|timestamp)":"[^"]*"/g, '')}`
}

const streamMs = 400

async function read(response: Response): Promise<Answer> {
  const { status } = response
  const headers = JSON.stringify([...response.headers])
  if (response.headers.get('content-type')?.startsWith('text/event-stream') !== true)
    return { status, headers, text: await response.text() }
  const reader = response.body?.getReader()
  const decoder = new TextDecoder()
  const late = setTimeout(() => void reader?.cancel().catch(() => undefined), streamMs)
  let text = ''
  for (;;) {
    const part = await reader?.read()
    if (part === undefined || part.done) break
    text += decoder.decode(part.value as Uint8Array, { stream: true })
  }
  clearTimeout(late)
  return { status, headers, text }
}

function foundIn({ text, headers }: Answer, canaries: readonly Canary[]): Canary[] {
  return canaries.filter((canary) => text.includes(canary.text) || headers.includes(canary.text))
}

/** On how many routes the victim sees own things: none would mean that the search is blind. */
async function countSeen(
  { victim, canaries, ids }: World,
  routes: readonly Route[],
): Promise<number> {
  let seen = 0
  for (const route of routes.filter(({ method }) => method === 'GET')) {
    const story = ids.get(route.path.includes('/runs/') ? 'runs' : 'stories') ?? []
    const path = fillPath(route, (param) =>
      /id$/i.test(param) ? (story[0] ?? '') : textFor(param),
    )
    const answer = await read(await victim.client.fetch(path))
    if (foundIn(answer, canaries).length > 0) seen += 1
  }
  return seen
}
