import { createServer, type IncomingMessage, type Server, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { limits } from '@studioops/contracts/limits'
import { socketProtocol } from '@studioops/contracts/runs'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { type WebSocket, WebSocketServer } from 'ws'
import { plainHeaders, setHeaders } from './security-headers.ts'

/** An upgrade that waits for its route to accept or refuse it. */
type Waiting = { readonly socket: Duplex; readonly head: Buffer }

/** How a server hands on a request that wants to become a socket. */
export type Upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => void

export type Sockets = {
  /**
   * Asks the routes of the product, so that a refusal of a socket is a refusal like any other: with
   * its status, its problem body and its line in the log.
   */
  readonly upgrade: Upgrade
  /** Whether the request wants to become a socket, and came by a way on which it can. */
  isWaiting(request: FastifyRequest): boolean
  /** @returns the open socket; the reply belongs to it from now on */
  accept(request: FastifyRequest, reply: FastifyReply): Promise<WebSocket>
  [Symbol.dispose](): void
}

/** @param route what answers ordinary requests, as Fastify's `routing` */
export function createSockets(
  route: (request: IncomingMessage, response: ServerResponse) => void,
): Sockets {
  const waiting = new WeakMap<IncomingMessage, Waiting>()
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: limits.socketMessageBytesMax,
    // Tokens are small, and compression beside secrets tells their length (CRIME).
    perMessageDeflate: false,
    // Never the one that is a ticket.
    handleProtocols: (offered) => (offered.has(socketProtocol) ? socketProtocol : false),
  })
  return {
    upgrade(request, socket, head) {
      waiting.set(request, { socket, head })
      socket.on('error', () => socket.destroy())
      const response = new ServerResponse(request)
      // One that is refused stays no connection for further requests.
      response.shouldKeepAlive = false
      // `assignSocket` is made for the sockets of `net`, which is what a server hands on.
      response.assignSocket(socket as Parameters<typeof response.assignSocket>[0])
      response.once('finish', () => socket.end())
      route(request, response)
    },
    isWaiting: ({ raw }) => waiting.has(raw),
    async accept({ raw }, reply) {
      const given = waiting.get(raw)
      if (given === undefined) throw new Error('the request is no upgrade')
      reply.hijack()
      const { socket, head } = given
      reply.raw.detachSocket(socket as Parameters<typeof reply.raw.detachSocket>[0])
      return new Promise((resolve) => server.handleUpgrade(raw, socket, head, resolve))
    },
    [Symbol.dispose]() {
      for (const socket of server.clients) {
        socket.close(1012, 'server stops')
        setTimeout(() => socket.terminate(), 300).unref()
      }
      server.close()
    },
  }
}

/** Anything else that asks for an upgrade, such as to HTTP/2, is an ordinary request. */
export function isSocketRequest({ headers, method }: IncomingMessage): boolean {
  return method === 'GET' && headers.upgrade?.toLowerCase() === 'websocket'
}

/** Sockets on a loopback port of their own (D-16); whatever else is asked there, is not. */
export function createSocketServer(upgrade: Upgrade): Server {
  const server = createServer({ shouldUpgradeCallback: isSocketRequest }, (_, response) => {
    setHeaders(response, plainHeaders)
    response.writeHead(426, { upgrade: 'websocket', connection: 'close' }).end()
  })
  server.requestTimeout = 30_000
  server.on('upgrade', upgrade)
  return server
}
