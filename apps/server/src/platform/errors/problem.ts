import { errorCatalog, type ErrorCode, errorText, type Facts } from '@studioops/contracts/errors'
import type { Language } from '@studioops/contracts/installation'
import type { Problem } from '@studioops/contracts/problem'
import { databaseCodeOf } from '../db/database.ts'
import { AppError } from './app-error.ts'

type Circumstances = {
  readonly correlationId: string
  readonly language: Language
  readonly now?: Date
}

/** Turns anything that was thrown into the one error body that clients know (RFC 9457, ERR-1). */
export function toProblem(thrown: unknown, circumstances: Circumstances): Problem {
  const error = asAppError(thrown)
  return {
    ...describeProblem(error.code, error.facts, circumstances),
    errors: [...error.fields],
    ...(error.retryAfterSeconds === undefined
      ? {}
      : { retry_after_seconds: error.retryAfterSeconds }),
  }
}

export function asAppError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown
  if (isOfGoneProject(thrown)) return new AppError('project.deleted', { cause: thrown })
  return new AppError(databaseCodeOf(thrown) ?? 'internal', { cause: thrown })
}

/** A row that hangs on a project, or on a part of one, came after the project had gone. */
function isOfGoneProject(thrown: unknown): boolean {
  if (!(thrown instanceof Error) || !('code' in thrown) || thrown.code !== '23503') return false
  const detail = 'detail' in thrown ? String(thrown.detail) : ''
  return /^Key \(project_id[,)].* is not present in table /.test(detail)
}

/** The same body for a code and facts that were kept, such as the reason why something waits. */
export function describeProblem(
  code: ErrorCode,
  facts: Facts,
  { correlationId, language, now = new Date() }: Circumstances,
): Problem {
  const { status, retry } = errorCatalog[code]
  const en = errorText(code, 'en', facts)
  const he = errorText(code, 'he', facts)
  const own = language === 'he' ? he : en
  return {
    type: `/docs/errors#${code.replaceAll('.', '-')}`,
    title: own.message,
    status,
    detail: [own.message, ...own.next].join(' '),
    code,
    message_en: en.message,
    message_he: he.message,
    recovery: own.next,
    recovery_en: en.next,
    recovery_he: he.next,
    errors: [],
    retry,
    correlation_id: correlationId,
    timestamp: now.toISOString(),
  }
}

/** The catalogue's code, where a text that was stored is still one. */
export function knownCode(code: string | null): ErrorCode {
  return code !== null && code in errorCatalog ? (code as ErrorCode) : 'internal'
}
