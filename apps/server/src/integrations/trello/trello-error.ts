import type { ErrorCode, Facts } from '@studioops/contracts/errors'
import { AppError } from '../../platform/errors/app-error.ts'
import { OutboundError } from '../../platform/outbound/outbound-error.ts'
import type { OutboundAnswer } from '../../platform/outbound/outbound.ts'
import { isPage } from '../../platform/outbound/read-answer.ts'
import { wayFailure } from '../reach/way-failure.ts'

export const trelloFailureKinds = [
  'bad-key',
  'bad-token',
  'login-page',
  'forbidden',
  'not-found',
  'rejected',
  'rate-limited',
  'unreachable',
  'dns',
  'tls',
  'timeout',
  'not-allowed',
  'redirect',
  'unexpected-answer',
  'server-error',
  'aborted',
] as const

export type TrelloFailureKind = (typeof trelloFailureKinds)[number]

export type TrelloFailure = {
  readonly kind: TrelloFailureKind
  /**
   * May the request have reached Trello? A write that may have and failed is provably not done only
   * when the kind is one of `provablyNotDone`: Trello then said no itself.
   */
  readonly sent: boolean
  /** `host` or `host:port` that was called. */
  readonly host: string
  readonly status?: number
  readonly retryAfterMs?: number
  /** Trello's own words, at most 500 characters. */
  readonly messages: readonly string[]
  /** Where a redirect points. */
  readonly target?: string
  /** The code of the layer below, such as `CERT_HAS_EXPIRED`. */
  readonly code?: string
  /** One English clause for administrators and the log, without anything personal. */
  readonly detail: string
}

/** Kinds of refusals that Trello itself gives before anything happens. */
export const provablyNotDone: ReadonlySet<TrelloFailureKind> = new Set([
  'bad-key',
  'bad-token',
  'forbidden',
  'not-found',
  'rejected',
  'rate-limited',
])

export class TrelloError extends Error {
  override readonly name = 'TrelloError'
  readonly failure: TrelloFailure

  constructor(failure: TrelloFailure, cause?: unknown) {
    super(`${failure.kind}: ${failure.detail}`, cause === undefined ? {} : { cause })
    this.failure = failure
  }

  get kind(): TrelloFailureKind {
    return this.failure.kind
  }

  get sent(): boolean {
    return this.failure.sent
  }

  get retryAfterMs(): number | undefined {
    return this.failure.retryAfterMs
  }

  /** What fills the texts of the catalogue. `seconds` is there whenever waiting is the advice. */
  get facts(): Facts {
    const { kind, host, target = '', retryAfterMs, detail } = this.failure
    const waitMs = retryAfterMs ?? (kind === 'rate-limited' ? waitWhenNoneIsNamedMs : undefined)
    return {
      host,
      system: 'Trello',
      ...(kind === 'redirect' && { target }),
      ...(kind === 'rejected' && { reason: this.reason }),
      ...(kind === 'not-allowed' && { reason: detail }),
      ...(waitMs === undefined ? {} : { seconds: Math.ceil(waitMs / 1000) }),
    }
  }

  /** Trello's own words in one line; its status where it gave none. */
  get reason(): string {
    const { messages, status } = this.failure
    return messages.length > 0 ? messages.join(' · ') : `HTTP ${status ?? ''}`.trim()
  }
}

/** The window of Trello's limits; it documents no Retry-After. */
export const waitWhenNoneIsNamedMs = 10_000

const codeOfKind: Readonly<Record<TrelloFailureKind, ErrorCode>> = {
  'bad-key': 'trello.bad-key',
  'bad-token': 'trello.bad-token',
  forbidden: 'trello.forbidden',
  'not-found': 'trello.not-found',
  rejected: 'trello.rejected',
  'rate-limited': 'trello.rate-limited',
  'server-error': 'connection.server-error',
  'login-page': 'connection.login-page',
  unreachable: 'trello.unreachable',
  dns: 'connection.dns',
  tls: 'connection.tls-failed',
  timeout: 'connection.timeout',
  aborted: 'connection.timeout',
  'not-allowed': 'connection.not-allowed',
  redirect: 'connection.redirect',
  'unexpected-answer': 'connection.unexpected-answer',
}

