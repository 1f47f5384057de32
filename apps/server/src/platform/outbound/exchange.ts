import { AsyncLocalStorage } from 'node:async_hooks'
import { createHash } from 'node:crypto'
import type { Readable } from 'node:stream'
import { LRUCache } from 'lru-cache'
import { Client, type Dispatcher, Pool } from 'undici'
import { currentContext } from '../log/log.ts'
import { Secret } from '../secret/secret.ts'
import type { AddressGuard, Target } from './address-guard.ts'
import { OutboundError, type OutboundFailure, toOutboundError } from './outbound-error.ts'
import { type ConnectTimeouts, createPinnedConnector, type TlsChoice } from './pinned-connection.ts'
import { retryAfterMs } from './retry-after.ts'

export type OutboundRequest = TlsChoice & {
  readonly url: string
  /** Default GET. */
  readonly method?: string
  /** Secrets are revealed at the moment of sending and nowhere else. */
  readonly headers?: Readonly<Record<string, string | Secret>>
  readonly body?: string | Uint8Array
  /** The caller's own reason to stop; ends in `aborted`. */
  readonly signal?: AbortSignal
  /** Which dependency this is, for the breaker, the retry budget and the log. */
  readonly system?: string
  /** Tells credentials apart without being one; breakers are kept per system and credential. */
  readonly credentialKey?: string
  /** A person asks whether it works now: the breaker is neither asked nor told. */
  readonly isProbe?: boolean
}

export type OpenRequest = OutboundRequest & {
  readonly limitBytes?: number
  /** A redirect is an answer with its `location` instead of an error; it is never followed by itself. */
  readonly tellsRedirect?: boolean
}

/** What comes before the body. */
export type AnswerHead = {
  /** A redirect only where it was asked for: else it is an error. */
  readonly status: number
  /** Lower-case names; without `set-cookie`. */
  readonly headers: Readonly<Record<string, string>>
  readonly host: string
  /** What `Retry-After` says, 200 to 60 000. */
  readonly retryAfterMs?: number
}

export type OpenedAnswer = AnswerHead & {
  /** Ends, or throws an OutboundError. Leaving the loop early closes the connection. */
  readonly body: AsyncIterable<Uint8Array>
  /**
   * Reads the body instead of `body`, each piece in the turn in which it arrives: for streams of
   * many small pieces, where a loop costs more than what is done in it. A piece that is answered
   * with false is the last one, and closes the connection.
   *
   * @throws OutboundError; what `hear` throws, and then the connection is closed
   */
  each(hear: (bytes: Uint8Array) => boolean): Promise<void>
  /** Closes the connection of a body that nobody will read. */
  close(): void
}

/** One call of ours, over all its attempts. */
export type Call = {
  readonly deadlineMs?: number
  /** Its time is over, or the caller stopped. */
  readonly signal: AbortSignal
  readonly caller?: AbortSignal
  readonly progress: { sent: boolean }
  readonly isWrite: boolean
}

type Dependencies = {
  readonly guard: AddressGuard
  readonly timeouts: ConnectTimeouts
  readonly now: () => number
}

