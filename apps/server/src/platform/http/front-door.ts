import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Readiness } from '@studioops/contracts/health'

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
  open(handler: Handler): void
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
  const server = createServer((request, response) => {
    if (handler === undefined) {
      answerMeanwhile(request, { response, readiness })
      return
    }
    open.add(response)
    response.once('close', () => open.delete(response))
    handler(request, response)
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
    open: (opened) => {
      handler = opened
    },
    close: async () => {
      handler = undefined
      readiness = { status: 'fail', reason: 'stopping' }
      const unanswered = [...open].filter((response) => !response.headersSent)
      await Promise.all(unanswered.map((response) => once(response, 'close')))
    },
  }
}

type Meanwhile = { readonly response: ServerResponse; readonly readiness: Readiness }

function answerMeanwhile(request: IncomingMessage, { response, readiness }: Meanwhile): void {
  const path = (request.url ?? '/').split('?')[0]
  response.setHeader('cache-control', 'no-store')
  if (path === '/healthz') {
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"status":"pass"}')
    return
  }
  response.setHeader('retry-after', '2')
  const wantsPage = request.headers.accept?.includes('text/html') === true
  response.writeHead(503, {
    'content-type': wantsPage ? 'text/html; charset=utf-8' : 'application/json',
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
  })
  response.end(wantsPage ? pageOf(readiness) : JSON.stringify(readiness))
}

const escapes: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

function pageOf({ reason, note = '' }: Readiness): string {
  const stopping = reason === 'stopping'
  const en = stopping ? 'StudioOps is stopping' : 'StudioOps is starting'
  const he = stopping ? 'StudioOps נעצרת' : 'StudioOps עולה'
  const safeNote = note.replace(/[&<>"]/g, (character) => escapes[character] ?? '')
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" content="2">
<meta name="viewport" content="width=device-width"><title>${en}</title>
<style>:root{color-scheme:light dark}body{font:18px/1.6 system-ui;display:grid;place-content:center;min-height:90vh;text-align:center}</style>
<h1>${en}…</h1><p lang="he" dir="rtl">${he}…</p><p><bdi>${safeNote}</bdi></p></html>`
}
