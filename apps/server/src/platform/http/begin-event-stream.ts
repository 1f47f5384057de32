import type { ServerResponse } from 'node:http'
import type { FastifyReply } from 'fastify'

/** Takes an answer over and sends the head of a stream of events. @returns where its events are written */
export function beginEventStream(reply: FastifyReply): ServerResponse {
  const { raw } = reply
  const requestId = String(reply.getHeader('x-request-id') ?? '')
  reply.hijack()
  // The server's inactivity limit is for requests; a stream may be quiet for as long as it likes.
  raw.socket?.setTimeout(0)
  raw.socket?.setNoDelay(true)
  raw.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
    'x-request-id': requestId,
  })
  raw.flushHeaders()
  return raw
}
