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
  switch (fault?.kind) {
    case 'effect-then-lost':
      exchange.request.socket.destroy()
      return
    case 'effect-then-hang':
      return
    case 'garbage':
      sendAnswer(exchange, { ...answer, body: cutInHalf(answer.body) })
      return
    case 'slow-body':
      await trickle(exchange, answer, fault.gapMs)
      return
    // oxlint-disable-next-line typescript/switch-exhaustiveness-check -- the others do not change how an answer is sent
    default:
      sendAnswer(exchange, answer)
  }
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
