import type { AddressInfo } from 'node:net'
import { toNodeHandler } from '@modelcontextprotocol/node'
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server'
import fastify from 'fastify'
import { z } from 'zod'

type ForeignTool = {
  readonly name: string
  readonly description: string
  readonly input?: z.ZodObject
  readonly answer?: string
}

/** An MCP server of somebody else, whose tools change under our feet and which comes and goes. */
export async function serveForeignTools(
  tools: readonly ForeignTool[],
  tls?: { readonly key: string; readonly cert: string },
) {
  const state = {
    tools: [...tools],
    token: undefined as string | undefined,
    isAway: false,
    calls: 0,
  }
  const handler = createMcpHandler(() => {
    const server = new McpServer({ name: 'foreign', version: '1' })
    for (const { name, description, input = z.object({}), answer = 'done' } of state.tools)
      server.registerTool(
        name,
        { description, inputSchema: input, annotations: { readOnlyHint: true } },
        async () => {
          state.calls += 1
          return { content: [{ type: 'text', text: answer }] }
        },
      )
    return server
  })
  const answer = toNodeHandler(handler)
  const http = fastify({ https: tls ?? null })
  http.all('/mcp', async (request, reply) => {
    if (state.isAway) return reply.code(503).send('away')
    if (state.token !== undefined && request.headers.authorization !== `Bearer ${state.token}`)
      return reply.code(401).send('who are you?')
    reply.hijack()
    return answer(request.raw as Parameters<typeof answer>[0], reply.raw, request.body)
  })
  await http.listen({ port: 0, host: '127.0.0.1' })
  const { port } = http.server.address() as AddressInfo
  return {
    state,
    host: `127.0.0.1:${port}`,
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}/mcp`,
    async [Symbol.asyncDispose]() {
      await handler.close()
      http.server.closeAllConnections()
      await http.close()
    },
  }
}
