import type { ErrorCode, Facts } from '@studioops/contracts/errors'
import { AppError } from '../../platform/errors/app-error.ts'
import { OutsideError } from '../../platform/errors/outside-error.ts'
import {
  AtlassianError,
  type AtlassianFailure,
  type AtlassianFailureKind,
  hasRefused,
} from '../atlassian/atlassian-error.ts'

export class ConfluenceError extends AtlassianError<AtlassianFailure> {
  override readonly name = 'ConfluenceError'

  override get facts(): Facts {
    return { ...super.facts, system: 'Confluence' }
  }
}

const codeOfKind: Readonly<Record<AtlassianFailureKind, ErrorCode>> = {
  'bad-token': 'connection.bad-token',
  'login-page': 'connection.login-page',
  captcha: 'connection.captcha',
  forbidden: 'connection.forbidden',
  'not-found': 'confluence.not-found',
  conflict: 'confluence.changed',
  rejected: 'confluence.rejected',
  'rate-limited': 'connection.rate-limited',
  unreachable: 'connection.refused',
  dns: 'connection.dns',
  tls: 'connection.tls-failed',
  timeout: 'connection.timeout',
  'not-allowed': 'connection.not-allowed',
  redirect: 'connection.redirect',
  'unexpected-answer': 'connection.unexpected-answer',
  'server-error': 'connection.server-error',
  aborted: 'connection.timeout',
}

export function confluenceErrorCode({ kind }: Pick<AtlassianFailure, 'kind'>): ErrorCode {
  return codeOfKind[kind]
}

/** The refusal that people see. */
export function toConfluenceRefusal(error: ConfluenceError): AppError {
  const { retryAfterMs } = error
  return new AppError(confluenceErrorCode(error), {
    facts: factsOf(error),
    ...(retryAfterMs === undefined ? {} : { retryAfterSeconds: Math.ceil(retryAfterMs / 1000) }),
    cause: error,
  })
}

/** Texts of `not-allowed` name the reason. */
function factsOf(error: ConfluenceError): Facts {
  return error.kind === 'not-allowed'
    ? { ...error.facts, reason: error.failure.detail }
    : error.facts
}

/** What became of a write that ended in this error (D-12). */
export function toOutsideError(error: ConfluenceError): OutsideError {
  const { retryAfterMs } = error
  return new OutsideError(certaintyOf(error), {
    code: confluenceErrorCode(error),
    facts: factsOf(error),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    cause: error,
  })
}

function certaintyOf(error: ConfluenceError): OutsideError['certainty'] {
  if (hasRefused(error)) return 'refused'
  return !error.sent || error.kind === 'rate-limited' ? 'not-done' : 'ambiguous'
}

/** A failure that only says what it is and where. */
export function confluenceError(
  failure: Pick<AtlassianFailure, 'kind' | 'host' | 'detail'> & Partial<AtlassianFailure>,
): ConfluenceError {
  return new ConfluenceError({ sent: false, messages: [], fields: {}, ...failure })
}

/** A page or space that is closed to a person says nothing of their token. */
export function saysOfCredential({ kind }: Pick<ConfluenceError, 'kind'>): boolean {
  return kind === 'bad-token' || kind === 'captcha' || kind === 'login-page'
}
