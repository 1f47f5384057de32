import type { ErrorCode, Facts } from '@studioops/contracts/errors'
import { AppError } from '../../platform/errors/app-error.ts'
import { OutboundError } from '../../platform/outbound/outbound-error.ts'
import {
  AtlassianError,
  type AtlassianFailure,
  atlassianFailureKinds,
  failureOfOutbound,
} from '../atlassian/atlassian-error.ts'

export const jiraFailureKinds = [...atlassianFailureKinds, 'inactive', 'deleted'] as const

export type JiraFailureKind = (typeof jiraFailureKinds)[number]

export type JiraFailure = AtlassianFailure<JiraFailureKind> & {
  /** Of `inactive` and `deleted`: whose account it is. */
  readonly displayName?: string
}

export class JiraError extends AtlassianError<JiraFailure> {
  override readonly name = 'JiraError'

  override get facts(): Facts {
    const { displayName = '' } = this.failure
    return { ...super.facts, ...(displayName !== '' && { name: displayName }) }
  }
}

const codeOfKind: Readonly<Record<JiraFailureKind, ErrorCode>> = {
  'bad-token': 'jira.bad-token',
  'login-page': 'jira.login-page',
  captcha: 'jira.captcha',
  forbidden: 'jira.forbidden',
  inactive: 'jira.inactive',
  deleted: 'jira.deleted',
  'not-found': 'jira.not-found',
  conflict: 'jira.rejected',
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

/** What the way out says, in the words of this integration. Anything else passes through. */
export function toJiraError(thrown: unknown): unknown {
  if (!(thrown instanceof OutboundError)) return thrown
  return new JiraError(failureOfOutbound(thrown), thrown)
}
