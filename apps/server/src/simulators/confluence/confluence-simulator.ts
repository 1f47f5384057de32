import { z } from 'zod'
import { htmlAnswer, jsonAnswer, plainPage, readBody, type Answer } from '../exchange.ts'
import { createFaultControl, sharedFaults } from '../fault-control.ts'
import { createHandler, type Asked } from '../handler.ts'
import type { JsonObject } from '../json-value.ts'
import type { Simulator } from '../simulator.ts'

type ConfluenceFlavour = 'dc' | 'cloud'

/** Somebody with an account; the same names and ids as in Jira. */
export type ConfluencePerson = {
  readonly name: string
  readonly key: string
  readonly accountId: string
  readonly displayName: string
  readonly emailAddress: string
  /** Data Center: goes into a Bearer header. */
  readonly personalAccessToken: string
  /** Cloud: goes into a Basic header, behind the e-mail address. */
  readonly apiToken: string
}

export type ConfluenceSpace = { readonly id: number; readonly key: string; readonly name: string }

export type ConfluenceSimulatorOptions = {
  /** Where people and clients reach it, with the context path, on Cloud with `/wiki`. */
  readonly publicUrl: string
  readonly flavour: ConfluenceFlavour
  readonly people: readonly ConfluencePerson[]
  readonly spaces: readonly ConfluenceSpace[]
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
}

const state = z.object({
  kind: z.literal('confluence'),
  version: z.literal(1),
  revoked: z.array(z.string()),
  withoutSpaces: z.array(z.string()),
})

type State = z.infer<typeof state>

const emptyState = (): State => ({
  kind: 'confluence',
  version: 1,
  revoked: [],
  withoutSpaces: [],
})

/**
 * A Confluence that knows its people and shows them spaces. A wrong token of Data Center is a 200 as
 * nobody where strangers may read (CONFSERVER-98199), otherwise a 401 with a page.
 */
export function createConfluenceSimulator(
  options: ConfluenceSimulatorOptions,
): ConfluenceSimulator {
  const { flavour, people, spaces, seed = 1 } = options
  const faults = createFaultControl({ seed, known: [...sharedFaults, 'anonymous', 'captcha'] })
  const baseUrl = options.publicUrl.replace(/\/+$/, '')
  const listeners = new Set<() => void>()
  let isOpenToStrangers = true
  let requests: Record<string, number> = {}
  let kept = emptyState()

  const change = (next: Partial<State>): void => {
    kept = { ...kept, ...next }
    for (const listener of listeners) listener()
  }

  const refusal = ({ fault }: Asked, isWrong: boolean): Answer | undefined => {
    if (fault?.kind === 'too-many-requests') return tooManyRequests(fault.retryAfter)
    if (fault?.kind === 'captcha') return captcha(baseUrl)
    const becomesNobody = flavour === 'dc' && isOpenToStrangers
    return isWrong && !becomesNobody ? wrongLogin(flavour) : undefined
  }

  const answer = async (asked: Asked): Promise<Answer> => {
    const { fault, request, url, method } = asked
    await readBody(request)
    const { authorization } = request.headers
    const found = people.find((one) => authorization === authorizationOf(flavour, one))
    const person = fault?.kind === 'anonymous' || isRevoked(kept, found) ? undefined : found
    const refused = refusal(asked, person === undefined && authorization !== undefined)
    if (refused !== undefined) return refused
    const route = routes[`${method} ${url.pathname.replace(/\/$/, '')}`]
    if (route === undefined) return notFound()
    return route({ person, baseUrl, flavour, spaces, query: url.searchParams, state: kept })
  }

  return {
    ...createHandler({
      faults,
      count(method, { pathname }) {
        const name = `${method} ${pathname}`
        requests[name] = (requests[name] ?? 0) + 1
      },
      answer,
      errorBody: (status, text) => errorBody(status, text),
    }),
    faults,
    counters: () => ({ requests: { ...requests } }),
    snapshot: () => structuredClone(kept),
    restore(snapshot) {
      const read = state.safeParse(snapshot)
      if (!read.success) throw new Error('This is not a snapshot of a simulated Confluence.')
      kept = read.data
      requests = {}
    },
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    setAnonymousAccess(isAllowed) {
      isOpenToStrangers = isAllowed
    },
    revokeToken: (name) => change({ revoked: [...new Set([...kept.revoked, name])] }),
    setSpacesHidden: (name, isHidden) =>
      change({
        withoutSpaces: [
          ...kept.withoutSpaces.filter((one) => one !== name),
          ...(isHidden ? [name] : []),
        ],
      }),
  }
}

