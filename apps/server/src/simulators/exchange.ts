import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Fault } from './fault-control.ts'
import type { JsonValue } from './json-value.ts'

/** A whole answer, before any fault has touched it. */
export type Answer = {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

type Headers = Readonly<Record<string, string>>

/** Members that are `undefined` are left out. */
export type Sendable = JsonValue | { readonly [member: string]: unknown } | readonly unknown[]

export function jsonAnswer(status: number, value: Sendable, headers: Headers = {}): Answer {
  return {
    status,
    headers: { 'content-type': 'application/json;charset=UTF-8', ...headers },
    body: Buffer.from(JSON.stringify(value)),
  }
}

export function emptyAnswer(status: number, headers: Headers = {}): Answer {
  return { status, headers, body: Buffer.alloc(0) }
}

const pagePolicy = [
  "default-src 'none'",
  "style-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

export function htmlAnswer(status: number, html: string, headers: Headers = {}): Answer {
  return {
    status,
    headers: {
      'content-type': 'text/html;charset=UTF-8',
      'content-security-policy': pagePolicy,
      'x-content-type-options': 'nosniff',
      ...headers,
    },
    body: Buffer.from(html),
  }
}

export function bytesAnswer(contentType: string, body: Buffer | string, headers: Headers = {}) {
  return {
    status: 200,
    headers: { 'content-type': contentType, 'x-content-type-options': 'nosniff', ...headers },
    body: Buffer.from(body),
  }
}

export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
}

const bodyLimitBytes = 10 * 1024 * 1024

/** @returns undefined when the body is longer than 10 MiB */
export async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of request) {
    if (!Buffer.isBuffer(part)) continue
    bytes += part.length
    if (bytes > bodyLimitBytes) return undefined
    parts.push(part)
  }
  return Buffer.concat(parts)
}

export type Exchange = { readonly request: IncomingMessage; readonly response: ServerResponse }

export function sendAnswer({ response }: Exchange, answer: Answer): void {
  if (response.destroyed) return
  response.writeHead(answer.status, {
    ...answer.headers,
    'content-length': String(answer.body.length),
  })
  response.end(answer.body)
}

/** A fault that needs no answer of the simulator: nothing has happened. */
export function refuseByFault(
  exchange: Exchange,
  fault: Fault,
  errorBody: (status: number, text: string) => JsonValue,
): boolean {
  switch (fault.kind) {
    case 'away':
      exchange.request.socket.destroy()
      return true
    case 'hang':
      exchange.request.resume()
      return true
    case 'half-open':
      exchange.request.pause()
      return true
    case 'status':
      sendAnswer(exchange, statusAnswer(fault, errorBody))
      return true
    case 'html-login':
      sendAnswer(exchange, htmlAnswer(200, loginPage))
      return true
    // oxlint-disable-next-line typescript/switch-exhaustiveness-check -- the others need the effect, or one of the two simulators
    default:
      return false
  }
}

/** A fault after the effect. Sends the answer whole when the fault is not of that kind. */
export async function deliverWithFault(
  exchange: Exchange,
  answer: Answer,
  fault: Fault | undefined,
): Promise<void> {
  if (fault === undefined) return sendAnswer(exchange, answer)
  await (deliveries[fault.kind] ?? asItIs)(exchange, answer, fault)
}

type Delivery = (exchange: Exchange, answer: Answer, fault: Fault) => void | Promise<void>

const asItIs: Delivery = (exchange, answer) => sendAnswer(exchange, answer)

