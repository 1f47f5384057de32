import type { ErrorCode, Facts } from '@studioops/contracts/errors'
import type { OutboundAnswer } from '../../platform/outbound/outbound.ts'
import type { OutboundError, OutboundFailureKind } from '../../platform/outbound/outbound-error.ts'
import { isPage } from '../../platform/outbound/read-answer.ts'

/** Why a step of a test failed, in words of the catalogue. */
export type ConnectionFailure = { readonly code: ErrorCode; readonly facts: Facts }

/** Thrown inside a step of a test. */
export class ConnectionRefusal extends Error {
  override readonly name = 'ConnectionRefusal'
  readonly failure: ConnectionFailure

  constructor(code: ErrorCode, facts: Facts) {
    super(code)
    this.failure = { code, facts }
  }
}

const codeOfKind: Readonly<Record<Exclude<OutboundFailureKind, 'tls'>, ErrorCode>> = {
  'not-allowed': 'connection.not-allowed',
  dns: 'connection.dns',
  refused: 'connection.refused',
  reset: 'connection.interrupted',
  timeout: 'connection.timeout',
  aborted: 'connection.timeout',
  redirect: 'connection.redirect',
  'login-page': 'connection.login-page',
  'too-large': 'connection.unexpected-answer',
  unreadable: 'connection.unexpected-answer',
  http: 'connection.unexpected-answer',
}

const untrustedIssuer = new Set([
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
])
const outOfTime = new Set(['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID'])

function tlsCode(code: string, issuer: string): ErrorCode {
  if (untrustedIssuer.has(code) && issuer !== '') return 'connection.tls-issuer'
  if (outOfTime.has(code)) return 'connection.tls-expired'
  return code === 'ERR_TLS_CERT_ALTNAME_INVALID' ? 'connection.tls-name' : 'connection.tls-failed'
}

/** What the way out says about a system, in words that are the same for every system. */
export function failureOfOutbound({ failure }: OutboundError, system: string): ConnectionFailure {
  const { kind, host, target = '', issuer = '', code = '', detail } = failure
  const facts = { host, system }
  if (kind === 'tls') return { code: tlsCode(code, issuer), facts: { ...facts, issuer } }
  if (kind === 'redirect') return { code: codeOfKind[kind], facts: { ...facts, target } }
  if (kind === 'not-allowed') return { code: codeOfKind[kind], facts: { ...facts, reason: detail } }
  return { code: codeOfKind[kind], facts }
}

const waitWhenNoneIsNamedSeconds = 10

/**
 * Refuses an answer of an Atlassian server that is none (`external-apis.md` 3): a status is no verdict.
 *
 * @throws ConnectionRefusal
 */
export function requireAnswered(answer: OutboundAnswer, system: string): void {
  const facts = { system, host: answer.host }
  const code = loginCode(answer) ?? pageCode(answer) ?? statusCode(answer)
  if (code === undefined) return
  const seconds = Math.ceil((answer.retryAfterMs ?? waitWhenNoneIsNamedSeconds * 1_000) / 1_000)
  throw new ConnectionRefusal(
    code,
    code === 'connection.rate-limited' ? { ...facts, seconds } : facts,
  )
}

function loginCode({ headers }: OutboundAnswer): ErrorCode | undefined {
  if (/captcha/i.test(headers['x-authentication-denied-reason'] ?? '')) return 'connection.captcha'
  const reason = headers['x-seraph-loginreason'] ?? ''
  if (/AUTHENTICATED_FAILED/i.test(reason)) return 'connection.bad-token'
  if (/AUTHENTICATION_DENIED|AUTHORISATION_FAILED/i.test(reason)) return 'connection.forbidden'
  return undefined
}

function pageCode(answer: OutboundAnswer): ErrorCode | undefined {
  const { status } = answer
  if (!isPage(answer) || status >= 500 || status === 404 || status === 429) return undefined
  return 'connection.login-page'
}

const codes: Readonly<Record<number, ErrorCode>> = {
  401: 'connection.bad-token',
  403: 'connection.forbidden',
  408: 'connection.timeout',
  429: 'connection.rate-limited',
}

/** A refusal that names no way to sign in and is no JSON comes from something else. */
function isForeign({ status, headers }: OutboundAnswer): boolean {
  if (status !== 401 && status !== 403) return false
  const type = headers['content-type'] ?? ''
  return headers['www-authenticate'] === undefined && !/json/i.test(type)
}

function statusCode(answer: OutboundAnswer): ErrorCode | undefined {
  const { status } = answer
  if (status >= 200 && status < 300) return undefined
  if (isForeign(answer)) return 'connection.unexpected-answer'
  if (status >= 500) return 'connection.server-error'
  return codes[status] ?? 'connection.unexpected-answer'
}
