/**
 * What can go wrong on the way out. `refused`: nobody answers there, or the breaker is open (then
 * with `retryAfterMs`). `reset`: the connection broke. `aborted`: the caller gave up. `http`: a
 * status of 400 or more, from a caller that asked for an exception. The others say it themselves.
 */
export type OutboundFailureKind =
  | 'refused'
  | 'dns'
  | 'tls'
  | 'timeout'
  | 'reset'
  | 'redirect'
  | 'too-large'
  | 'not-allowed'
  | 'login-page'
  | 'unreadable'
  | 'http'
  | 'aborted'

export type OutboundFailure = {
  readonly kind: OutboundFailureKind
  /** May the request have reached them? False only when not one byte of it was written. */
  readonly sent: boolean
  /** `host` or `host:port` of the address that was called; empty when it was no URL. */
  readonly host: string
  readonly status?: number
  /** How long they, or our breaker, ask to wait. */
  readonly retryAfterMs?: number
  /** Where a redirect points: origin and path, without query. */
  readonly target?: string
  /** The code of the layer below, such as `ECONNREFUSED` or `CERT_HAS_EXPIRED`; may be empty. */
  readonly code?: string
  /** Of `tls`: who signed the certificate that was not trusted, where it was shown. */
  readonly issuer?: string
  /** One English clause for administrators and the log. Holds no body, header, query or secret. */
  readonly detail: string
}

export class OutboundError extends Error {
  override readonly name = 'OutboundError'
  readonly failure: OutboundFailure

  constructor(failure: OutboundFailure, cause?: unknown) {
    super(`${failure.kind}: ${failure.detail}`, cause === undefined ? {} : { cause })
    this.failure = failure
  }

  get kind(): OutboundFailureKind {
    return this.failure.kind
  }

  get sent(): boolean {
    return this.failure.sent
  }
}

type Circumstances = { readonly host: string; readonly sent: boolean }

const kindOfCode: Readonly<Record<string, OutboundFailureKind>> = {
  ECONNREFUSED: 'refused',
  EHOSTUNREACH: 'refused',
  ENETUNREACH: 'refused',
  EADDRNOTAVAIL: 'refused',
  EACCES: 'refused',
  EPERM: 'refused',
  ETIMEDOUT: 'timeout',
  ECONNRESET: 'reset',
  EPIPE: 'reset',
  ECONNABORTED: 'reset',
  UND_ERR_SOCKET: 'reset',
  UND_ERR_CLOSED: 'reset',
  UND_ERR_DESTROYED: 'reset',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'reset',
  UND_ERR_CONNECT_TIMEOUT: 'timeout',
  UND_ERR_HEADERS_TIMEOUT: 'timeout',
  UND_ERR_BODY_TIMEOUT: 'timeout',
}

/** Turns what the HTTP library throws into a failure of ours. Its own message is dropped. */
export function toOutboundError(thrown: unknown, { host, sent }: Circumstances): OutboundError {
  if (thrown instanceof OutboundError) return thrown
  const code = codeOf(thrown)
  const kind = kindOfCode[code] ?? (code.startsWith('HPE_') ? 'unreadable' : undefined)
  if (kind === undefined) {
    const detail = `the request failed${code === '' ? '' : ` (${code})`}`
    return new OutboundError({ kind: 'unreadable', sent, host, detail, code }, thrown)
  }
  return new OutboundError({ kind, sent, host, detail: details[kind] ?? kind, code })
}

const details: Partial<Record<OutboundFailureKind, string>> = {
  refused: 'nothing accepts connections at this address',
  timeout: 'no answer in time',
  reset: 'the connection broke',
  unreadable: 'the answer is not HTTP',
}

/** The code of a system or library error; empty when it has none. */
export function codeOf(thrown: unknown): string {
  if (thrown instanceof AggregateError && typeof Reflect.get(thrown, 'code') !== 'string')
    return codeOf(thrown.errors[0])
  const code = thrown instanceof Error ? Reflect.get(thrown, 'code') : undefined
  return typeof code === 'string' ? code : ''
}