/** How an answer is sent under a fault; every other one changes nothing of that. */
const deliveries: Partial<Record<Fault['kind'], Delivery>> = {
  'effect-then-lost': ({ request }) => void request.socket.destroy(),
  'effect-then-hang': () => {},
  garbage: (exchange, answer) => sendAnswer(exchange, { ...answer, body: cutInHalf(answer.body) }),
  'slow-body': (exchange, answer, fault) =>
    trickle(exchange, answer, fault.kind === 'slow-body' ? fault.gapMs : 0),
  cut: (exchange, answer, fault) =>
    sendHalf(exchange, answer, () => {
      const { socket } = exchange.request
      if (fault.kind === 'cut' && fault.by === 'rst') socket.resetAndDestroy()
      else socket.end()
    }),
  'stall-body': (exchange, answer) => sendHalf(exchange, answer, () => {}),
  'huge-body': (exchange, answer, fault) => sendHuge(exchange, answer, fault),
  'answer-twice': (exchange, answer) => {
    const { socket } = exchange.request
    exchange.response.once('finish', () => void socket.write(asText(answer)))
    sendAnswer(exchange, answer)
  },
  'clock-skew': (exchange, answer, fault) => {
    const skewMs = fault.kind === 'clock-skew' ? fault.skewMs : 0
    exchange.response.setHeader('date', new Date(Date.now() + skewMs).toUTCString())
    sendAnswer(exchange, answer)
  },
}

/** Head and half of the body are on the wire before `then` is called. */
function sendHalf({ response }: Exchange, answer: Answer, then: () => void): void {
  response.writeHead(answer.status, {
    ...answer.headers,
    'content-length': String(answer.body.length),
  })
  response.write(cutInHalf(answer.body), then)
}

const blanks = Buffer.alloc(64 * 1024, ' ')

async function sendHuge({ response }: Exchange, answer: Answer, fault: Fault): Promise<void> {
  let left = fault.kind === 'huge-body' ? fault.bytes : 0
  response.writeHead(answer.status, {
    ...answer.headers,
    'content-length': String(left + answer.body.length),
  })
  while (left > 0 && !response.destroyed) {
    const piece = blanks.subarray(0, Math.min(left, blanks.length))
    left -= piece.length
    if (!response.write(piece)) await drained(response)
  }
  response.end(answer.body)
}

async function drained(response: ServerResponse): Promise<void> {
  const waiting = Promise.withResolvers<void>()
  response.once('drain', waiting.resolve).once('close', waiting.resolve)
  await waiting.promise
  response.off('drain', waiting.resolve).off('close', waiting.resolve)
}

function asText({ status, headers, body }: Answer): Buffer {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  const head = `HTTP/1.1 ${status} Again\r\n${lines.join('')}content-length: ${body.length}\r\n\r\n`
  return Buffer.concat([Buffer.from(head), body])
}

async function trickle({ response }: Exchange, answer: Answer, gapMs: number): Promise<void> {
  response.writeHead(answer.status, {
    ...answer.headers,
    'content-length': String(answer.body.length),
  })
  for (const byte of answer.body) {
    if (response.destroyed) return
    response.write(Buffer.of(byte))
    await sleep(gapMs)
  }
  response.end()
}

function cutInHalf(body: Buffer): Buffer {
  return body.length < 2 ? Buffer.from('{') : body.subarray(0, Math.ceil(body.length / 2))
}

function statusAnswer(
  fault: Extract<Fault, { kind: 'status' }>,
  errorBody: (status: number, text: string) => JsonValue,
): Answer {
  const { status, headers = {} } = fault
  const text = `The simulator was told to answer ${status}.`
  switch (fault.body ?? 'json') {
    case 'html':
      return htmlAnswer(status, plainPage(String(status), text), headers)
    case 'empty':
      return emptyAnswer(status, headers)
    case 'json':
      return jsonAnswer(status, errorBody(status, text), headers)
  }
}

export function plainPage(title: string, text: string): string {
  const [safeTitle, safeText] = [escapeHtml(title), escapeHtml(text)]
  return `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>${safeTitle}</title></head><body><h1>${safeTitle}</h1><p>${safeText}</p></body></html>`
}

const loginPage = `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Log in</title></head><body><h1>Log in</h1><form method="post" action="/login.jsp"><label>Username <input name="os_username"></label><label>Password <input name="os_password" type="password"></label></form></body></html>`
