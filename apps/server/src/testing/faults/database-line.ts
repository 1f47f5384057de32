import { connect, createServer, type Server, type Socket } from 'node:net'
import type { AddressInfo } from 'node:net'

type Fault = 'none' | 'silent' | 'lose-commit'

/** A line to PostgreSQL that can be broken in the ways in which lines break. */
export type DatabaseLine = {
  readonly port: number
  /**
   * From now on: swallow what is sent, or pass a COMMIT on and lose its answer.
   *
   * @param after only the COMMIT of a connection that has sent this text meanwhile; default: any
   */
  set(fault: Fault, after?: string): void
  resetAll(): void
  refuse(): Promise<void>
  /** Listens again, on the same port. */
  reopen(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** @param upstream path of the socket of PostgreSQL */
export async function openDatabaseLine(upstream: string): Promise<DatabaseLine> {
  let fault: Fault = 'none'
  let wanted = ''
  const sockets = new Set<Socket>()
  const relay = (near: Socket) => {
    const far = connect(upstream)
    let isDeaf = false
    let hasSent = ''
    sockets.add(near)
    for (const socket of [near, far]) socket.on('error', () => undefined)
    near.on('data', (bytes) => {
      if (fault === 'silent') return
      if (fault === 'lose-commit' && bytes.includes(wanted)) hasSent = wanted
      if (fault === 'lose-commit' && hasSent === wanted && bytes.includes('commit')) {
        isDeaf = true
        // The server has answered once it has committed.
        far.once('data', () => near.resetAndDestroy())
      }
      far.write(bytes)
    })
    far.on('data', (bytes) => {
      if (!isDeaf && fault !== 'silent') near.write(bytes)
    })
    near.on('close', () => {
      sockets.delete(near)
      far.destroy()
    })
    far.on('close', () => near.destroy())
  }
  const listen = (port: number) =>
    new Promise<Server>((resolve) => {
      const server = createServer(relay).listen(port, '127.0.0.1', () => resolve(server))
    })
  const stop = async (server: Server) => {
    const closed = new Promise((resolve) => server.close(resolve))
    for (const socket of sockets) socket.resetAndDestroy()
    await closed
  }

  let server = await listen(0)
  const { port } = server.address() as AddressInfo
  return {
    port,
    set(next, after = '') {
      fault = next
      wanted = after
    },
    resetAll: () => sockets.forEach((socket) => socket.resetAndDestroy()),
    refuse: () => stop(server),
    async reopen() {
      server = await listen(port)
    },
    [Symbol.asyncDispose]: () => stop(server),
  }
}
