import { htmlAnswer, jsonAnswer, plainPage, readBody, type Answer } from '../exchange.ts'
import { createFaultControl, sharedFaults } from '../fault-control.ts'
import { createHandler, type Asked } from '../handler.ts'
import type { JsonObject, JsonValue } from '../json-value.ts'
import { matchSegments } from '../match-segments.ts'
import type { Simulator } from '../simulator.ts'
import { addPage, homeOf } from './confluence-changes.ts'
import { listForPeople, pageForPeople, styleSheet } from './confluence-pages.ts'
import type { ConfluenceCall, ConfluenceRoute } from './confluence-route.ts'
import { confluenceState, emptyState, firstState, newest } from './confluence-state.ts'
import { firstRoutes, mediaOf } from './confluence-v1.ts'
import { secondRoutes } from './confluence-v2.ts'
import {
  ConfluenceRefusal,
  type ConfluenceFlavour,
  type ConfluencePerson,
  type ConfluenceSample,
  type ConfluenceSpace,
  type ConfluenceTemplate,
  type ConfluenceWorld,
  type Viewer,
} from './confluence-world.ts'
import { readFiles } from './multipart.ts'

export type {
  ConfluencePerson,
  ConfluenceSample,
  ConfluenceSpace,
  ConfluenceTemplate,
} from './confluence-world.ts'

export type ConfluenceSimulatorOptions = {
  /** Where people and clients reach it, with the context path, on Cloud with `/wiki`. */
  readonly publicUrl: string
  readonly flavour: ConfluenceFlavour
  readonly people: readonly ConfluencePerson[]
  readonly spaces: readonly ConfluenceSpace[]
  /** What is written in the spaces from the beginning; a parent before its children. */
  readonly pages?: readonly ConfluenceSample[]
  readonly templates?: readonly ConfluenceTemplate[]
  /** Where the Cloud keeps its files; default: with itself. */
  readonly mediaUrl?: string
  /** How long the search index lags behind, in milliseconds. Default 0. */
  readonly searchDelayMs?: number
  /** Milliseconds since 1970. */
  readonly clock?: () => number
  /** Of the faults that strike with a probability. */
  readonly seed?: number
}

export type ConfluenceSimulator = Simulator & {
  /** Whether strangers may read; then a wrong token is answered as nobody, with 200. Default: yes. */
  setAnonymousAccess(isAllowed: boolean): void
  /** The person's token is refused from now on. */
  revokeToken(name: string): void
  /** The person sees no space, or all of them again. */
  setSpacesHidden(name: string, isHidden: boolean): void
  setSearchDelay(delayMs: number): void
  /** Only these people, by name, may see or change a page; nobody named: everybody. */
  restrict(
    title: string,
    restrictions: { readonly read?: readonly string[]; readonly update?: readonly string[] },
  ): void
}

/**
 * A Confluence with people, spaces and pages. A wrong token of Data Center is a 200 as nobody where
 * strangers may read (CONFSERVER-98199), otherwise a 401 with a page.
 */
