import { toNodeHandler } from '@modelcontextprotocol/node'
import { createMcpHandler, type McpServer } from '@modelcontextprotocol/server'
import { errorText } from '@studioops/contracts/errors'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { isLoopbackSocket, isOwnHost, isOwnOrigin } from '../../platform/http/host-check.ts'
import { languageOf } from '../../platform/http/server.ts'
import type { Log } from '../../platform/log/log.ts'

/** Whom a request is from, and in which language errors are told. */
export type BearerCaller<Scope extends string> = {
  readonly userId: string
  readonly scopes: readonly Scope[]
  readonly language: 'en' | 'he'
  /** Where the caller reaches the product; no slash at the end. */
  readonly origin: string
}

type Endpoint<Scope extends string> = {
  /** Such as `/mcp/jira`. */
  readonly path: string
  readonly title: string
  /** One of these is needed to call at all. */
  readonly scopes: readonly Scope[]
  readonly make: (caller: BearerCaller<Scope>) => McpServer | Promise<McpServer>
  /** Who answers a request that brings no bearer token; absent: it is refused. */
  readonly otherwise?: (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>
}

type Dependencies<Scope extends string> = {
  readonly http: FastifyInstance
  readonly log: Log
  /** Host names of the product besides loopback names and addresses. */
  readonly allowedHosts: () => readonly string[]
  /** Where the caller reaches the product; no slash at the end. */
  readonly originOf: (request: FastifyRequest) => string
  /** @returns undefined for a token that is not, or not any more, one of ours */
  readonly recognise: (
    token: string,
  ) => Promise<Omit<BearerCaller<Scope>, 'language' | 'origin'> | undefined>
  /** @throws AppError `request.too-many` */
  readonly limit: (request: FastifyRequest, who: string) => void
}

/**
 * MCP servers of the product behind its own tokens, for both eras of the protocol. Each is a
 * protected resource of RFC 9728, whose metadata says what a token is called and may do. Nothing
 * is kept between requests.
 */
export function createBearerEndpoints<Scope extends string>(dependencies: Dependencies<Scope>) {
  const { http, log, originOf } = dependencies
  const handlers: { close(): Promise<void> }[] = []

  async function admit(
    request: FastifyRequest,
    { scopes }: Endpoint<Scope>,
  ): Promise<BearerCaller<Scope> | Refusal> {
    if (!isFromHere(request, dependencies.allowedHosts())) return { code: 'request.forged' }
    const [, token] = /^bearer +(\S+)$/i.exec(request.headers.authorization ?? '') ?? []
    const caller = token === undefined ? undefined : await dependencies.recognise(token)
    if (caller === undefined) return { code: 'access-token.needed' }
    dependencies.limit(request, caller.userId)
    if (!scopes.some((scope) => caller.scopes.includes(scope)))
      return { code: 'access-token.scope', scope: scopes.join(' ') }
    return { ...caller, language: languageOf(request), origin: originOf(request) }
  }

  return {
    serve(endpoint: Endpoint<Scope>): void {
      const { path, title, scopes } = endpoint
      const handler = createMcpHandler(
        ({ authInfo }) => {
          const caller = authInfo?.extra?.['caller']
          // The route has recognised it before; a factory without a caller is a defect.
          if (caller === undefined) throw new Error('an MCP request without a caller')
          return endpoint.make(caller as BearerCaller<Scope>)
        },
        { onerror: (error) => log.warn({ err: error }, 'mcp request failed') },
      )
      handlers.push(handler)
      const answer = toNodeHandler(handler)
      const metadataPath = `/.well-known/oauth-protected-resource${path}`

      http.get(metadataPath, async (request, reply) =>
        reply.header('cache-control', 'no-store').send({
          resource: `${originOf(request)}${path}`,
          resource_name: title,
          bearer_methods_supported: ['header'],
          scopes_supported: scopes,
        }),
      )
      http.all(path, async (request, reply) => {
        const { authorization = '' } = request.headers
        if (endpoint.otherwise !== undefined && !/^bearer /i.test(authorization))
          return endpoint.otherwise(request, reply)
        const caller = await admit(request, endpoint)
        if ('code' in caller)
          return refuse(reply, caller, {
            metadata: `${originOf(request)}${metadataPath}`,
            language: languageOf(request),
          })
        const raw = Object.assign(request.raw, {
          auth: {
            token: '',
            clientId: caller.userId,
            scopes: [...caller.scopes],
            extra: { caller },
          },
        })
        reply.hijack()
        // Node's own type says the same with `undefined` in other places.
        return answer(raw as unknown as Parameters<typeof answer>[0], reply.raw, request.body)
      })
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(handlers.map((handler) => handler.close()))
    },
  }
}

type Refusal = {
  readonly code: 'request.forged' | 'access-token.needed' | 'access-token.scope'
  readonly scope?: string
}

const oauthErrors = {
  'request.forged': { status: 403, error: 'invalid_request' },
  'access-token.needed': { status: 401, error: 'invalid_token' },
  'access-token.scope': { status: 403, error: 'insufficient_scope' },
} as const

function refuse(
  reply: FastifyReply,
  { code, scope = '' }: Refusal,
  { metadata, language }: { metadata: string; language: 'en' | 'he' },
): FastifyReply {
  const { status, error } = oauthErrors[code]
  const { message: title, next } = errorText(code, language, { name: scope })
  const wanted = scope === '' ? '' : `, scope="${scope}"`
  if (code !== 'request.forged')
    reply.header(
      'www-authenticate',
      `Bearer error="${error}"${wanted}, resource_metadata="${metadata}"`,
    )
  return reply
    .code(status)
    .type('application/problem+json')
    .send({ type: 'about:blank', title, status, detail: next.join(' '), code })
}

/** Programs send no origin; pages of other sites, and names bent to our address, are refused. */
export function isFromHere(request: FastifyRequest, allowed: readonly string[]): boolean {
  const { host, origin } = request.headers
  const isLocal = isLoopbackSocket(request)
  return isOwnOrigin(origin, host, allowed) && isOwnHost(host, { allowed, isLocal })
}
