import { ProtocolError, SdkError, SdkErrorCode, SdkHttpError } from '@modelcontextprotocol/client'
import type { ErrorCode, Facts } from '@studioops/contracts/errors'
import {
  OutboundError,
  type OutboundFailureKind,
} from '../../../platform/outbound/outbound-error.ts'
import { failureOfOutbound } from '../../reach/connection-failure.ts'

/** Why a server of tools gave no good answer, in words of the catalogue. */
export class ToolServerError extends Error {
  override readonly name = 'ToolServerError'
  readonly code: ErrorCode
  readonly facts: Facts
  /** May a call have reached the server? False only when it provably did not. */
  readonly sent: boolean
  readonly retryAfterMs: number | undefined

  constructor(
    code: ErrorCode,
    details: {
      readonly facts?: Facts
      readonly sent?: boolean
      readonly retryAfterMs?: number | undefined
      readonly cause?: unknown
    } = {},
  ) {
    super(code, { cause: details.cause })
    this.code = code
    this.facts = details.facts ?? {}
    this.sent = details.sent ?? false
    this.retryAfterMs = details.retryAfterMs
  }
}

/** What is said of a server of tools in words of its own; the rest as of every system. */
const codeOfOutbound: Readonly<Partial<Record<OutboundFailureKind, ErrorCode>>> = {
  refused: 'tools.server-away',
  reset: 'tools.server-away',
  timeout: 'tools.server-slow',
  aborted: 'tools.server-slow',
  unreadable: 'tools.server-unreadable',
  'too-large': 'tools.server-unreadable',
  http: 'tools.server-unreadable',
}

/** @param sent whether the call had been handed to a connection when it failed */
export function toToolServerError(thrown: unknown, name: string, sent: boolean): ToolServerError {
  if (thrown instanceof ToolServerError) return thrown
  const outbound = causeOf(thrown, OutboundError)
  if (outbound !== undefined) {
    const { kind, retryAfterMs } = outbound.failure
    const { code, facts } = failureOfOutbound(outbound, name)
    return new ToolServerError(codeOfOutbound[kind] ?? code, {
      facts: { name, ...facts },
      sent: sent && outbound.sent,
      retryAfterMs,
      cause: thrown,
    })
  }
  const seconds = waitWhenNoneIsNamedSeconds
  const facts = { name, system: name, seconds }
  return new ToolServerError(codeOf(thrown), { facts, sent, cause: thrown })
}

/** The SDK keeps no header of a refusal. */
const waitWhenNoneIsNamedSeconds = 10

function codeOf(thrown: unknown): ErrorCode {
  if (thrown instanceof SdkHttpError && [401, 403].includes(thrown.status))
    return 'tools.server-refused'
  if (thrown instanceof SdkHttpError && thrown.status === 429) return 'connection.rate-limited'
  if (thrown instanceof SdkHttpError && thrown.status >= 500) return 'tools.server-away'
  if (isCode(thrown, SdkErrorCode.RequestTimeout)) return 'tools.server-slow'
  if (isClosed(thrown)) return 'tools.server-away'
  return 'tools.server-unreadable'
}

/** The connection is gone; another one may work. */
export function isClosed(thrown: unknown): boolean {
  if (thrown instanceof ToolServerError && thrown.cause !== undefined) return isClosed(thrown.cause)
  return (
    isCode(thrown, SdkErrorCode.ConnectionClosed) ||
    isCode(thrown, SdkErrorCode.NotConnected) ||
    isCode(thrown, SdkErrorCode.SendFailed)
  )
}

/** The connection broke under a request, as those do that waited too long for their next use. */
export function isReset(thrown: unknown): boolean {
  return causeOf(thrown, OutboundError)?.kind === 'reset'
}

/** The server itself said no to this request, so it is well. */
export function isAnswered(thrown: unknown): boolean {
  return thrown instanceof ProtocolError
}

function isCode(thrown: unknown, code: SdkErrorCode): boolean {
  return thrown instanceof SdkError && thrown.code === code
}

function causeOf<E>(thrown: unknown, type: abstract new (...args: never[]) => E): E | undefined {
  for (let at = thrown, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth += 1)
    if (at instanceof type) return at
  return undefined
}
