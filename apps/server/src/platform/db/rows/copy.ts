import { once } from 'node:events'
import { Readable } from 'node:stream'
import type pg from 'pg'

/** What `pg` has for COPY and leaves out of its types. */
type Wire = pg.Connection & {
  query(text: string): void
  sendCopyFromChunk(chunk: Buffer): void
  endCopyFrom(): void
  sendCopyFail(message: string): void
}

/** `pg` calls these on whatever it was given as a query. */
type Handlers = {
  handleError(error: Error): void
  handleReadyForQuery(): void
  handleCommandComplete(): void
  handleCopyData(message: { readonly chunk: Buffer }): void
  handleCopyInResponse(connection: Wire): void
}

function submit(client: pg.ClientBase, text: string, handlers: Handlers): Wire {
  let wire: Wire | undefined
  client.query({
    ...handlers,
    submit(connection: pg.Connection) {
      wire = connection as Wire
      wire.query(text)
    },
  })
  if (wire === undefined) throw new Error('the connection is busy with another query')
  return wire
}

const bufferBytes = 1024 * 1024

/**
 * Runs `COPY … TO STDOUT` and hands its bytes on as they are read; the server waits meanwhile. The
 * connection has to be idle. Whoever stops reading has to close it.
 *
 * @throws the server's error
 */
export function copyOut(client: pg.ClientBase, text: string): AsyncIterable<Buffer> {
  let wire: Wire | undefined
  const stream = new Readable({
    highWaterMark: bufferBytes,
    read() {
      if (wire?.stream.isPaused() === true) wire.stream.resume()
    },
  })
  wire = submit(client, text, {
    handleError: (error) => stream.destroy(error),
    handleReadyForQuery: () => void stream.push(null),
    handleCommandComplete: () => undefined,
    // The parser of `pg` uses its memory again.
    handleCopyData({ chunk }) {
      if (!stream.push(Buffer.from(chunk))) wire?.stream.pause()
    },
    handleCopyInResponse: (connection) => connection.sendCopyFail('nothing is sent here'),
  })
  return stream
}

export type CopyIn = {
  /** Waits while the server has not taken what was sent. */
  write(chunk: Buffer): Promise<void>
  /** @throws the server's error */
  end(): Promise<void>
  /** Gives it up; the transaction is broken then. */
  abort(): Promise<void>
}

/** Runs `COPY … FROM STDIN`. @throws the server's error */
export async function copyIn(client: pg.ClientBase, text: string): Promise<CopyIn> {
  const opened = Promise.withResolvers<void>()
  const ended = Promise.withResolvers<void>()
  ended.promise.catch(() => undefined)
  let failure: Error | undefined
  const wire = submit(client, text, {
    handleError(error) {
      failure = error
      opened.reject(error)
      ended.reject(error)
    },
    handleReadyForQuery: () => ended.resolve(),
    handleCommandComplete: () => undefined,
    handleCopyData: () => undefined,
    handleCopyInResponse: () => opened.resolve(),
  })
  await opened.promise
  return {
    async write(chunk) {
      if (failure !== undefined) throw failure
      wire.sendCopyFromChunk(chunk)
      if (wire.stream.writableNeedDrain)
        await Promise.race([once(wire.stream, 'drain'), ended.promise])
    },
    async end() {
      wire.endCopyFrom()
      await ended.promise
    },
    async abort() {
      wire.sendCopyFail('given up')
      await ended.promise.catch(() => undefined)
    },
  }
}