export function createConfluenceSimulator(
  options: ConfluenceSimulatorOptions,
): ConfluenceSimulator {
  const { flavour, people, spaces, templates = [], clock = () => Date.now(), seed = 1 } = options
  const faults = createFaultControl({ seed, known: [...sharedFaults, 'anonymous', 'captcha'] })
  const baseUrl = options.publicUrl.replace(/\/+$/, '')
  const routes = [...firstRoutes, ...secondRoutes]
    .filter((route) => route.flavour === undefined || route.flavour === flavour)
    .map((route) => ({ route, segments: route.path.split('/') }))
  const listeners = new Set<() => void>()
  let isOpenToStrangers = true
  let requests: Record<string, number> = {}
  let searchDelayMs = options.searchDelayMs ?? 0
  let state = withSamples(options)

  const changed = (): void => {
    for (const listener of listeners) listener()
  }
  const world = (): ConfluenceWorld => ({
    flavour,
    baseUrl,
    people,
    spaces,
    templates,
    state,
    now: clock,
    searchDelayMs,
    mediaUrl: options.mediaUrl ?? baseUrl,
  })

  const refusal = ({ fault }: Asked, isWrong: boolean): Answer | undefined => {
    if (fault?.kind === 'too-many-requests') return tooManyRequests(fault.retryAfter)
    if (fault?.kind === 'captcha') return captcha(baseUrl)
    const becomesNobody = flavour === 'dc' && isOpenToStrangers
    return isWrong && !becomesNobody ? wrongLogin(flavour) : undefined
  }

  /** @returns undefined as a stranger; an answer where none is let in */
  const signIn = (asked: Asked): { viewer: Viewer } | Answer => {
    const { fault, request } = asked
    const { authorization } = request.headers
    const found = people.find((one) => authorization === authorizationOf(flavour, one))
    const isRevoked = found !== undefined && state.revoked.includes(found.name)
    const viewer = fault?.kind === 'anonymous' || isRevoked ? undefined : found
    const refused = refusal(asked, viewer === undefined && authorization !== undefined)
    if (refused !== undefined) return refused
    const mayAsk = viewer !== undefined || isOpenToStrangers
    return mayAsk ? { viewer } : wrongLogin(flavour)
  }

  const answer = async (asked: Asked): Promise<Answer> => {
    const { request, url, method } = asked
    const sent = await readBody(request)
    if (sent === undefined) return jsonAnswer(413, errorBody(413, 'The request is too large.'))
    const open = answerOpenly(world(), asked)
    if (open !== undefined) return open
    const signedIn = signIn(asked)
    if (!('viewer' in signedIn)) return signedIn
    const found = findRoute(routes, method, url.pathname)
    if (found === undefined) return jsonAnswer(404, refusalBody(url.pathname, 404, notSimulated))
    const type = request.headers['content-type'] ?? ''
    const token = request.headers['x-atlassian-token']
    return answerRoute(found, { world: world(), url, sent, type, token, ...signedIn }, changed)
  }

  return {
    ...createHandler({
      faults,
      count(method, { pathname }) {
        const name = nameOf(method, pathname, findRoute(routes, method, pathname)?.route)
        requests[name] = (requests[name] ?? 0) + 1
      },
      answer,
      errorBody: (status, text) => errorBody(status, text),
    }),
    faults,
    counters: () => ({
      requests: { ...requests },
      effects: structuredClone(state.effects) as JsonObject,
    }),
    snapshot: () => structuredClone(state) as JsonValue,
    restore(snapshot) {
      const before = firstState.safeParse(snapshot)
      if (before.success) {
        const { revoked, withoutSpaces } = before.data
        state = { ...withSamples(options), revoked, withoutSpaces }
        return
      }
      const read = confluenceState.safeParse(snapshot)
      if (!read.success) throw new Error('This is not a snapshot of a simulated Confluence.')
      state = read.data
      requests = {}
    },
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    setAnonymousAccess(isAllowed) {
      isOpenToStrangers = isAllowed
    },
    revokeToken(name) {
      state.revoked = [...new Set([...state.revoked, name])]
      changed()
    },
    setSpacesHidden(name, isHidden) {
      const others = state.withoutSpaces.filter((one) => one !== name)
      state.withoutSpaces = isHidden ? [...others, name] : others
      changed()
    },
    setSearchDelay(delayMs) {
      searchDelayMs = delayMs
    },
    restrict(title, { read = [], update = [] }) {
      const page = state.pages.find((one) => newest(one).title === title)
      if (page === undefined) throw new Error(`There is no page "${title}".`)
      page.restrictions = {
        read: { users: [...read], groups: [] },
        update: { users: [...update], groups: [] },
      }
      changed()
    },
  }
}

/** When the samples were written: long enough ago for every index. */
const samplesWritten = Date.UTC(2026, 8, 14, 9, 30)

function withSamples(options: ConfluenceSimulatorOptions) {
  const state = emptyState()
  const { people, spaces, pages = [], flavour, publicUrl } = options
  const world: ConfluenceWorld = {
    flavour,
    baseUrl: publicUrl,
    people,
    spaces,
    templates: [],
    state,
    now: () => samplesWritten,
    searchDelayMs: 0,
    mediaUrl: publicUrl,
  }
  for (const { spaceKey, title, storage, parent, labels = [], by } of pages) {
    const person = people.find(({ name }) => name === by)
    if (person === undefined) throw new Error(`There is no ${by} among the people.`)
    const above =
      parent === undefined
        ? homeOf(state, spaceKey)
        : state.pages.find((one) => one.spaceKey === spaceKey && newest(one).title === parent)
    const page = addPage(world, { spaceKey, title, storage, parent: above, person })
    page.labels = [...labels]
  }
  return state
}

function authorizationOf(flavour: ConfluenceFlavour, person: ConfluencePerson): string {
  const { emailAddress, personalAccessToken, apiToken } = person
  return flavour === 'dc'
    ? `Bearer ${personalAccessToken}`
    : `Basic ${Buffer.from(`${emailAddress}:${apiToken}`).toString('base64')}`
}

type CompiledRoute = { readonly route: ConfluenceRoute; readonly segments: readonly string[] }
type FoundRoute = { readonly route: ConfluenceRoute; readonly parameters: Record<string, string> }

