import type { Facts } from '@studioops/contracts/errors'
import type { OutboundError } from '../../platform/outbound/outbound-error.ts'
import type { OutboundAnswer } from '../../platform/outbound/outbound.ts'
import { isPage } from '../../platform/outbound/read-answer.ts'
import { withoutAbsent } from '../../platform/values/without-absent.ts'
import { wayFailure } from '../reach/way-failure.ts'

/** As people call it; stands in sentences. */
export type AtlassianProduct = 'Jira' | 'Confluence'

export const atlassianFailureKinds = [
  'bad-token',
  'login-page',
  'captcha',
  'forbidden',
  'not-found',
  'conflict',
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

export type AtlassianFailureKind = (typeof atlassianFailureKinds)[number]

/** What went wrong with a call; each integration adds the kinds that only it has. */
export type AtlassianFailure<Kind extends string = AtlassianFailureKind> = {
  readonly kind: Kind
  /**
   * May the request have arrived? A write that may have and failed is provably not done only when
   * they said no themselves (`hasRefused`). Otherwise look for its marker before sending it again.
   */
  readonly sent: boolean
  /** `host` or `host:port` that was called. */
  readonly host: string
  readonly status?: number
  readonly retryAfterMs?: number
  /** Their own sentences, in the language of the user there; at most 20 of 500 characters. */
  readonly messages: readonly string[]
  /** Their sentences by field id, such as `summary` or `customfield_10002`. */
  readonly fields: Readonly<Record<string, string>>
  /** Where they point instead: a redirect, or another base URL in an answer. */
  readonly target?: string
  /** The code of the layer below, such as `CERT_HAS_EXPIRED`. */
  readonly code?: string
  /** One English clause for administrators and the log, without anything personal. */
  readonly detail: string
}

/** What a Jira or a Confluence, or the way to it, answered instead of what was asked for. */
export class AtlassianError<Failure extends AtlassianFailure<string>> extends Error {
  readonly failure: Failure

  constructor(failure: Failure, cause?: unknown) {
    super(`${failure.kind}: ${failure.detail}`, cause === undefined ? {} : { cause })
    this.failure = failure
  }

  get kind(): Failure['kind'] {
    return this.failure.kind
  }

  get sent(): boolean {
    return this.failure.sent
  }

  get status(): number | undefined {
    return this.failure.status
  }

  get retryAfterMs(): number | undefined {
    return this.failure.retryAfterMs
  }

  /** What fills the texts of the catalogue. `seconds` is there whenever waiting is the advice. */
  get facts(): Facts {
    const { kind, host, target = '', retryAfterMs } = this.failure
    const waitMs = retryAfterMs ?? (kind === 'rate-limited' ? waitWhenNoneIsNamedMs : undefined)
    return {
      host,
      ...(kind === 'redirect' && { target }),
      ...(kind === 'rejected' && { reason: this.reason }),
      ...(waitMs === undefined ? {} : { seconds: Math.ceil(waitMs / 1000) }),
    }
  }

  /** Their own words in one line; the status where they gave none. */
  get reason(): string {
    const { messages, fields, status } = this.failure
    const words = [...messages, ...Object.entries(fields).map(([id, text]) => `${id}: ${text}`)]
    return words.length > 0 ? words.join(' · ') : `HTTP ${status ?? ''}`.trim()
  }
}

const waitWhenNoneIsNamedMs = 10_000

/** What the way out says, in the words of these integrations. */
export function failureOfOutbound(error: OutboundError): AtlassianFailure {
  return { ...wayFailure(error), fields: {} }
}

/**
 * Why an answer is not the one that was hoped for; undefined for one that may be read. A status is
 * no verdict: 200 may be anonymous or a login page, 401 may be a CAPTCHA (`external-apis.md` 2.2).
 */
export function refusalIn(
  answer: OutboundAnswer,
  product: AtlassianProduct,
): AtlassianFailure | undefined {
  const verdict =
    loginVerdict(answer, product) ?? pageVerdict(answer) ?? statusVerdict(answer, product)
  if (verdict === undefined) return undefined
  const { messages, fields } = isPage(answer) ? noWords : wordsOf(answer)
  const { status, host, retryAfterMs } = answer
  return {
    ...verdict,
    sent: true,
    host,
    status,
    messages,
    fields,
    ...withoutAbsent({ retryAfterMs }),
  }
}

type Verdict = Pick<AtlassianFailure, 'kind' | 'detail'>

function loginVerdict({ headers }: OutboundAnswer, product: AtlassianProduct): Verdict | undefined {
  const denied = headers['x-authentication-denied-reason'] ?? ''
  const reason = headers['x-seraph-loginreason'] ?? ''
  if (/captcha/i.test(denied)) return { kind: 'captcha', detail: `${product} asks for a CAPTCHA` }
  if (/AUTHENTICATED_FAILED/i.test(reason))
    return { kind: 'bad-token', detail: `${product} does not accept the token` }
  if (/AUTHENTICATION_DENIED|AUTHORISATION_FAILED/i.test(reason))
    return { kind: 'forbidden', detail: `${product} denies this account the login` }
  return undefined
}

function pageVerdict(answer: OutboundAnswer): Verdict | undefined {
  const { status } = answer
  if (!isPage(answer) || status >= 500 || status === 404 || status === 429) return undefined
  if (isTheirOwn(answer) && (status === 401 || status === 403)) return undefined
  return { kind: 'login-page', detail: 'a page for people came instead of data' }
}

/** They name the request or their authentication on every page; a wall in front does not. */
function isTheirOwn({ headers }: OutboundAnswer): boolean {
  return (
    headers['x-arequestid'] !== undefined ||
    headers['x-confluence-request-time'] !== undefined ||
    /^(oauth|jira)|realm="(confluence|atlassian)/i.test(headers['www-authenticate'] ?? '')
  )
}

const verdicts: Readonly<Record<number, { kind: AtlassianFailureKind; does: string }>> = {
  401: { kind: 'bad-token', does: 'does not accept the token' },
  403: { kind: 'forbidden', does: 'does not allow this' },
  404: { kind: 'not-found', does: 'does not know this' },
  408: { kind: 'timeout', does: 'was waited for too long by something before it' },
  429: { kind: 'rate-limited', does: 'asks for a pause' },
}

function statusVerdict({ status }: OutboundAnswer, product: AtlassianProduct): Verdict | undefined {
  if (status >= 200 && status < 300) return undefined
  const verdict = verdicts[status] ?? (product === 'Confluence' ? conflictOf(status) : undefined)
  if (verdict !== undefined) return { kind: verdict.kind, detail: `${product} ${verdict.does}` }
  if (status >= 500)
    return { kind: 'server-error', detail: `${product} failed with status ${status}` }
  return status >= 400
    ? { kind: 'rejected', detail: `${product} refused the request with status ${status}` }
    : { kind: 'unexpected-answer', detail: `${product} answered with status ${status}` }
}

function conflictOf(status: number) {
  return status === 409
    ? { kind: 'conflict' as const, does: 'has another version of this' }
    : undefined
}

const refusing: ReadonlySet<string> = new Set([
  'rejected',
  'bad-token',
  'captcha',
  'forbidden',
  'not-found',
  'conflict',
])

/** They said no themselves: a write that ended so is provably not done, and a person must act. */
export function hasRefused({ kind }: { readonly kind: string }): boolean {
  return refusing.has(kind)
}

type Words = Pick<AtlassianFailure, 'messages' | 'fields'>

const noWords: Words = { messages: [], fields: {} }
const messagesMax = 20
const messageLengthMax = 500

/**
 * Jira's `{errorMessages, errors}`, Confluence's `{message, data: {errors}}` and its v2's
 * `{errors: [{title, detail}]}`; anything else says nothing that could be shown.
 */
function wordsOf({ headers, body }: Pick<OutboundAnswer, 'headers' | 'body'>): Words {
  if (/^\s*text\/plain/i.test(headers['content-type'] ?? '')) return plainWords(body)
  const parsed = parseObject(body)
  const { errors } = parsed
  const listed = Array.isArray(errors) ? errors.map(titleAndDetail) : []
  const messages = [
    ...listOf(parsed['errorMessages']),
    ...(typeof parsed['message'] === 'string' ? [parsed['message']] : []),
    ...listed,
    ...listOf(objectOf(parsed['data'])['errors']).map(translationOf),
  ].filter((text) => text !== '')
  const fields = Array.isArray(errors) ? [] : Object.entries(objectOf(errors))
  return {
    messages: [...new Set(messages.map(shortText))].slice(0, messagesMax),
    fields: Object.fromEntries(
      fields.slice(0, messagesMax).map(([field, text]) => [field.slice(0, 100), shortText(text)]),
    ),
  }
}

/** Proxies and old plugins answer one line; a longer text is no message but a dump. */
function plainWords(body: string): Words {
  const text = body.trim()
  const isMessage = text !== '' && text.length <= messageLengthMax && !text.includes('\n')
  return isMessage ? { messages: [shortText(text)], fields: {} } : noWords
}

function titleAndDetail(error: unknown): string {
  const { title, detail } = objectOf(error)
  return [title, detail].filter((text) => typeof text === 'string' && text !== '').join(': ')
}

function translationOf(error: unknown): string {
  const message = objectOf(objectOf(error)['message'])
  const text = message['translation'] ?? message['key']
  return typeof text === 'string' ? text : ''
}

function parseObject(body: string): Record<string, unknown> {
  try {
    return objectOf(JSON.parse(body))
  } catch {
    return {}
  }
}

function objectOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}

function shortText(text: unknown): string {
  const plain = typeof text === 'string' ? text : JSON.stringify(text)
  // oxlint-disable-next-line no-control-regex -- control characters are what is taken out
  return plain.replaceAll(/[\u0000-\u001F\u007F]/g, ' ').slice(0, messageLengthMax)
}
