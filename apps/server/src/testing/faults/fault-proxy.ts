import net from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import tls from 'node:tls'

type End = 'fin' | 'rst' | 'hang'

/** What happens on the wire between us and an outside system. */
export type WireFault =
  | { readonly kind: 'none' }
  | { readonly kind: 'latency'; readonly ms: number }
  /** The request is read and never answered. */
  | { readonly kind: 'silence' }
  /** After so many bytes of the answer; none: the effect is done and the answer is lost. */
  | { readonly kind: 'cut'; readonly afterBytes: number; readonly how: End }
  /** One answer for every request, whatever was asked. */
  | { readonly kind: 'answer'; readonly bytes: string }
  /** The head of an answer, then bytes for as long as somebody reads. */
  | {
      readonly kind: 'endless'
      readonly head: string
      readonly piece: Buffer
      readonly gapMs: number
    }
  /** Every answer is sent twice. */
  | { readonly kind: 'twice' }

export type FaultProxy = {
  readonly port: number
  readonly accepted: () => number
  /** Connections that are open now. */
  readonly open: () => number
  set(fault: WireFault): void
  /** Resets what is open and goes on listening, as a load balancer does that is restarted. */
  resetAll(): void
  /** From now on connections are refused. */
  close(): Promise<void>
}

type Options = {
  /** Absent: the port is only listened on. */
  readonly upstreamPort?: number
  readonly tlsOptions?: tls.TlsOptions
}

/** Stands between our client and a simulator, and breaks what lives below HTTP. */
export async function openFaultProxy({ upstreamPort, tlsOptions }: Options): Promise<FaultProxy> {
  let fault: WireFault = { kind: 'none' }
  let accepted = 0
  const sockets = new Set<net.Socket>()
  const track = (socket: net.Socket) => {
    sockets.add(socket)
    return socket.on('close', () => sockets.delete(socket)).on('error', () => undefined)
  }

  const relay = (client: net.Socket) => {
    const server = track(net.connect(upstreamPort ?? 0, '127.0.0.1'))
    let sent = 0
    let passing: Promise<boolean> = Promise.resolve(true)
    const twice = createDoubler(client)
    client.pipe(server)
    client.on('close', () => server.destroy())
    server.on('error', () => reset(client))
    server.on('data', (chunk: Buffer) => {
      if (fault.kind === 'twice') return twice(chunk)
      server.pause()
      passing = forward({ client, chunk, sent, fault })
      void passing.then((isOpen) => {
        sent += chunk.length
        if (isOpen) server.resume()
      })
    })
    server.on('end', () => void passing.then((isOpen) => isOpen && client.end()))
  }

  const onConnection = (client: net.Socket) => {
    accepted += 1
    track(client)
    if (!answerItself(client, fault)) relay(client)
  }

  const listener = tlsOptions
    ? tls.createServer(tlsOptions, onConnection).on('tlsClientError', () => undefined)
    : net.createServer(onConnection)
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
  const { port } = listener.address() as net.AddressInfo
  return {
    port,
    accepted: () => accepted,
    open: () => sockets.size,
    set: (next) => void (fault = next),
    resetAll: () => sockets.forEach(reset),
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => listener.close(resolve))
    },
  }
}

/** A TLS socket has no handle of its own that could be reset. */
function reset(socket: net.Socket): void {
  if (socket instanceof tls.TLSSocket) socket.destroy()
  else socket.resetAndDestroy()
}

function answerItself(client: net.Socket, fault: WireFault): boolean {
  if (fault.kind === 'silence') client.resume()
  else if (fault.kind === 'answer') client.on('data', () => client.write(fault.bytes))
  else if (fault.kind === 'endless') client.once('data', () => void pour(client, fault))
  else return false
  return true
}

async function pour(
  client: net.Socket,
  { head, piece, gapMs }: Extract<WireFault, { kind: 'endless' }>,
) {
  client.write(head)
  while (!client.destroyed) {
    if (!client.write(piece)) await drained(client)
    await sleep(gapMs)
  }
}

async function drained(socket: net.Socket): Promise<void> {
  await new Promise<void>((resolve) => {
    socket.once('drain', resolve).once('close', () => resolve())
  })
}

const silenceMs = 50

/** Holds an answer until nothing more comes of it, and sends it twice in one piece. */
function createDoubler(client: net.Socket): (chunk: Buffer) => void {
  const held: Buffer[] = []
  let timer: NodeJS.Timeout | undefined
  return (chunk) => {
    held.push(chunk)
    clearTimeout(timer)
    timer = setTimeout(() => {
      const whole = held.splice(0)
      client.write(Buffer.concat([...whole, ...whole]))
    }, silenceMs)
  }
}

type Passing = {
  readonly client: net.Socket
  readonly chunk: Buffer
  readonly sent: number
  readonly fault: WireFault
}

/** @returns whether the connection goes on */
async function forward({ client, chunk, sent, fault }: Passing): Promise<boolean> {
  if (fault.kind === 'latency') await sleep(fault.ms)
  if (fault.kind !== 'cut' || sent + chunk.length <= fault.afterBytes) {
    client.write(chunk)
    return true
  }
  client.write(chunk.subarray(0, Math.max(0, fault.afterBytes - sent)))
  // A reset overtakes bytes that still lie in the send buffer.
  await sleep(1)
  if (fault.how === 'rst') reset(client)
  else if (fault.how === 'fin') client.end()
  return false
}
