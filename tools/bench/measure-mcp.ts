import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { toNodeHandler } from '@modelcontextprotocol/node'
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server'
import { listToolServers } from '@studioops/contracts/tools'
import fastify from 'fastify'
import { z } from 'zod'
import { createToolClients } from '../../apps/server/src/integrations/mcp/client/tool-clients.ts'
import { freePort } from '../../apps/server/src/platform/db/embedded/address.ts'
import { createOutbound } from '../../apps/server/src/platform/outbound/outbound.ts'
import { startTestApp } from '../../apps/server/src/testing/test-app.ts'
import { startTestServer } from '../../apps/server/src/testing/test-server.ts'
import { atMost, type Line, median, ratios, spread } from './figures.ts'

const text = 'x'.repeat(2_000)
const child = join(import.meta.dirname, 'mcp-stdio-server.ts')
const gateway = 'supergateway@4.0.0'

/**
 * One call of a tool with a result of 2 KB: through our client manager, through the SDK alone on the
 * same transport, and through supergateway in front of the same tools; in turns in one run.
 */
export async function measureMcp({
  rounds,
  calls,
}: {
  readonly rounds: number
  readonly calls: number
}): Promise<Line[]> {
  await using server = await serveTools()
  await using outbound = createOutbound({
    allowed: { listed: [], trustedOrigins: () => [new URL(server.url).origin] },
  })
  await using clients = createToolClients({ outbound })
  await using bare = await connect(server.url)
  await using peer = await startGateway()
  const address = { kind: 'http' as const, name: 'bench', url: server.url }
  const sides = {
    ours: () => clients.call('bench', address, { name: 'read', arguments: {}, isRead: true }),
    bare: () => bare.client.callTool({ name: 'read', arguments: {} }),
  }
  const viaPeer = () => peer?.client.callTool({ name: 'read', arguments: {} })
  const took: Record<string, number[]> = {}
  for (const call of Object.values(sides)) for (let at = 0; at < calls / 4; at += 1) await call()
  for (let round = 0; round < rounds; round += 1)
    for (const [name, figure] of Object.entries(await inTurns(calls, sides)))
      (took[name] ??= []).push(figure)
  // The gateway breaks off now and then; then there is nothing to compare with.
  const gated = await Array.fromAsync({ length: peer === undefined ? 0 : rounds }, () =>
    perCall(calls, async () => viaPeer()),
  ).catch(() => [])
  const cached = await measureCached(rounds)
  return [
    ...linesOf({ ...took, peer: gated }),
    {
      bench: 'mcp',
      what: 'tools of a person from memory, ms',
      value: spread(cached, 4),
      aim: atMost(median(cached), 0.1),
    },
  ]
}

function linesOf({ ours = [], bare = [], peer = [] }: Record<string, number[]>): Line[] {
  const overSdk = ratios(ours, bare)
  const overOurs = ratios(peer, ours)
  const isThere = peer.length > 0
  const aim = { text: '≥ 2', isMet: median(overOurs) >= 2 }
  return [
    { bench: 'mcp', what: 'tool call through our client manager, ms', value: spread(ours, 3) },
    { bench: 'mcp', what: '  the SDK alone on the same transport, ms', value: spread(bare, 3) },
    {
      bench: 'mcp',
      what: '  ours ÷ SDK',
      value: spread(overSdk, 2),
      aim: atMost(median(overSdk), 1.15),
    },
    {
      bench: 'mcp',
      what: '  supergateway ÷ ours',
      value: isThere ? spread(overOurs, 2) : 'supergateway is not there',
      ...(isThere && { aim }),
    },
  ]
}

/** One call of each side after the other, so that what else the machine does meets all of them. */
async function inTurns(
  calls: number,
  sides: Readonly<Record<string, () => Promise<unknown>>>,
): Promise<Record<string, number>> {
  const each: Record<string, number[]> = {}
  for (let at = 0; at < calls; at += 1)
    for (const [name, call] of Object.entries(sides)) {
      const began = performance.now()
      await call()
      ;(each[name] ??= []).push(performance.now() - began)
    }
  return Object.fromEntries(Object.entries(each).map(([name, times]) => [name, median(times)]))
}

/** @returns the median of many calls, milliseconds */
async function perCall(calls: number, call: () => Promise<unknown>): Promise<number> {
  const each: number[] = []
  for (let at = 0; at < calls; at += 1) {
    const began = performance.now()
    await call()
    each.push(performance.now() - began)
  }
  return median(each)
}

async function measureCached(rounds: number): Promise<number[]> {
  const postgres = await startTestServer()
  try {
    await using test = await startTestApp({ postgres: postgres.connection })
    const person = await test.signedIn()
    await person.call(listToolServers, {})
    const { rows } = await test.copy.asOwner((db) =>
      db.query<{ id: string }>('select id from users limit 1'),
    )
    const userId = rows[0]?.id ?? ''
    await test.app.tools.hints(userId)
    const took: number[] = []
    for (let round = 0; round < rounds; round += 1)
      took.push(await perCall(2_000, () => test.app.tools.known(userId)))
    return took
  } finally {
    await postgres.stop()
  }
}

async function serveTools() {
  const handler = createMcpHandler(() => {
    const server = new McpServer({ name: 'bench', version: '1' })
    server.registerTool('read', { inputSchema: z.object({}) }, async () => ({
      content: [{ type: 'text', text }],
    }))
    return server
  })
  const answer = toNodeHandler(handler)
  const http = fastify()
  http.all('/mcp', async (request, reply) => {
    reply.hijack()
    return answer(request.raw as Parameters<typeof answer>[0], reply.raw, request.body)
  })
  await http.listen({ port: 0, host: '127.0.0.1' })
  const { port } = http.server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/mcp`,
    async [Symbol.asyncDispose]() {
      await handler.close()
      http.server.closeAllConnections()
      await http.close()
    },
  }
}

async function connect(url: string) {
  const client = new Client(
    { name: 'bench', version: '1' },
    { versionNegotiation: { mode: 'auto' } },
  )
  await client.connect(new StreamableHTTPClientTransport(new URL(url)))
  return { client, [Symbol.asyncDispose]: () => client.close() }
}

/** Fetched on demand; undefined where that is not possible. */
async function startGateway() {
  const port = await freePort()
  try {
    execFileSync('npx', ['-y', gateway, '--help'], { stdio: 'ignore', timeout: 120_000 })
  } catch {
    return undefined
  }
  const command = `${process.execPath} ${child}`
  const options = ['--stdio', command, '--outputTransport', 'streamableHttp', '--stateful']
  const running = spawn('npx', ['-y', gateway, ...options, '--port', String(port)], {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  running.stdout.resume()
  running.stderr.resume()
  const stop = () => {
    if (running.pid !== undefined) process.kill(-running.pid, 'SIGKILL')
  }
  try {
    const { client } = await untilReady(`http://127.0.0.1:${port}/mcp`)
    return {
      client,
      async [Symbol.asyncDispose]() {
        await client.close()
        const ended = once(running, 'exit')
        stop()
        await ended
      },
    }
  } catch {
    stop()
    return undefined
  }
}

async function untilReady(url: string) {
  for (let attempt = 0; ; attempt += 1) {
    try {
      const client = new Client({ name: 'bench', version: '1' })
      await client.connect(new StreamableHTTPClientTransport(new URL(url)))
      return { client }
    } catch (error) {
      if (attempt >= 40) throw error
      await new Promise((resolve) => setTimeout(resolve, 250))
    }
  }
}
