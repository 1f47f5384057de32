import { isIP } from 'node:net'
import type { FastifyRequest } from 'fastify'

/**
 * Guards against DNS rebinding: a page of another site that has its name point to our address
 * brings that name along, in `Host` and in `Origin` (MCP, Streamable HTTP, security warning).
 */
type Ours = {
  readonly allowed: readonly string[]
  /** The request came in on a loopback address. */
  readonly isLocal: boolean
}

/**
 * On loopback only names that cannot be rebound are ours. Elsewhere a program may use any name:
 * it has to bring a credential, and pages are told apart by their origin.
 */
export function isOwnHost(host: string | undefined, { allowed, isLocal }: Ours): boolean {
  if (!isLocal) return true
  return isOwnName(hostnameOf(host), allowed)
}

/** Programs send no origin. A page's own must be this very host, under a name of ours. */
export function isOwnOrigin(
  origin: string | undefined,
  host: string | undefined,
  allowed: readonly string[],
): boolean {
  if (origin === undefined) return true
  const page = URL.parse(origin)
  return page !== null && page.host === host && isOwnName(hostnameOf(page.host), allowed)
}

function isOwnName(hostname: string, allowed: readonly string[]): boolean {
  const isAddress = isIP(hostname.replace(/^\[|\]$/g, '')) > 0
  return isAddress || hostname === 'localhost' || allowed.includes(hostname)
}

function hostnameOf(host = ''): string {
  return URL.parse(`http://${host}`)?.hostname ?? ''
}

export function isLoopbackSocket({ raw }: FastifyRequest): boolean {
  return /^(?:::ffff:)?127\.|^::1$/.test(raw.socket.localAddress ?? '')
}