/** One attempt of a request: checked, pinned, sent, head read. Policies are above it. */
export function createExchanges({ guard, timeouts, now }: Dependencies) {
  const pools = new LRUCache<string, Pool>({
    max: 64,
    dispose: (pool) => void pool.close().catch(() => {}),
  })

  function poolOf(target: Target, choice: TlsChoice): Pool {
    const key = poolKey(target, choice)
    const known = pools.get(key)
    if (known !== undefined) return known
    const made = new Pool(target.url.origin, clientOptions(target, tlsChoiceOf(choice)))
    pools.set(key, made)
    return made
  }

  function clientOptions(target: Target, choice: TlsChoice): Client.Options {
    return {
      connect: createPinnedConnector({ target, timeouts, ...choice }),
      allowH2: false,
      // The deadline of the caller covers both, and is exact.
      headersTimeout: 0,
      bodyTimeout: 0,
    }
  }

  /** @throws OutboundError, or the reason of a signal that was aborted before anything began */
  async function exchange(request: OpenRequest, call: Call): Promise<OpenedAnswer> {
    call.signal.throwIfAborted()
    let release = () => {}
    try {
      const target = await unlessAborted(guard.check(request.url), call.signal)
      const client = clientFor(request, { target, call })
      if (call.isWrite) release = () => void client.destroy().catch(() => {})
      const data = await client
        .compose(announceStart(() => (call.progress.sent = true)))
        .request(toDispatch(request, target, call))
      return toOpened(data, { request, target, call, release, now: now() })
    } catch (error) {
      release()
      throw explain(error, hostOf(request.url), call)
    }
  }

  /**
   * A write never travels on a pooled connection: one that the other side is about to close would
   * leave open whether the write arrived.
   */
  function clientFor(
    request: OpenRequest,
    { target, call }: { readonly target: Target; readonly call: Call },
  ): Pool | Client {
    return call.isWrite
      ? new Client(target.url.origin, clientOptions(target, tlsChoiceOf(request)))
      : poolOf(target, request)
  }

  return {
    exchange,
    async destroy(): Promise<void> {
      const open = [...pools.values()]
      await Promise.allSettled(open.map((pool) => pool.destroy()))
      pools.clear()
    },
  }
}

function tlsChoiceOf({ ca, verifyTls }: TlsChoice): TlsChoice {
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(verifyTls === undefined ? {} : { verifyTls }),
  }
}

function poolKey({ url, addresses }: Target, { ca = '', verifyTls = true }: TlsChoice): string {
  const authority = createHash('sha256').update(ca).digest('base64')
  return [url.origin, verifyTls, authority, ...addresses.toSorted()].join(' ')
}

function toDispatch(
  { method = 'GET', headers = {}, body }: OutboundRequest,
  { url }: Target,
  { signal }: Call,
): Dispatcher.RequestOptions {
  return {
    path: `${url.pathname}${url.search}`,
    method,
    headers: { ...contextHeaders(), ...revealed(headers) },
    ...(body === undefined ? {} : { body }),
    signal,
  }
}

function contextHeaders(): Record<string, string> {
  const context = currentContext()
  return {
    'user-agent': 'StudioOps',
    'accept-encoding': 'identity',
    ...(context && {
      'x-request-id': context.correlationId,
      traceparent: `00-${context.traceId}-${context.spanId}-01`,
    }),
  }
}

function revealed(headers: Readonly<Record<string, string | Secret>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name.toLowerCase(),
      value instanceof Secret ? value.reveal() : value,
    ]),
  )
}

/** Calls back right before the first byte of the request is written to a socket. */
function announceStart(onStart: () => void): Dispatcher.DispatcherComposeInterceptor {
  return (dispatch) => (options, handler) =>
    dispatch(options, {
      onRequestStart: (controller, context) => {
        onStart()
        handler.onRequestStart?.(controller, context)
      },
      onRequestUpgrade: (...told) => handler.onRequestUpgrade?.(...told),
      onResponseStart: (...told) => handler.onResponseStart?.(...told),
      onResponseData: (...told) => handler.onResponseData?.(...told),
      onResponseEnd: (...told) => handler.onResponseEnd?.(...told),
      onResponseError: (...told) => handler.onResponseError?.(...told),
    })
}

type Opening = {
  readonly request: OpenRequest
  readonly target: Target
  readonly call: Call
  readonly release: () => void
  readonly now: number
}

function toOpened(data: Dispatcher.ResponseData, opening: Opening): OpenedAnswer {
  const { request, target, call, release, now } = opening
  const { url } = target
  const headers = plainHeaders(data.headers)
  const close = () => {
    data.body.on('error', () => {}).destroy()
    release()
  }
  const isTold = request.tellsRedirect === true && isRedirect(data.statusCode)
  const problem = isTold
    ? undefined
    : (problemOf(data.statusCode, headers, url) ?? sizeProblem(headers, request, url))
  if (problem !== undefined) {
    close()
    throw new OutboundError(problem)
  }
  const waitMs = retryAfterMs(headers['retry-after'], now)
  const limits = { limitBytes: request.limitBytes ?? Infinity, url, call, release }
  return {
    status: data.statusCode,
    headers,
    host: url.host,
    ...(waitMs === undefined ? {} : { retryAfterMs: waitMs }),
    body: limited(data.body, limits),
    each: (hear) => readEach(data.body, limits, hear),
    close,
  }
}

