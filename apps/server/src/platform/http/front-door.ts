import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { ErrorCode } from '@studioops/contracts/errors'
import type { Readiness } from '@studioops/contracts/health'
import type { Language } from '@studioops/contracts/installation'
import type { Problem } from '@studioops/contracts/problem'
import { describeProblem } from '../errors/problem.ts'
import { acceptedLanguage } from './language.ts'
import { plainHeaders, setHeaders } from './security-headers.ts'
import { isSocketRequest, type Upgrade } from './sockets.ts'
import { renderStartPage } from './start-page.ts'

type Handler = (request: IncomingMessage, response: ServerResponse) => void

/**
 * The listening socket. It answers from the first moment: while the product starts, and when it
 * cannot, with the probes and a page that says so in both languages; never with a refused
 * connection or a 502.
 */
export type FrontDoor = {
  readonly server: Server
  /** What the probes and the page say until `open`. */
  report(readiness: Readiness): void
  /** The same for a probe port: once open, `pass`. */
  readiness(): Promise<Readiness>
  open(handler: Handler, upgrade: Upgrade): void
  /**
   * From now on new requests get 503, so that a balancer goes elsewhere.
   *
   * @returns when every request that was let in has its answer begun, so that what it works with
   *   can be closed; streams go on
   */
  close(): Promise<void>
}

export function createFrontDoor(): FrontDoor {
  let readiness: Readiness = { status: 'fail', reason: 'starting' }
  let handler: Handler | undefined
  const open = new Set<ServerResponse>()
  let upgrade: Upgrade | undefined
  const server = createServer({ shouldUpgradeCallback: isSocketRequest }, (request, response) => {
    if (handler === undefined) {
      answerMeanwhile(request, { response, readiness })
      return
    }
    open.add(response)
    response.once('close', () => open.delete(response))
    handler(request, response)
  })
  server.on('upgrade', (request, socket, head) => {
    if (upgrade !== undefined) return upgrade(request, socket, head)
    socket.on('error', () => socket.destroy())
    socket.end('HTTP/1.1 503 Service Unavailable\r\nretry-after: 2\r\nconnection: close\r\n\r\n')
  })
  server.requestTimeout = 30_000
  // Longer than any handler; streams switch it off for themselves.
  server.timeout = 60_000
  return {
    server,
    report: (next) => {
      readiness = next
    },
    readiness: async () => (handler === undefined ? readiness : { status: 'pass' }),
    open: (opened, sockets) => {
      handler = opened
      upgrade = sockets
    },
    close: async () => {
      handler = undefined
      upgrade = undefined
      readiness = { status: 'fail', reason: 'stopping' }
      const unanswered = [...open].filter((response) => !response.headersSent)
      await Promise.all(unanswered.map((response) => once(response, 'close')))
    },
  }
}

type Meanwhile = { readonly response: ServerResponse; readonly readiness: Readiness }

function answerMeanwhile(request: IncomingMessage, { response, readiness }: Meanwhile): void {
  const path = (request.url ?? '/').split('?')[0]
  setHeaders(response, plainHeaders)
  response.setHeader('cache-control', 'no-store')
  if (path === '/healthz') {
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"status":"pass"}')
    return
  }
  response.setHeader('retry-after', '2')
  const language = acceptedLanguage(request.headers)
  const { type, body } = answerOf(request, { readiness, language, path })
  response.writeHead(503, {
    'content-type': type,
    'content-language': language,
    vary: 'accept, accept-language',
    'content-security-policy':
      "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
  })
  response.end(request.method === 'HEAD' ? undefined : body)
}

type Asked = {
  readonly readiness: Readiness
  readonly language: Language
  readonly path: string | undefined
}

/** The probe gets the facts, people a page, and programs the error body that they know. */
function answerOf(
  { headers }: IncomingMessage,
  { readiness, language, path }: Asked,
): { readonly type: string; readonly body: string } {
  if (path === '/readyz') return { type: 'application/json', body: JSON.stringify(readiness) }
  if (headers.accept?.includes('text/html') === true)
    return { type: 'text/html; charset=utf-8', body: renderStartPage(readiness, language) }
  const body = JSON.stringify(problemWhile(readiness, language))
  return { type: 'application/problem+json', body }
}

function problemWhile(readiness: Readiness, language: Language): Problem {
  const code = codeOf(readiness)
  const circumstances = { correlationId: randomUUID(), language }
  const [obstacle] = readiness.obstacles ?? []
  const facts = (own: Language) => ({
    progress: readiness.note ?? '',
    reason: obstacle?.[own].message ?? '',
    remedy: obstacle?.[own].remedy ?? '',
  })
  const { message_he, recovery_he } = describeProblem(code, facts('he'), circumstances)
  const problem = describeProblem(code, facts(language), circumstances)
  const { message_en, recovery_en } = describeProblem(code, facts('en'), circumstances)
  return { ...problem, message_en, recovery_en, message_he, recovery_he, retry_after_seconds: 2 }
}

function codeOf({ reason }: Readiness): ErrorCode {
  switch (reason) {
    case 'migrating':
      return 'server.upgrading'
    case 'migration-failed':
      return 'server.upgrade-stopped'
    case 'database':
      return 'database.unavailable'
    case 'stopping':
      return 'server.stopping'
    case 'starting':
    case undefined:
      return 'server.starting'
  }
}