export function trelloErrorCode({ kind }: Pick<TrelloFailure, 'kind'>): ErrorCode {
  return codeOfKind[kind]
}

/** The refusal that people see. */
export function toTrelloRefusal(error: TrelloError): AppError {
  const { facts, retryAfterMs } = error
  const wait =
    retryAfterMs === undefined ? {} : { retryAfterSeconds: Math.ceil(retryAfterMs / 1000) }
  return new AppError(trelloErrorCode(error), { facts, ...wait, cause: error })
}

/** A failure that only says what it is and where. */
export function trelloError(
  failure: Pick<TrelloFailure, 'kind' | 'host' | 'detail'> & Partial<TrelloFailure>,
): TrelloError {
  return new TrelloError({ sent: false, messages: [], ...failure })
}

/** What the way out says, in the words of this integration. Anything else passes through. */
export function toTrelloError(thrown: unknown): unknown {
  if (!(thrown instanceof OutboundError)) return thrown
  return new TrelloError(wayFailure(thrown), thrown)
}

/**
 * Why an answer is not the one that was hoped for; undefined for one that may be read. Trello's
 * refusals are plain text, those of its limits JSON (`external-apis.md` 4).
 */
export function refusalOf(answer: OutboundAnswer): TrelloError | undefined {
  const verdict = pageVerdict(answer) ?? statusVerdict(answer)
  if (verdict === undefined) return undefined
  const { status, host, retryAfterMs } = answer
  return new TrelloError({
    ...verdict,
    sent: true,
    host,
    status,
    messages: isPage(answer) ? [] : wordsOf(answer.body),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  })
}

type Verdict = Pick<TrelloFailure, 'kind' | 'detail'>

function pageVerdict(answer: OutboundAnswer): Verdict | undefined {
  const { status } = answer
  if (!isPage(answer) || status >= 500 || status === 404 || status === 429) return undefined
  return { kind: 'login-page', detail: 'a page for people came instead of data' }
}

const verdicts: Readonly<Record<number, Verdict>> = {
  403: { kind: 'forbidden', detail: 'Trello does not allow this' },
  404: { kind: 'not-found', detail: 'Trello does not know this' },
  408: { kind: 'timeout', detail: 'something before Trello gave up waiting' },
  429: { kind: 'rate-limited', detail: 'Trello asks for a pause' },
}

function statusVerdict({ status, body }: OutboundAnswer): Verdict | undefined {
  if (status >= 200 && status < 300) return undefined
  if (status === 401) return unauthorizedVerdict(body)
  const verdict = verdicts[status]
  if (verdict !== undefined) return verdict
  if (status >= 500) return { kind: 'server-error', detail: `Trello failed with status ${status}` }
  return status >= 400
    ? { kind: 'rejected', detail: `Trello refused the request with status ${status}` }
    : { kind: 'unexpected-answer', detail: `Trello answered with status ${status}` }
}

function unauthorizedVerdict(body: string): Verdict {
  if (/invalid key/i.test(body))
    return { kind: 'bad-key', detail: 'Trello does not know the API key' }
  // The same status says that the person may not do this to this board.
  if (/unauthorized/i.test(body)) return { kind: 'forbidden', detail: 'Trello does not allow this' }
  return { kind: 'bad-token', detail: 'Trello does not accept the token' }
}

const wordsMax = 500

/** Plain text as it is, `message` of a JSON answer. */
function wordsOf(body: string): string[] {
  const words = (messageOf(body) ?? body)
    // oxlint-disable-next-line no-control-regex -- control characters are what is taken out
    .replaceAll(/[\u0000-\u001F\u007F]+/g, ' ')
    .trim()
    .slice(0, wordsMax)
  return words === '' ? [] : [words]
}

function messageOf(body: string): string | undefined {
  try {
    const value: unknown = JSON.parse(body)
    const message =
      typeof value === 'object' && value !== null ? Reflect.get(value, 'message') : undefined
    return typeof message === 'string' ? message : undefined
  } catch {
    return undefined
  }
}