function plainHeaders(headers: Dispatcher.ResponseData['headers']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers)
      .filter(([name, value]) => name !== 'set-cookie' && value !== undefined)
      .map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : String(value)]),
  )
}

function isRedirect(status: number): boolean {
  return [301, 302, 303, 307, 308].includes(status)
}

function problemOf(
  status: number,
  headers: Readonly<Record<string, string>>,
  url: URL,
): OutboundFailure | undefined {
  const host = url.host
  if (isRedirect(status)) {
    const location = URL.parse(headers['location'] ?? '', url.href)
    const target = location === null ? '' : `${location.origin}${location.pathname}`.slice(0, 300)
    const detail = `it redirects to ${location?.host ?? 'an address that cannot be read'}`
    return { kind: 'redirect', sent: true, host, status, target, detail }
  }
  const encoding = headers['content-encoding'] ?? 'identity'
  if (encoding.toLowerCase() === 'identity') return undefined
  const detail = 'the answer is compressed although we asked for plain text'
  return { kind: 'unreadable', sent: true, host, status, detail }
}

function sizeProblem(
  headers: Readonly<Record<string, string>>,
  { limitBytes = Infinity }: OpenRequest,
  url: URL,
): OutboundFailure | undefined {
  return Number(headers['content-length'] ?? 0) > limitBytes ? tooLarge(url, limitBytes) : undefined
}

function tooLarge({ host }: URL, limitBytes: number): OutboundFailure {
  const detail = `the answer is larger than ${limitBytes} bytes`
  return { kind: 'too-large', sent: true, host, detail }
}

type Limits = {
  readonly limitBytes: number
  readonly url: URL
  readonly call: Call
  readonly release: () => void
}

async function* limited(
  body: AsyncIterable<Uint8Array>,
  { limitBytes, url, call, release }: Limits,
): AsyncGenerator<Uint8Array> {
  let received = 0
  try {
    for await (const chunk of body) {
      received += chunk.length
      if (received > limitBytes) throw new OutboundError(tooLarge(url, limitBytes))
      yield chunk
    }
  } catch (error) {
    throw explain(error, url.host, call)
  } finally {
    release()
  }
}

function readEach(
  body: Readable,
  { limitBytes, url, call, release }: Limits,
  hear: (bytes: Uint8Array) => boolean,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  let received = 0
  const leave = () => {
    body.off('data', take)
    body.destroy()
  }
  const fail = (error: unknown) => {
    reject(error)
    leave()
  }
  // The socket is older than this request and would bring the context of another one.
  const take = AsyncLocalStorage.bind((bytes: Uint8Array) => {
    received += bytes.length
    if (received > limitBytes) {
      fail(new OutboundError(tooLarge(url, limitBytes)))
      return
    }
    try {
      if (hear(bytes)) return
      resolve()
      leave()
    } catch (error) {
      fail(error)
    }
  })
  if (body.closed) reject(explain(body.errored, url.host, call))
  body.on('data', take)
  body.once('end', resolve)
  body.on('error', (error) => reject(explain(error, url.host, call)))
  body.once('close', () => reject(explain(new Error('closed'), url.host, call)))
  return promise.finally(release)
}

/** The failure of a call, told apart from the caller's stop and from the end of its time. */
export function explain(
  thrown: unknown,
  host: string,
  { signal, caller, progress }: Call,
): OutboundError {
  if (thrown instanceof OutboundError) return thrown
  const { sent } = progress
  if (caller?.aborted === true)
    return new OutboundError({ kind: 'aborted', sent, host, detail: 'the caller stopped' })
  if (signal.aborted)
    return new OutboundError({ kind: 'timeout', sent, host, detail: 'no answer in time' })
  return toOutboundError(thrown, { host, sent })
}

/** Follows a promise that does not know the signal; what comes after the abort is dropped. */
export async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: abort, reject } = Promise.withResolvers<never>()
  const onAbort = () => reject(signal.reason)
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([promise, abort])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

/** `host` or `host:port` of a URL; empty when it is none. */
export function hostOf(url: string): string {
  return URL.parse(url)?.host ?? ''
}