function findRoute(
  routes: readonly CompiledRoute[],
  method: string,
  path: string,
): FoundRoute | undefined {
  const segments = path.replace(/\/$/, '').split('/')
  for (const { route, segments: wanted } of routes) {
    if (route.method !== method || wanted.length !== segments.length) continue
    const parameters = matchSegments(wanted, segments)
    if (parameters !== undefined) return { route, parameters }
  }
  return undefined
}

/** Paths hold ids and names of people; counters do not. */
function nameOf(method: string, path: string, route: ConfluenceRoute | undefined): string {
  if (route !== undefined) return `${method} ${route.path}`
  return path.startsWith('/rest/') || path.startsWith('/api/')
    ? `${method} other`
    : `${method} page`
}

/** Pages for people need no login here. */
function answerOpenly(world: ConfluenceWorld, { method, url, request }: Asked): Answer | undefined {
  if (method !== 'GET') return undefined
  const { pathname, searchParams } = url
  const [, token] = /^\/media\/(\w+)$/.exec(pathname) ?? []
  if (token !== undefined) return mediaOf(world, token, request.headers.authorization)
  if (pathname === '/') return listForPeople(world)
  if (pathname === '/simulator.css') return styleSheet()
  if (pathname === '/pages/viewpage.action')
    return pageForPeople(world, searchParams.get('pageId') ?? '')
  const [, id] = /^\/spaces\/[^/]+\/pages\/(\d+)(?:\/|$)/.exec(pathname) ?? []
  return id === undefined ? undefined : pageForPeople(world, id)
}

type Sent = {
  readonly world: ConfluenceWorld
  readonly viewer: Viewer
  readonly url: URL
  readonly sent: Buffer
  readonly type: string
  readonly token: string | string[] | undefined
}

function answerRoute(
  { route, parameters }: FoundRoute,
  { world, viewer, url, sent, type, token }: Sent,
  changed: () => void,
): Answer {
  try {
    const isForm = type.startsWith('multipart/form-data')
    if (isForm && token !== 'no-check' && token !== 'nocheck')
      throw new ConfluenceRefusal(403, 'XSRF check failed')
    const call: ConfluenceCall = {
      world,
      viewer,
      parameters,
      query: url.searchParams,
      body: isForm ? null : readJson(sent, type),
      files: isForm ? readFiles(sent, type) : [],
    }
    const result = route.answer(call)
    if (route.changes === true) changed()
    return result
  } catch (error) {
    if (error instanceof ConfluenceRefusal)
      return jsonAnswer(error.status, refusalBody(url.pathname, error.status, error.message))
    throw error
  }
}

/** @throws ConfluenceRefusal 400 or 415 */
function readJson(body: Buffer, contentType: string): JsonValue {
  if (body.length === 0) return null
  if (!contentType.toLowerCase().startsWith('application/json'))
    throw new ConfluenceRefusal(415, 'Unsupported Media Type')
  try {
    return JSON.parse(body.toString()) as JsonValue
  } catch {
    throw new ConfluenceRefusal(400, 'Could not read JSON: the body is malformed')
  }
}

const notSimulated = 'null for uri: this route is not simulated.'

const reasons: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  403: 'Forbidden',
  404: 'Not Found',
  409: 'Conflict',
}

/** v2 has a shape of its own. */
function refusalBody(path: string, status: number, message: string): JsonObject {
  if (!path.startsWith('/api/v2')) return errorBody(status, message)
  const code = (reasons[status] ?? 'ERROR').toUpperCase().replaceAll(' ', '_')
  return { errors: [{ status, code, title: message, detail: null }] }
}

function errorBody(statusCode: number, message: string): JsonObject {
  const data = { authorized: false, valid: true, errors: [], successful: false }
  return { statusCode, message, reason: reasons[statusCode] ?? '', data }
}

function wrongLogin(flavour: ConfluenceFlavour): Answer {
  return htmlAnswer(401, plainPage('Unauthorized (401)', 'AUTHENTICATED_FAILED'), {
    'X-Seraph-LoginReason': 'AUTHENTICATED_FAILED',
    'WWW-Authenticate': flavour === 'dc' ? 'OAuth realm="Confluence"' : 'Basic realm="Confluence"',
  })
}

function captcha(baseUrl: string): Answer {
  return htmlAnswer(401, plainPage('Unauthorized (401)', 'AUTHENTICATION_DENIED'), {
    'X-Seraph-LoginReason': 'AUTHENTICATION_DENIED',
    'X-Authentication-Denied-Reason': `CAPTCHA_CHALLENGE; login-url=${baseUrl}/login.action`,
  })
}

function tooManyRequests(retryAfter: string | undefined): Answer {
  const headers = retryAfter === undefined ? {} : { 'Retry-After': retryAfter }
  return jsonAnswer(429, errorBody(429, 'Rate limit exceeded.'), headers)
}
