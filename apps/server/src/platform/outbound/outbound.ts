import { setTimeout as wait } from 'node:timers/promises'
import type { Log } from '../log/log.ts'
import {
  type AddressGuard,
  createAddressGuard,
  type HostPolicy,
  type Lookup,
} from './address-guard.ts'
import { createBreakers } from './breakers.ts'
import {
  type AnswerHead,
  type Call,
  createExchanges,
  explain,
  hostOf,
  type OpenedAnswer,
  type OpenRequest,
  type OutboundRequest,
  unlessAborted,
} from './exchange.ts'
import { OutboundError } from './outbound-error.ts'
import { type ConnectTimeouts, type TlsChoice, tryConnection } from './pinned-connection.ts'
import { createRetryBudget, isPassingStatus, mayRepeat, retryWaitMs } from './retries.ts'

export type SendRequest = OutboundRequest & {
  /** For everything together: name, connection, all attempts and the waits between them. */
  readonly deadlineMs: number
  /** Default 5 MB. */
  readonly limitBytes?: number
  /** True when repeating changes nothing. Default: GET and HEAD. */
  readonly idempotent?: boolean
  /** Default 2. */
  readonly retriesMax?: number
  /** False where the caller keeps limits of its own: a 429 is given back at once. Default true. */
  readonly repeatWhenLimited?: boolean
}

/** `body` is the text, read as UTF-8. */
export type OutboundAnswer = AnswerHead & { readonly body: string }

