import { randomUUID } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { NodeStreamableHTTPServerTransport, toNodeHandler } from '@modelcontextprotocol/node'
import {
  classifyInboundRequest,
  createMcpHandler,
  type EventStore,
  isInitializeRequest,
  type McpServer,
} from '@modelcontextprotocol/server'
import { isFromHere } from '../../../apps/server/src/integrations/mcp/bearer-endpoints.ts'
import { createSecurityHeaders } from '../../../apps/server/src/platform/http/security-headers.ts'
import { createHttp } from '../../../apps/server/src/platform/http/server.ts'
import { createLog } from '../../../apps/server/src/platform/log/log.ts'
import { withoutAbsent } from '../../../apps/server/src/platform/values/without-absent.ts'
// @ts-expect-error -- the server of the SDK's own tests, without types
import * as everything from './everything-server.mjs'

type Fixture = {
  createMcpServer(): McpServer
  createEventStore(): EventStore
}

type NodeHandler = ReturnType<typeof toNodeHandler>

/**
 * What the conformance suite asks for, behind the HTTP stack of the product: its front door, its
 * headers and its check of host and origin. Only this fixture keeps sessions, which the suite of
 * the older era wants; the endpoints of the product keep nothing.
 */
export async function serveFixture() {
  const fixture = everything as Fixture
  const http = await createHttp({
    log: createLog({ level: 'silent' }),
    headers: createSecurityHeaders({
      directory: join(import.meta.dirname, '../../../apps/web/dist'),
      isSecure: false,
    }),
    trustedProxies: [],
  })
  const modern = createMcpHandler(() => fixture.createMcpServer())
  const answerModern = toNodeHandler(modern)
  const sessions = new Map<string, NodeStreamableHTTPServerTransport>()

  async function begin(): Promise<NodeStreamableHTTPServerTransport> {
    const transport = new NodeStreamableHTTPServerTransport({
      sessionIdGenerator: () => randomUUID(),
      eventStore: fixture.createEventStore(),
      retryInterval: 5_000,
      onsessioninitialized: (id) => void sessions.set(id, transport),
    })
    transport.onclose = () => void sessions.delete(transport.sessionId ?? '')
    await fixture.createMcpServer().connect(transport)
    return transport
  }

  http.all('/mcp', async (request, reply) => {
    if (!isFromHere(request, [])) return reply.code(403).send()
    const { headers, body, method, raw } = request
    const inbound = classifyInboundRequest({
      httpMethod: method,
      ...withoutAbsent({
        protocolVersionHeader: one(headers['mcp-protocol-version']),
        mcpMethodHeader: one(headers['mcp-method']),
      }),
      body,
    })
    const nodeRequest = raw as Parameters<NodeHandler>[0]
    if (inbound.kind !== 'legacy') {
      reply.hijack()
      return answerModern(nodeRequest, reply.raw, body)
    }
    const id = one(headers['mcp-session-id'])
    const isOpening = id === undefined && method === 'POST' && isInitializeRequest(body)
    const transport = isOpening ? await begin() : sessions.get(id ?? '')
    if (transport === undefined)
      return reply
        .code(id === undefined ? 400 : 404)
        .send({ jsonrpc: '2.0', error: { code: -32_001, message: 'no such session' }, id: null })
    reply.hijack()
    return transport.handleRequest(raw, reply.raw, body)
  })
  await http.ready()
  await http.listen({ port: 0, host: '127.0.0.1' })
  const { port } = http.server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/mcp`,
    async [Symbol.asyncDispose]() {
      await modern.close()
      http.server.closeAllConnections()
      await http.close()
    },
  }
}

function one(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value
}
