import { Client, InMemoryTransport } from '@modelcontextprotocol/client'
import type { McpServer } from '@modelcontextprotocol/server'

export type McpClient = Client

/**
 * Joins a server of ours to a client in the same process, without sockets. Closing the client
 * closes the server too.
 */
export async function connectInProcess(server: McpServer): Promise<McpClient> {
  const [clientSide, serverSide] = InMemoryTransport.createLinkedPair()
  const client = new Client({ name: 'studioops', version: '0.1.0' })
  await server.connect(serverSide)
  await client.connect(clientSide)
  return client
}
