import { readBody, bytesAnswer, emptyAnswer, jsonAnswer, type Answer } from '../exchange.ts'
import { createFaultControl, sharedFaults } from '../fault-control.ts'
import { createHandler, type Asked } from '../handler.ts'
import type { JsonObject, JsonValue } from '../json-value.ts'
import { decode, matchSegments } from '../match-segments.ts'
import type { Simulator } from '../simulator.ts'
import { agileRoutes } from './jira-agile.ts'
import {
  fieldsOf,
  type JiraField,
  type JiraFlavour,
  type JiraPerson,
  type JiraProject,
} from './jira-catalog.ts'
import {
  captchaLogin,
  deniedLogin,
  failedLogin,
  missingLogin,
  readLogin,
  tooManyRequests,
  wrongLogin,
} from './jira-login.ts'
import { issueListPage, issuePage, styleSheet } from './jira-pages.ts'
import { presentAnonymous } from './jira-present.ts'
import { jiraRoutes, type JiraCall, type JiraRoute } from './jira-routes.ts'
import { emptyJiraState, increment, jiraState } from './jira-state.ts'
import { placeRoutes } from './jira-place-routes.ts'
import { workRoutes } from './jira-work-routes.ts'
import { JiraRefusal, type JiraWorld } from './jira-world.ts'

export type JiraSimulatorOptions = {
  /** Where people and clients reach it, with the context path; `self` URLs are made of it. */
  readonly publicUrl: string
  readonly flavour: JiraFlavour
  readonly people: readonly JiraPerson[]
  readonly projects: readonly JiraProject[]
  /** The language of field names, as a Jira in that language sends them; default `en`. */
  readonly fieldNames?: 'en' | 'he'
  /** Fields besides those of every Jira. */
  readonly fields?: readonly JiraField[]
  /** Default `new`, as of Cloud and of Data Center 9. */
  readonly createMetadata?: JiraWorld['createMetadata']
  readonly listMember?: JiraWorld['listMember']
  /** How long a new issue stays unknown to searches; default 2000 on Cloud, 0 on Data Center. */
  readonly searchDelayMs?: number
  /** Milliseconds since 1970. */
  readonly clock?: () => number
  /** Of the faults that strike with a probability. */
  readonly seed?: number
}

export type JiraSimulator = Simulator & {
  setSearchDelay(searchDelayMs: number): void
  /** The clock of this Jira goes wrong by so much. */
  setClockSkew(skewMs: number): void
  /** What an administrator does to an account; lasts until the simulator is made anew. */
  setPersonStatus(name: string, status: JiraPerson['status']): void
}

/** A Jira that keeps its issues in memory, counts what it does, and fails when it is told to. */
export function createJiraSimulator(options: JiraSimulatorOptions): JiraSimulator {
  const { flavour, clock = Date.now, seed = 1 } = options
  const faults = createFaultControl({
    seed,
    known: [...sharedFaults, 'anonymous', 'captcha'],
  })
  const baseUrl = options.publicUrl.replace(/\/+$/, '')
  let searchDelayMs = options.searchDelayMs ?? (flavour === 'cloud' ? 2000 : 0)
  let skewMs = 0
  let people = [...options.people]
  let requests: Record<string, number> = {}
  let state = emptyJiraState()
  const listeners = new Set<() => void>()

  const world: JiraWorld = {
    flavour,
    baseUrl: () => baseUrl,
    get people() {
      return people
    },
    projects: options.projects,
    fields: [...fieldsOf(flavour), ...(options.fields ?? [])],
    fieldNames: options.fieldNames ?? 'en',
    createMetadata: options.createMetadata ?? 'new',
    listMember: options.listMember ?? 'usual',
    now: () => clock() + skewMs,
    searchDelayMs: () => searchDelayMs,
    get state() {
      return state
    },
  }
  const routes = compileRoutes(
    [...workRoutes, ...placeRoutes, ...jiraRoutes, ...agileRoutes],
    flavour,
  )

  const answer = async (asked: Asked): Promise<Answer> => {
    const path = asked.url.pathname
    const open = answerOpenly(world, asked)
    const found = findRoute({ flavour, routes }, asked.method, path)
    const body = await readBody(asked.request)
    const refused = refuseLogin(world, asked)
    if (refused !== undefined) return refused
    if (open !== undefined) return open
    if (found === undefined) return notFound(path)
    const result = answerRoute(world, asked, { ...found, body })
    if (found.route.changes === true && result.status < 300)
      for (const listener of listeners) listener()
    return result
  }

  return {
    ...createHandler({
      faults,
      count(method, { pathname }) {
        const found = findRoute({ flavour, routes }, method, pathname)
        increment(requests, nameOf(method, pathname, found?.route))
      },
      answer,
      errorBody: (_status, text) => ({ errorMessages: [text], errors: {} }),
    }),
    faults,
    counters: () => ({
      requests: { ...requests },
      creates: structuredClone(state.creates) as JsonObject,
    }),
    snapshot: () => structuredClone(state) as JsonValue,
    restore(snapshot) {
      const read = jiraState.safeParse(snapshot)
      if (!read.success) throw new Error('This is not a snapshot of a simulated Jira.')
      state = read.data
      requests = {}
    },
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    setSearchDelay(delayMs) {
      searchDelayMs = delayMs
    },
    setClockSkew(ms) {
      skewMs = ms
    },
    setPersonStatus(name, status) {
      people = people.map((person) => (person.name === name ? { ...person, status } : person))
    },
  }
}

type CompiledRoute = { readonly route: JiraRoute; readonly segments: readonly string[] }
type FoundRoute = { readonly route: JiraRoute; readonly parameters: Record<string, string> }