/** The one way out of the product (`external-apis.md` 1). */
export type Outbound = {
  /**
   * Sends a request and reads the whole answer, whatever its status. Repeats what may be repeated.
   *
   * @throws OutboundError
   */
  send(request: SendRequest): Promise<OutboundAnswer>
  /**
   * Sends a request once and gives back its body as it comes. Without a deadline: the caller keeps
   * the clocks and aborts; only connecting has its own.
   *
   * @throws OutboundError
   */
  open(request: OpenRequest): Promise<OpenedAnswer>
  /**
   * Resolves the name, connects and negotiates TLS, each with its time, and hangs up before a byte of
   * a request is sent.
   *
   * @returns always; the failure is in it
   */
  probe(address: ProbeAddress): Promise<Probe>
  /**
   * Judges an address that somebody else will fetch at our word, by the rules of our own calls.
   *
   * @throws OutboundError `not-allowed` or `dns`, always with `sent: false`
   */
  requireAllowed(url: string): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

export type ProbeAddress = TlsChoice & { readonly url: string; readonly signal?: AbortSignal }

export type Probe = {
  /** Name resolution and connection. */
  readonly addressMs: number
  /** Absent over plain http, and where it did not come to that. */
  readonly tlsMs?: number
  readonly error?: OutboundError
}

export type OutboundClock = {
  /** Milliseconds since 1970, UTC. */
  now(): number
  wait(ms: number, signal: AbortSignal): Promise<void>
}

const systemClock: OutboundClock = {
  now: () => Date.now(),
  wait: (ms, signal) => wait(ms, undefined, { signal }),
}

/** One attempt as it ended, for whoever watches how systems stand. */
export type OutboundCall = {
  readonly system: string
  readonly method: string
  readonly host: string
  readonly url: string
  /** Until the answer was there; of one that is read as it comes, until it began. */
  readonly durationMs: number
  /** What all attempts together were given. */
  readonly deadlineMs?: number
  readonly outcome: AnswerHead | OutboundError
}

type Dependencies = {
  readonly allowed: HostPolicy
  readonly log?: Log
  readonly clock?: OutboundClock
  readonly timeouts?: ConnectTimeouts
  readonly lookup?: Lookup
  /** Hears of every attempt at a system, except of those by which a person tries a connection. */
  readonly observe?: (call: OutboundCall) => void
}

const defaultLimitBytes = 5_000_000
const defaultRetriesMax = 2
/** A resolver that never answers has no clock of its own. */
const probeDeadlineMs = 8_000

export function createOutbound({
  allowed,
  log,
  clock = systemClock,
  timeouts = { connectMs: 2_000, tlsMs: 3_000 },
  lookup,
  observe = () => {},
}: Dependencies): Outbound {
  const guard = createAddressGuard(allowed, lookup)
  const exchanges = createExchanges({
    guard,
    timeouts,
    now: () => clock.now(),
  })
  const breakers = createBreakers()
  const budget = createRetryBudget()

  /** While one call probes a half-open breaker the others wait in it, so their clock is outside. */
  async function protect<A extends AnswerHead>(
    request: OutboundRequest,
    call: Call,
    attempt: () => Promise<A>,
  ): Promise<A | OutboundError> {
    const { system, url, method = 'GET', credentialKey = '', isProbe = false } = request
    const host = hostOf(url)
    const key = `${system} ${URL.parse(url)?.origin} ${credentialKey}`
    if (system === undefined || isProbe)
      return attempt().catch((thrown: unknown) => explain(thrown, host, call))
    const began = clock.now()
    const outcome = await unlessAborted(breakers.run({ key, host }, attempt), call.signal).catch(
      (thrown: unknown) => explain(thrown, host, call),
    )
    const { deadlineMs } = call
    const given = deadlineMs === undefined ? {} : { deadlineMs }
    observe({ system, method, host, url, durationMs: clock.now() - began, ...given, outcome })
    return outcome
  }

  async function sendOnce(request: SendRequest, call: Call) {
    const { limitBytes = defaultLimitBytes } = request
    return protect(request, call, async () =>
      readWhole(await exchanges.exchange({ ...request, limitBytes }, call)),
    )
  }

  return {
    async open(request) {
      const began = clock.now()
      const call = startCall(request, false)
      const outcome = await protect(request, call, () => exchanges.exchange(request, call))
      writeLine(log, { request, outcome, durationMs: clock.now() - began, attempts: 1 })
      if (outcome instanceof OutboundError) throw outcome
      return outcome
    },

    async send(request) {
      const began = clock.now()
      const idempotent = request.idempotent ?? isSafe(request.method)
      const dependency = `${request.system} ${hostOf(request.url)}`
      const call = startCall(request, !idempotent)
      budget.earn(dependency)
      for (let retry = 0; ; retry += 1) {
        const outcome = await sendOnce(request, call)
        const durationMs = clock.now() - began
        const waitMs = waitFor(outcome, { request, idempotent, retry })
        if (waitMs >= request.deadlineMs - durationMs || !budget.spend(dependency)) {
          writeLine(log, { request, outcome, durationMs, attempts: retry + 1 })
          if (outcome instanceof OutboundError) throw alsoSent(outcome, call)
          return outcome
        }
        await clock.wait(waitMs, call.signal).catch(() => {})
      }
    },

    probe: (address) => probe(address, { guard, timeouts }),
    requireAllowed: async (url) => void (await guard.check(url)),

    [Symbol.asyncDispose]: () => exchanges.destroy(),
  }
}

async function probe(
  { url, signal: caller, ...choice }: ProbeAddress,
  { guard, timeouts }: { readonly guard: AddressGuard; readonly timeouts: ConnectTimeouts },
): Promise<Probe> {
  const call = startCall(
    { url, deadlineMs: probeDeadlineMs, ...(caller && { signal: caller }) },
    false,
  )
  const began = performance.now()
  let resolvedMs = 0
  try {
    const target = await unlessAborted(guard.check(url), call.signal)
    resolvedMs = performance.now() - began
    const { connectMs, tlsMs } = await unlessAborted(
      tryConnection({ target, timeouts, ...choice }),
      call.signal,
    )
    return { addressMs: resolvedMs + connectMs, ...(tlsMs === undefined ? {} : { tlsMs }) }
  } catch (thrown) {
    const elapsedMs = performance.now() - began
    const error = explain(thrown, hostOf(url), call)
    return error.kind === 'tls'
      ? { addressMs: resolvedMs, tlsMs: elapsedMs - resolvedMs, error }
      : { addressMs: elapsedMs, error }
  }
}

function startCall(
  request: OutboundRequest & { readonly deadlineMs?: number },
  isWrite: boolean,
): Call {
  const { deadlineMs, signal: caller } = request
  const deadline = deadlineMs === undefined ? [] : [AbortSignal.timeout(deadlineMs)]
  return {
    ...(deadlineMs === undefined ? {} : { deadlineMs }),
    signal: AbortSignal.any([...deadline, ...(caller ? [caller] : [])]),
    ...(caller && { caller }),
    progress: { sent: false },
    isWrite,
  }
}

async function readWhole(answer: OpenedAnswer): Promise<OutboundAnswer> {
  const { status, headers, host, retryAfterMs, body } = answer
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  return {
    status,
    headers,
    host,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    body: Buffer.concat(chunks).toString('utf8'),
  }
}

/** What an earlier attempt may have delivered counts, however the last one failed. */
function alsoSent(error: OutboundError, { progress }: Call): OutboundError {
  if (error.sent || !progress.sent) return error
  return new OutboundError({ ...error.failure, sent: true }, error.cause)
}

type Repeat = {
  readonly request: SendRequest
  readonly idempotent: boolean
  readonly retry: number
}

/** Milliseconds to the next attempt; for ever when there must be none. */
function waitFor(
  outcome: OutboundAnswer | OutboundError,
  { request, idempotent, retry }: Repeat,
): number {
  if (retry >= (request.retriesMax ?? defaultRetriesMax)) return Infinity
  const jitterMs = retryWaitMs(retry, Math.random())
  if (outcome instanceof OutboundError) return mayRepeat(outcome, idempotent) ? jitterMs : Infinity
  const isKept = outcome.status === 429 && request.repeatWhenLimited === false
  const isPassing = idempotent && isPassingStatus(outcome.status) && !isKept
  return isPassing ? (outcome.retryAfterMs ?? 0) + jitterMs : Infinity
}

function isSafe(method = 'GET'): boolean {
  return method === 'GET' || method === 'HEAD'
}

type Line = {
  readonly request: OutboundRequest
  readonly outcome: AnswerHead | OutboundError
  readonly durationMs: number
  readonly attempts: number
}

/** Neither path nor query: issue keys, JQL and file names are people's data. */
function writeLine(log: Log | undefined, { request, outcome, durationMs, attempts }: Line): void {
  const { system, method = 'GET', url } = request
  const fields = {
    system,
    host: hostOf(url),
    method,
    duration_ms: Math.round(durationMs),
    attempts,
  }
  if (!(outcome instanceof OutboundError)) {
    log?.debug({ ...fields, outcome: 'answered', status: outcome.status }, 'outbound request')
    return
  }
  const { kind, sent, code, detail } = outcome.failure
  log?.warn({ ...fields, outcome: kind, sent, code, detail }, 'outbound request failed')
}
