import type { ErrorCode, Facts } from '@studioops/contracts/errors'
import { AppError } from '../../platform/errors/app-error.ts'
import { OutboundError, type OutboundFailureKind } from '../../platform/outbound/outbound-error.ts'
import type { OutboundAnswer } from '../../platform/outbound/outbound.ts'
import { isPage } from '../../platform/outbound/read-answer.ts'

export const jiraFailureKinds = [
  'bad-token',
  'login-page',
  'captcha',
  'forbidden',
  'inactive',
  'deleted',
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

export type JiraFailureKind = (typeof jiraFailureKinds)[number]

export type JiraFailure = {
  readonly kind: JiraFailureKind
  /**
   * May the request have reached Jira? A write that may have and failed is provably not done only
   * when the kind is `rejected`, `bad-token`, `captcha`, `forbidden`, `not-found` or `rate-limited`:
   * Jira then said no itself. Otherwise look for its marker before sending it again.
   */
  readonly sent: boolean
  /** `host` or `host:port` that was called. */
  readonly host: string
  readonly status?: number
  readonly retryAfterMs?: number
  /** Jira's own sentences, in the language of the Jira user; at most 20 of 500 characters. */
  readonly messages: readonly string[]
  /** Jira's sentences by field id, such as `summary` or `customfield_10002`. */
  readonly fields: Readonly<Record<string, string>>
  /** Where Jira points instead: a redirect, or another base URL in its own answer. */
  readonly target?: string
  /** Of `inactive` and `deleted`: whose account it is. */
  readonly displayName?: string
  /** The code of the layer below, such as `CERT_HAS_EXPIRED`. */
  readonly code?: string
  /** One English clause for administrators and the log, without anything personal. */
  readonly detail: string
}

export class JiraError extends Error {
  override readonly name = 'JiraError'
  readonly failure: JiraFailure

  constructor(failure: JiraFailure, cause?: unknown) {
    super(`${failure.kind}: ${failure.detail}`, cause === undefined ? {} : { cause })
    this.failure = failure
  }

  get kind(): JiraFailureKind {
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
    const { kind, host, target = '', displayName = '', retryAfterMs } = this.failure
    const waitMs = retryAfterMs ?? (kind === 'rate-limited' ? waitWhenNoneIsNamedMs : undefined)
    return {
      host,
      ...(kind === 'redirect' && { target }),
      ...(displayName !== '' && { name: displayName }),
      ...(kind === 'rejected' && { reason: this.reason }),
      ...(waitMs === undefined ? {} : { seconds: Math.ceil(waitMs / 1000) }),
    }
  }

  /** Jira's own words in one line; its status where it gave none. */
  get reason(): string {
    const { messages, fields, status } = this.failure
    const words = [...messages, ...Object.entries(fields).map(([id, text]) => `${id}: ${text}`)]
    return words.length > 0 ? words.join(' · ') : `HTTP ${status ?? ''}`.trim()
  }
}

const waitWhenNoneIsNamedMs = 10_000

const codeOfKind: Readonly<Record<JiraFailureKind, ErrorCode>> = {
  'bad-token': 'jira.bad-token',
  'login-page': 'jira.login-page',
  captcha: 'jira.captcha',
  forbidden: 'jira.forbidden',
  inactive: 'jira.inactive',
  deleted: 'jira.deleted',
  'not-found': 'jira.not-found',
  rejected: 'jira.rejected',
  'rate-limited': 'jira.rate-limited',
  unreachable: 'jira.unreachable',
  dns: 'jira.dns',
  tls: 'jira.tls',
  timeout: 'jira.timeout',
  'not-allowed': 'jira.not-allowed',
  redirect: 'jira.redirect',
  'unexpected-answer': 'jira.unexpected-answer',
  'server-error': 'jira.server-error',
  aborted: 'jira.timeout',
}

export function jiraErrorCode({ kind }: Pick<JiraFailure, 'kind'>): ErrorCode {
  return codeOfKind[kind]
}

/** The refusal that people see. */
export function toJiraRefusal(error: JiraError): AppError {
  const { facts, retryAfterMs } = error
  const wait =
    retryAfterMs === undefined ? {} : { retryAfterSeconds: Math.ceil(retryAfterMs / 1000) }
  return new AppError(jiraErrorCode(error), { facts, ...wait, cause: error })
}

/** A failure that only says what it is and where. */
export function jiraError(
  failure: Pick<JiraFailure, 'kind' | 'host' | 'detail'> & Partial<JiraFailure>,
): JiraError {
  return new JiraError({ sent: false, messages: [], fields: {}, ...failure })
}

const kindOfOutbound: Readonly<Record<OutboundFailureKind, JiraFailureKind>> = {
  refused: 'unreachable',
  reset: 'unreachable',
  dns: 'dns',
  tls: 'tls',
  timeout: 'timeout',
  redirect: 'redirect',
  'too-large': 'unexpected-answer',
  unreadable: 'unexpected-answer',
  http: 'unexpected-answer',
  'not-allowed': 'not-allowed',
  'login-page': 'login-page',
  aborted: 'aborted',
}

/** What the way out says, in the words of this integration. Anything else passes through. */
export function toJiraError(thrown: unknown): unknown {
  if (!(thrown instanceof OutboundError)) return thrown
  const { kind, sent, host, status, retryAfterMs, target, code, detail } = thrown.failure
  return new JiraError(
    {
      kind: kindOfOutbound[kind],
      sent,
      host,
      messages: [],
      fields: {},
      detail,
      ...(status === undefined ? {} : { status }),
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      ...(target === undefined ? {} : { target }),
      ...(code === undefined ? {} : { code }),
    },
    thrown,
  )
}

/**
 * Why an answer is not the one that was hoped for; undefined for one that may be read. A status is
 * no verdict: 200 may be anonymous or a login page, 401 may be a CAPTCHA (`external-apis.md` 2.2).
 */
export function refusalOf(answer: OutboundAnswer): JiraError | undefined {
  const verdict = loginVerdict(answer) ?? pageVerdict(answer) ?? statusVerdict(answer)
  if (verdict === undefined) return undefined
  const { messages, fields } = isPage(answer) ? noWords : wordsOf(answer.body)
  const { status, host, retryAfterMs } = answer
  return new JiraError({
    ...verdict,
    sent: true,
    host,
    status,
    messages,
    fields,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  })
}

type Verdict = Pick<JiraFailure, 'kind' | 'detail'>

function loginVerdict({ headers }: OutboundAnswer): Verdict | undefined {
  const denied = headers['x-authentication-denied-reason'] ?? ''
  const reason = headers['x-seraph-loginreason'] ?? ''
  if (/captcha/i.test(denied)) return { kind: 'captcha', detail: 'Jira asks for a CAPTCHA' }
  if (/AUTHENTICATED_FAILED/i.test(reason))
    return { kind: 'bad-token', detail: 'Jira does not accept the token' }
  if (/AUTHENTICATION_DENIED|AUTHORISATION_FAILED/i.test(reason))
    return { kind: 'forbidden', detail: 'Jira denies this account the login' }
  return undefined
}

function pageVerdict(answer: OutboundAnswer): Verdict | undefined {
  const { status } = answer
  if (!isPage(answer) || status >= 500 || status === 404 || status === 429) return undefined
  if (isFromJira(answer) && (status === 401 || status === 403)) return undefined
  return { kind: 'login-page', detail: 'a page for people came instead of data' }
}

/** Jira names its request or its authentication on every page; a wall in front of it does not. */
function isFromJira({ headers }: OutboundAnswer): boolean {
  return (
    headers['x-arequestid'] !== undefined ||
    /^(oauth|jira)/i.test(headers['www-authenticate'] ?? '')
  )
}

const verdicts: Readonly<Record<number, Verdict>> = {
  401: { kind: 'bad-token', detail: 'Jira does not accept the token' },
  403: { kind: 'forbidden', detail: 'Jira does not allow this' },
  404: { kind: 'not-found', detail: 'Jira does not know this' },
  408: { kind: 'timeout', detail: 'something before Jira gave up waiting' },
  429: { kind: 'rate-limited', detail: 'Jira asks for a pause' },
}

function statusVerdict({ status }: OutboundAnswer): Verdict | undefined {
  if (status >= 200 && status < 300) return undefined
  const verdict = verdicts[status]
  if (verdict !== undefined) return verdict
  if (status >= 500) return { kind: 'server-error', detail: `Jira failed with status ${status}` }
  return status >= 400
    ? { kind: 'rejected', detail: `Jira refused the request with status ${status}` }
    : { kind: 'unexpected-answer', detail: `Jira answered with status ${status}` }
}

type Words = Pick<JiraFailure, 'messages' | 'fields'>

const noWords: Words = { messages: [], fields: {} }
const messagesMax = 20
const messageLengthMax = 500

/** `{errorMessages, errors}`; anything else says nothing that could be shown. */
function wordsOf(body: string): Words {
  const parsed = parseObject(body)
  const messages = Array.isArray(parsed['errorMessages']) ? parsed['errorMessages'] : []
  const errors = parsed['errors']
  const fields = typeof errors === 'object' && errors !== null ? Object.entries(errors) : []
  return {
    messages: messages.slice(0, messagesMax).map(shortText),
    fields: Object.fromEntries(
      fields.slice(0, messagesMax).map(([field, text]) => [field.slice(0, 100), shortText(text)]),
    ),
  }
}

function parseObject(body: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(body)
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    return {}
  }
}

function shortText(text: unknown): string {
  const plain = typeof text === 'string' ? text : JSON.stringify(text)
  // oxlint-disable-next-line no-control-regex -- control characters are what is taken out
  return plain.replaceAll(/[\u0000-\u001F\u007F]/g, ' ').slice(0, messageLengthMax)
}