function compileRoutes(routes: readonly JiraRoute[], flavour: JiraFlavour): CompiledRoute[] {
  return routes
    .filter((route) => route.flavour === undefined || route.flavour === flavour)
    .map((route) => ({ route, segments: route.path.split('/') }))
}

const versions: Readonly<Record<JiraFlavour, readonly string[]>> = {
  dc: ['2', 'latest'],
  cloud: ['3', 'latest'],
}

function findRoute(
  { flavour, routes }: { flavour: JiraFlavour; routes: readonly CompiledRoute[] },
  method: string,
  path: string,
): FoundRoute | undefined {
  const segments = path.replace(/\/$/, '').split('/')
  for (const { route, segments: wanted } of routes) {
    if (route.method !== method || wanted.length !== segments.length) continue
    const parameters = matchSegments(wanted, segments)
    if (parameters === undefined) continue
    if (parameters['api'] === undefined || versions[flavour].includes(parameters['api']))
      return { route, parameters }
  }
  return undefined
}

function nameOf(method: string, path: string, route: JiraRoute | undefined): string {
  if (route !== undefined)
    return `${method} ${route.path.replace('/rest/api/:api', '').replace('/rest/agile/1.0', '/agile')}`
  if (path.endsWith('/serverInfo')) return `${method} /serverInfo`
  return path.startsWith('/browse/') ? `${method} /browse/:issue` : `${method} other`
}

/** What needs no login: pages for people, and what Jira tells of itself. */
function answerOpenly(world: JiraWorld, { method, url }: Asked): Answer | undefined {
  if (method !== 'GET' && method !== 'HEAD') return undefined
  const path = url.pathname
  if (path === '/') return issueListPage(world)
  if (path === '/simulator.css') return styleSheet()
  if (/^\/rest\/api\/(2|3|latest)\/serverInfo$/.test(path)) return serverInfo(world)
  const issue = /^\/browse\/([^/]+)$/.exec(path)
  return issue === null ? undefined : issuePage(world, decode(issue[1] ?? ''))
}

function serverInfo(world: JiraWorld): Answer {
  const isDataCenter = world.flavour === 'dc'
  const time = new Date(world.now()).toISOString().replace('Z', '+0000')
  return jsonAnswer(200, {
    baseUrl: world.baseUrl(),
    ...(isDataCenter ? {} : { displayUrl: world.baseUrl() }),
    version: isDataCenter ? '10.3.24' : '1001.0.0-SNAPSHOT',
    versionNumbers: isDataCenter ? [10, 3, 24] : [1001, 0, 0],
    deploymentType: isDataCenter ? 'Server' : 'Cloud',
    buildNumber: isDataCenter ? 10_030_024 : 100_300,
    buildDate: '2026-07-01T00:00:00.000+0000',
    serverTime: time,
    scmInfo: '0000000000000000000000000000000000000000',
    serverTitle: 'Simulated Jira',
  })
}

/** The answer to a login that Jira does not let through, and to faults that stand before it. */
function refuseLogin(world: JiraWorld, { request, url, fault }: Asked): Answer | undefined {
  if (fault?.kind === 'too-many-requests') return tooManyRequests(world, fault.retryAfter)
  if (fault?.kind === 'captcha') return captchaLogin(world)
  if (fault?.kind === 'anonymous') return answerAnonymously(world, url.pathname)
  return readLogin(world, request).kind === 'wrong' ? wrongLogin(world) : undefined
}

/** Some servers let a failed login in as nobody: 200, nothing visible, and one header that tells. */
function answerAnonymously(world: JiraWorld, path: string): Answer {
  if (path.endsWith('/myself')) return jsonAnswer(200, presentAnonymous(world), failedLogin)
  if (/\/search(\/jql)?$/.test(path))
    return jsonAnswer(200, { startAt: 0, maxResults: 50, total: 0, issues: [] }, failedLogin)
  if (path.endsWith('/serverInfo')) return serverInfo(world)
  return jsonAnswer(200, [], failedLogin)
}

function notFound(path: string): Answer {
  return path.startsWith('/rest/')
    ? jsonAnswer(404, {
        errorMessages: ['null for uri: this route is not simulated, or does not exist'],
        errors: {},
      })
    : { ...bytesAnswer('text/plain;charset=UTF-8', 'This page is not simulated.\n'), status: 404 }
}

function answerRoute(
  world: JiraWorld,
  { request, url }: Asked,
  { route, parameters, body }: FoundRoute & { body: Buffer | undefined },
): Answer {
  const login = readLogin(world, request)
  if (login.kind !== 'person') return missingLogin()
  if (login.person.status !== 'active' && route.answersInactive !== true) return deniedLogin()
  if (body === undefined) return emptyAnswer(413)
  try {
    const call: JiraCall = {
      world,
      person: login.person,
      parameters,
      query: url.searchParams,
      body: route.takesFile === true ? null : readJson(body, request.headers['content-type']),
      ...(route.takesFile === true ? { raw: { body, headers: request.headers } } : {}),
    }
    return route.answer(call)
  } catch (error) {
    if (error instanceof JiraRefusal) return jsonAnswer(error.status, error.body)
    throw error
  }
}

/** @throws JiraRefusal 400 or 415 */
function readJson(body: Buffer, contentType: string | undefined): JsonValue {
  if (body.length === 0) return null
  if (contentType?.toLowerCase().startsWith('application/json') !== true)
    throw new JiraRefusal(415, ['Unsupported Media Type: send application/json.'])
  try {
    return JSON.parse(body.toString()) as JsonValue
  } catch {
    throw new JiraRefusal(400, ['Unexpected character: the body is not JSON.'])
  }
}
