import { toNodeHandler } from '@modelcontextprotocol/node'
import { createMcpHandler } from '@modelcontextprotocol/server'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Log } from '../../../platform/log/log.ts'
import type { Outbound } from '../../../platform/outbound/outbound.ts'
import { Secret } from '../../../platform/secret/secret.ts'
import { createJiraClient } from '../../jira/jira-client.ts'
import { isSendable, type JiraCredential } from '../../jira/jira-credential.ts'
import { isLoopbackSocket, isOwnHost, isOwnOrigin } from '../../../platform/http/host-check.ts'
import { createJiraMcpServer } from './jira-server.ts'

type Options = {
  readonly outbound: Outbound
  /** Host names of the product besides loopback names and addresses; default none. */
  readonly allowedHosts?: () => readonly string[]
  /** Whether this Jira may be called (D-2); default: whatever the way out allows. */
  readonly allowBaseUrl?: (baseUrl: string) => boolean | Promise<boolean>
  readonly readOnly?: boolean
  readonly log?: Log
}

/** Everything that one request brings: whose Jira it is and whose credential. */
type Caller = { readonly baseUrl: string; readonly credential: JiraCredential }

/**
 * Our Jira tools over HTTP, for any MCP client of either era. Nothing is kept between requests, so
 * any node can answer any of them. Each request brings its own credential, in the headers that
 * mcp-atlassian knows: `X-Atlassian-Jira-Url` with `X-Atlassian-Jira-Personal-Token`, with
 * `Authorization: Token <PAT>`, or with `Authorization: Basic` (e-mail and API token of Cloud).
 */
export function createJiraMcpHandler(options: Options) {
  const { outbound, readOnly = false, log } = options
  const handler = createMcpHandler(
    ({ requestInfo }) => {
      const caller = readCaller((name) => requestInfo?.headers.get(name) ?? undefined)
      // The route has checked it before; a factory without a caller is a defect.
      if (caller === undefined) throw new Error('an MCP request without a caller')
      const { baseUrl, credential } = caller
      const flavour = credential.kind === 'pat' ? 'dc' : 'cloud'
      return createJiraMcpServer(createJiraClient({ outbound, baseUrl, flavour, credential }), {
        readOnly,
      })
    },
    { onerror: (error) => log?.warn({ err: error }, 'mcp request failed') },
  )
  const answer = toNodeHandler(handler)

  async function refusalOf(request: FastifyRequest): Promise<Refusal | undefined> {
    const { host, origin } = request.headers
    const allowed = options.allowedHosts?.() ?? []
    const isLocal = isLoopbackSocket(request)
    if (!isOwnOrigin(origin, host, allowed) || !isOwnHost(host, { allowed, isLocal }))
      return refusals.foreignHost
    const caller = readCaller((name) => textOf(request.headers[name]))
    if (caller === undefined) return refusals.noCaller
    const isAllowed = (await options.allowBaseUrl?.(caller.baseUrl)) ?? true
    return isAllowed ? undefined : refusals.foreignJira
  }

  async function answerOne(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
    const refusal = await refusalOf(request)
    if (refusal !== undefined) return refuse(reply, refusal)
    reply.hijack()
    // Node's own type says the same with `undefined` in other places.
    return answer(request.raw as Parameters<typeof answer>[0], reply.raw, request.body)
  }

  return {
    answer: answerOne,
    /** @param path such as `/mcp/jira` */
    register: (http: FastifyInstance, path: string): void => void http.all(path, answerOne),
    [Symbol.asyncDispose]: () => handler.close(),
  }
}

function readCaller(header: (name: string) => string | undefined): Caller | undefined {
  const url = URL.parse(header('x-atlassian-jira-url')?.trim() ?? '')
  const credential = readCredential(header)
  if (url === null || !/^https?:$/.test(url.protocol) || credential === undefined) return undefined
  return { baseUrl: url.href, credential }
}

function readCredential(header: (name: string) => string | undefined): JiraCredential | undefined {
  const personal = header('x-atlassian-jira-personal-token')?.trim()
  if (personal !== undefined && isSendable(personal))
    return { kind: 'pat', token: new Secret(personal) }
  const [, scheme = '', value = ''] = /^(\w+)\s+(\S+)$/.exec(header('authorization') ?? '') ?? []
  if (scheme.toLowerCase() === 'token') return { kind: 'pat', token: new Secret(value) }
  return scheme.toLowerCase() === 'basic' ? readBasic(value) : undefined
}

function readBasic(value: string): JiraCredential | undefined {
  const pair = Buffer.from(value, 'base64').toString('utf8')
  const [, email = '', token = ''] = /^([^:]+):(.+)$/.exec(pair) ?? []
  return isSendable(token) ? { kind: 'basic', email, token: new Secret(token) } : undefined
}

function textOf(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value
}

type Refusal = { readonly status: number; readonly title: string; readonly detail: string }

const refusals = {
  noCaller: {
    status: 401,
    title: 'A Jira credential is missing.',
    detail:
      'Send X-Atlassian-Jira-Url with the address of Jira, and one of: ' +
      'X-Atlassian-Jira-Personal-Token with a personal access token, ' +
      '"Authorization: Token <personal access token>", or, for Jira Cloud, ' +
      '"Authorization: Basic <base64 of e-mail:API token>".',
  },
  foreignHost: {
    status: 403,
    title: 'This host name or origin is not one of ours.',
    detail:
      'Call the server by localhost, by its address, or by the host of PUBLIC_URL. Web pages of ' +
      'other origins may not call it.',
  },
  foreignJira: {
    status: 403,
    title: 'This Jira address is not among those that the workspace allows.',
    detail: 'Ask an administrator to add the address.',
  },
} as const satisfies Record<string, Refusal>

function refuse(reply: FastifyReply, { status, title, detail }: Refusal): FastifyReply {
  if (status === 401) reply.header('www-authenticate', 'Token realm="Jira"')
  return reply
    .code(status)
    .type('application/problem+json')
    .send({ type: 'about:blank', title, status, detail })
}
