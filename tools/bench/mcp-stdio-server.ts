import { McpServer } from '@modelcontextprotocol/server'
import { serveStdio } from '@modelcontextprotocol/server/stdio'
import { z } from 'zod'

/** The tool of the MCP bench as a program, for gateways in front of programs. */
serveStdio(() => {
  const server = new McpServer({ name: 'bench', version: '1' })
  server.registerTool('read', { inputSchema: z.object({}) }, async () => ({
    content: [{ type: 'text', text: 'x'.repeat(2_000) }],
  }))
  return server
})
