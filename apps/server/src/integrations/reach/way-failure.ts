import type { OutboundError, OutboundFailureKind } from '../../platform/outbound/outbound-error.ts'
import { withoutAbsent } from '../../platform/values/without-absent.ts'

type WayFailureKind =
  | 'unreachable'
  | 'dns'
  | 'tls'
  | 'timeout'
  | 'redirect'
  | 'unexpected-answer'
  | 'not-allowed'
  | 'login-page'
  | 'aborted'

const kindOfOutbound: Readonly<Record<OutboundFailureKind, WayFailureKind>> = {
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

/** What went wrong on the way to a system and back, in the words that clients of systems share. */
export function wayFailure({ failure }: OutboundError) {
  const { kind, sent, host, status, retryAfterMs, target, code, detail } = failure
  return {
    kind: kindOfOutbound[kind],
    sent,
    host,
    messages: [],
    detail,
    ...withoutAbsent({ status, retryAfterMs, target, code }),
  }
}
