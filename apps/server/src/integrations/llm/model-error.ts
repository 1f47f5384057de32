import type { ErrorCode, Facts } from '@studioops/contracts/errors'
import { AppError } from '../../platform/errors/app-error.ts'
import type { OutboundError, OutboundFailureKind } from '../../platform/outbound/outbound-error.ts'

/**
 * What a failed call of a model means for what happens next (`external-apis.md` 9.3). `rate`: wait.
 * `quota`: only paying helps. `model`: there is no such model. `request`: they refuse what we sent.
 * `content`: they refuse what the person wrote. `context`: it is too long. `unexpected-answer`: this
 * is no model. `aborted`: the caller stopped.
 */
export type ModelErrorKind =
  | 'transport'
  | 'first-token'
  | 'stalled'
  | 'truncated'
  | 'server'
  | 'rate'
  | 'quota'
  | 'auth'
  | 'model'
  | 'request'
  | 'content'
  | 'context'
  | 'not-allowed'
  | 'tls'
  | 'unexpected-answer'
  | 'aborted'

export type ModelFailure = {
  readonly kind: ModelErrorKind
  /** `host` or `host:port` that was called; empty when the address was no URL. */
  readonly host: string
  readonly model: string
  /** Of the HTTP answer, where there was one. */
  readonly status?: number
  /** How long they, or our breaker, ask to wait: 200 to 60 000. */
  readonly retryAfterMs?: number
  /** One English clause for administrators and the log. Holds no text of theirs and no secret. */
  readonly detail: string
}

/** The one way in which a call of a model fails. */
export class ModelError extends Error {
  override readonly name = 'ModelError'
  readonly failure: ModelFailure

  constructor(failure: ModelFailure, cause?: unknown) {
    super(`${failure.kind}: ${failure.detail}`, cause === undefined ? {} : { cause })
    this.failure = failure
  }

  get kind(): ModelErrorKind {
    return this.failure.kind
  }

  get status(): number | undefined {
    return this.failure.status
  }

  get retryAfterMs(): number | undefined {
    return this.failure.retryAfterMs
  }

  get detail(): string {
    return this.failure.detail
  }

  /** What fills the texts of the catalogue. `seconds` is there whenever waiting is the advice. */
  get facts(): Facts {
    const { kind, host, model, retryAfterMs } = this.failure
    const waitMs = retryAfterMs ?? (kind === 'rate' ? waitWhenNoneIsNamedMs : undefined)
    return { host, model, ...(waitMs === undefined ? {} : { seconds: Math.ceil(waitMs / 1000) }) }
  }
}

const waitWhenNoneIsNamedMs = 10_000

const codeOfKind: Readonly<Record<ModelErrorKind, ErrorCode>> = {
  transport: 'model.unreachable',
  'first-token': 'model.timeout',
  stalled: 'model.broke-off',
  truncated: 'model.broke-off',
  server: 'model.server-error',
  rate: 'model.rate-limited',
  quota: 'model.quota',
  auth: 'model.auth',
  model: 'model.unknown-model',
  // What we sent is ours, so only the tracking number helps.
  request: 'internal',
  content: 'model.refused',
  context: 'model.too-long',
  'not-allowed': 'model.not-allowed',
  tls: 'model.tls',
  'unexpected-answer': 'model.unexpected-answer',
  aborted: 'model.broke-off',
}

/** The entry of the catalogue that tells a person about this failure; `error.facts` fill it. */
export function modelErrorCode(error: ModelError): ErrorCode {
  return codeOfKind[error.kind]
}

/** The refusal that a route or a stored problem is made of. */
export function toModelRefusal(error: ModelError): AppError {
  const { facts, retryAfterMs } = error
  const wait =
    retryAfterMs === undefined ? {} : { retryAfterSeconds: Math.ceil(retryAfterMs / 1000) }
  return new AppError(modelErrorCode(error), { facts, ...wait, cause: error })
}

const kindOfFailure: Readonly<Record<OutboundFailureKind, ModelErrorKind>> = {
  refused: 'transport',
  dns: 'transport',
  timeout: 'transport',
  reset: 'transport',
  tls: 'tls',
  'not-allowed': 'not-allowed',
  redirect: 'unexpected-answer',
  'login-page': 'unexpected-answer',
  unreadable: 'unexpected-answer',
  http: 'unexpected-answer',
  'too-large': 'truncated',
  aborted: 'aborted',
}

/** A failure of the way there, before or after the head of the answer. */
export function fromOutbound(error: OutboundError, model: string): ModelError {
  const { kind, host, status, retryAfterMs, detail } = error.failure
  return new ModelError(
    {
      kind: kindOfFailure[kind],
      host,
      model,
      detail,
      ...(status === undefined ? {} : { status }),
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    },
    error,
  )
}
