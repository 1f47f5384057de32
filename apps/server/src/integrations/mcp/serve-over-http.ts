import { createHash, timingSafeEqual } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { toNodeHandler } from '@modelcontextprotocol/node'
import { createMcpHandler, type McpServer } from '@modelcontextprotocol/server'
import fastify from 'fastify'
import { isLoopbackSocket, isOwnHost, isOwnOrigin } from '../../platform/http/host-check.ts'
import type { Log } from '../../platform/log/log.ts'
import type { Secret } from '../../platform/secret/secret.ts'

type Options = {
  readonly port: number
  readonly host: string
  /** What a caller has to send as `Authorization: Bearer`. */
  readonly token: Secret
  readonly log?: Log
}

/** One MCP server alone over Streamable HTTP at `/mcp`, for both eras, behind one bearer token. */
export async function serveOverHttp(make: () => McpServer, options: Options) {
  const { port, host, token, log } = options
  const handler = createMcpHandler(make, {
    onerror: (error) => log?.warn({ err: error }, 'mcp request failed'),
  })
  const answer = toNodeHandler(handler)
  const http = fastify({ bodyLimit: 4 * 1024 * 1024 })
  http.all('/mcp', async (request, reply) => {
    const { host: called, origin, authorization } = request.headers
    const isLocal = isLoopbackSocket(request)
    if (!isOwnOrigin(origin, called, []) || !isOwnHost(called, { allowed: [], isLocal }))
      return reply.code(403).send({ title: 'This host name or origin is not one of ours.' })
    if (!isSame(authorization ?? '', `Bearer ${token.reveal()}`))
      return reply
        .code(401)
        .header('www-authenticate', 'Bearer')
        .send({ title: 'The bearer token is missing or wrong.' })
    reply.hijack()
    return answer(request.raw as Parameters<typeof answer>[0], reply.raw, request.body)
  })
  await http.listen({ port, host })
  const bound = (http.server.address() as AddressInfo).port
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}/mcp`,
    async [Symbol.asyncDispose]() {
      await handler.close()
      http.server.closeAllConnections()
      await http.close()
    },
  }
}

/** Takes the same time wherever they differ. */
function isSame(one: string, other: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(one), digest(other))
}
