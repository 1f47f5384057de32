import type { FastifyReply } from 'fastify'

/** An answer that goes on for as long as there is something to tell. */
export type EventStream = {
  /** @returns false when the reader takes less than it is given: wait for `room` before the next */
  write(text: string): boolean
  /** Whether the reader has taken what it was given. */
  hasRoom(): boolean
  /** Resolves when it has, is gone, or does not matter any more. */
  room(left?: AbortSignal): Promise<void>
  end(): void
}

/** Takes an answer over and sends the head of a stream of events. */
export function beginEventStream(reply: FastifyReply): EventStream {
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
  // Behind an answer that is still under way, and to HTTP/1.0, Node writes as it knows how.
  const line = raw.chunkedEncoding ? (raw.socket ?? raw) : raw

  return {
    // One string is one system call; Node itself makes four pieces of a chunk and joins them a turn later.
    write: (text) =>
      line === raw
        ? raw.write(text)
        : line.write(`${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`),
    hasRoom: () => !line.writableNeedDrain,
    room(left) {
      const { promise, resolve } = Promise.withResolvers<void>()
      const go = () => {
        line.off('drain', go)
        raw.off('close', go)
        left?.removeEventListener('abort', go)
        resolve()
      }
      line.once('drain', go)
      raw.once('close', go)
      left?.addEventListener('abort', go)
      if (raw.destroyed || left?.aborted === true) go()
      return promise
    },
    end: () => void raw.end(),
  }
}
