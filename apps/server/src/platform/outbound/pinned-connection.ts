import net from 'node:net'
import tls from 'node:tls'
import type { buildConnector } from 'undici'
import { canonicalAddress, type Target } from './address-guard.ts'
import { codeOf, OutboundError, toOutboundError } from './outbound-error.ts'

export type TlsChoice = {
  /** Certificates (PEM) that are trusted besides the ones that Node ships. */
  readonly ca?: string
  /** False only where an administrator switched verification off for this integration. */
  readonly verifyTls?: boolean
}

/** How long the two halves of opening a connection may take (`reliability.md` 3.1). */
export type ConnectTimeouts = { readonly connectMs: number; readonly tlsMs: number }

type Connection = TlsChoice & { readonly target: Target; readonly timeouts: ConnectTimeouts }

/**
 * Connects to the addresses that were checked, and to nothing else. The address of the socket is
 * compared before the first byte, also of TLS, leaves. Every failure is an OutboundError with
 * `sent: false`.
 */
export function createPinnedConnector(connection: Connection): buildConnector.connector {
  return (options, callback) =>
    void answer(open(connection, options.protocol === 'https:'), callback)
}

async function answer(
  opening: Promise<net.Socket>,
  callback: buildConnector.Callback,
): Promise<void> {
  const [outcome] = await Promise.allSettled([opening])
  if (outcome.status === 'fulfilled') callback(null, outcome.value)
  else callback(outcome.reason, null)
}

async function open(connection: Connection, secure: boolean): Promise<net.Socket> {
  const socket = await connectTcp(connection)
  return secure ? startTls(socket, connection) : socket
}

/** How long each half of opening took, in milliseconds; `tlsMs` is absent over plain http. */
export type OpeningTimes = { readonly connectMs: number; readonly tlsMs?: number }

/**
 * Opens a connection and closes it again, without a byte of a request.
 *
 * @throws OutboundError with `sent: false`; of kind `tls` when only the second half failed
 */
export async function tryConnection(connection: Connection): Promise<OpeningTimes> {
  const began = performance.now()
  const socket = await connectTcp(connection)
  const connectMs = performance.now() - began
  try {
    if (connection.target.url.protocol !== 'https:') return { connectMs }
    const secure = await startTls(socket, connection)
    secure.destroy()
    return { connectMs, tlsMs: performance.now() - began - connectMs }
  } finally {
    socket.destroy()
  }
}

function connectTcp({ target, timeouts }: Connection): Promise<net.Socket> {
  const { url, hostname, addresses } = target
  const pinned = addresses.map((address) => ({ address, family: net.isIPv6(address) ? 6 : 4 }))
  const socket = net.connect({
    host: hostname,
    port: Number(url.port || (url.protocol === 'https:' ? 443 : 80)),
    noDelay: true,
    keepAlive: true,
    // With autoSelectFamily, the default, Node asks for all addresses. It asks for none at all when
    // the host is an address already.
    lookup: (_name, wish, done) => {
      if (wish.all === true) done(null, pinned)
      else done(null, pinned[0]?.address ?? '', pinned[0]?.family ?? 0)
    },
  })
  return settle(socket, { event: 'connect', host: url.host, withinMs: timeouts.connectMs }, () => {
    const address = canonicalAddress(socket.remoteAddress ?? '')
    if (addresses.includes(address)) return
    const detail = `${address} is not the address that was checked`
    throw new OutboundError({ kind: 'not-allowed', sent: false, host: url.host, detail })
  })
}

function startTls(socket: net.Socket, connection: Connection): Promise<tls.TLSSocket> {
  const { target, timeouts, ca, verifyTls = true } = connection
  const { hostname, url } = target
  const secure = tls.connect({
    socket,
    host: hostname,
    ...(net.isIP(hostname) > 0 ? {} : { servername: hostname }),
    ...(ca === undefined ? {} : { ca: [...tls.getCACertificates('default'), ca] }),
    rejectUnauthorized: verifyTls,
    ALPNProtocols: ['http/1.1'],
  })
  // Before the verdict: a refused connection does not tell any more what it was shown.
  let issuer = ''
  secure.prependOnceListener('secure', () => {
    issuer = issuerOf(secure)
  })
  const step: Step = { event: 'secureConnect', host: url.host, withinMs: timeouts.tlsMs }
  return settle(secure, { ...step, issuer: () => issuer })
}

const issuerLengthMax = 200
const chainLengthMax = 10

/**
 * The name of whoever signed the last certificate that was sent; empty when it has none. Not by
 * `getPeerX509Certificate`: after it Node finds no names in the certificate any more.
 */
function issuerOf(secure: tls.TLSSocket): string {
  let certificate = secure.getPeerCertificate(true)
  for (let depth = 0; depth < chainLengthMax; depth += 1) {
    // Absent, or the certificate itself, where the chain ends.
    const next: tls.DetailedPeerCertificate | undefined = certificate.issuerCertificate
    if (next === undefined || next.fingerprint256 === certificate.fingerprint256) break
    certificate = next
  }
  const { CN, OU, O } = certificate.issuer ?? {}
  const name = [CN ?? OU ?? O ?? ''].flat().join(' ')
  // oxlint-disable-next-line no-control-regex -- control characters are what is taken out
  return name.replaceAll(/[\u0000-\u001F\u007F]/g, ' ').slice(0, issuerLengthMax)
}

type Step = {
  readonly event: 'connect' | 'secureConnect'
  readonly host: string
  readonly withinMs: number
  readonly issuer?: () => string
}

function settle<S extends net.Socket>(socket: S, step: Step, check?: () => void): Promise<S> {
  const { promise, resolve, reject } = Promise.withResolvers<S>()
  const fail = (error: unknown) => {
    clearTimeout(timer)
    socket.destroy()
    reject(explain(error, step))
  }
  const timer = setTimeout(fail, step.withinMs, new StepTimeout())
  socket.once('error', fail)
  socket.once('close', fail)
  socket.once(step.event, () => {
    try {
      check?.()
    } catch (error) {
      fail(error)
      return
    }
    clearTimeout(timer)
    socket.off('error', fail)
    socket.off('close', fail)
    resolve(socket)
  })
  return promise
}

class StepTimeout extends Error {
  readonly code = 'ETIMEDOUT'
}

function explain(error: unknown, { event, host, issuer }: Step): OutboundError {
  const code = codeOf(error)
  const isOfTls = event === 'secureConnect' && !['ETIMEDOUT', 'ECONNRESET', 'EPIPE'].includes(code)
  if (!isOfTls || error instanceof OutboundError) return toConnectError(error, host)
  const detail = `the certificate or the TLS handshake failed${code === '' ? '' : ` (${code})`}`
  const name = issuer?.() ?? ''
  const signed = name === '' ? {} : { issuer: name }
  return new OutboundError({ kind: 'tls', sent: false, host, detail, code, ...signed })
}

function toConnectError(error: unknown, host: string): OutboundError {
  // `close` without an error, as far as we know only while TLS is being negotiated.
  if (typeof error === 'boolean') return toConnectError(new ClosedEarly(), host)
  return toOutboundError(error, { host, sent: false })
}

class ClosedEarly extends Error {
  readonly code = 'ECONNRESET'
}