function authorizationOf(flavour: ConfluenceFlavour, person: ConfluencePerson): string {
  const { emailAddress, personalAccessToken, apiToken } = person
  return flavour === 'dc'
    ? `Bearer ${personalAccessToken}`
    : `Basic ${Buffer.from(`${emailAddress}:${apiToken}`).toString('base64')}`
}

function isRevoked({ revoked }: State, person: ConfluencePerson | undefined): boolean {
  return person !== undefined && revoked.includes(person.name)
}

type Call = {
  readonly person: ConfluencePerson | undefined
  readonly baseUrl: string
  readonly flavour: ConfluenceFlavour
  readonly spaces: readonly ConfluenceSpace[]
  readonly query: URLSearchParams
  readonly state: State
}

const routes: Readonly<Record<string, (call: Call) => Answer>> = {
  'GET /rest/api/user/current': ({ person, baseUrl, flavour }) =>
    jsonAnswer(200, person === undefined ? anonymous(baseUrl) : present(person, baseUrl, flavour)),
  'GET /rest/api/space': (call) => {
    const page = pageOf(call)
    return jsonAnswer(200, {
      results: page.map(({ id, key, name }) => ({ id, key, name, type: 'global' })),
      start: 0,
      limit: Number(call.query.get('limit') ?? 25),
      size: page.length,
      _links: { base: call.baseUrl, context: '' },
    })
  },
  'GET /api/v2/spaces': (call) =>
    jsonAnswer(200, {
      results: pageOf(call).map(({ id, key, name }) => ({
        id: String(id),
        key,
        name,
        type: 'global',
        status: 'current',
      })),
      _links: { base: call.baseUrl },
    }),
}

function pageOf({ person, spaces, query, state: { withoutSpaces } }: Call): ConfluenceSpace[] {
  if (person === undefined || withoutSpaces.includes(person.name)) return []
  return spaces.slice(0, Number(query.get('limit') ?? 25))
}

function present(person: ConfluencePerson, baseUrl: string, flavour: ConfluenceFlavour) {
  const picture = {
    path: '/images/icons/profilepics/default.svg',
    width: 48,
    height: 48,
    isDefault: true,
  }
  const { name, key, accountId, displayName, emailAddress } = person
  const shared = { type: 'known', displayName, profilePicture: picture, _links: { base: baseUrl } }
  return flavour === 'dc'
    ? { ...shared, username: name, userKey: key }
    : {
        ...shared,
        accountId,
        accountType: 'atlassian',
        email: emailAddress,
        publicName: displayName,
        isExternalCollaborator: false,
      }
}

function anonymous(baseUrl: string) {
  return {
    type: 'anonymous',
    profilePicture: {
      path: '/images/icons/profilepics/anonymous.svg',
      width: 48,
      height: 48,
      isDefault: true,
    },
    displayName: 'Anonymous',
    _links: { base: baseUrl },
  }
}

function errorBody(statusCode: number, message: string): JsonObject {
  return { statusCode, message, reason: '', data: { authorized: false, errors: [] } }
}

function notFound(): Answer {
  return jsonAnswer(404, errorBody(404, 'null for uri: this route is not simulated.'))
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
