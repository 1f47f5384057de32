import { type ErrorCode, errorCatalog, errorText, type Facts } from '@studioops/contracts/errors'
import type { Problem } from '@studioops/contracts/problem'

/** The body with which the server refuses. */
export function problemBody(
  code: ErrorCode,
  facts: Facts = {},
  more: Partial<Problem> = {},
): Problem {
  const en = errorText(code, 'en', facts)
  const he = errorText(code, 'he', facts)
  return {
    type: `/docs/errors#${code}`,
    title: en.message,
    status: errorCatalog[code].status,
    detail: en.message,
    code,
    message_en: en.message,
    message_he: he.message,
    recovery: en.next,
    recovery_en: en.next,
    recovery_he: he.next,
    errors: [],
    retry: errorCatalog[code].retry,
    correlation_id: 'c0ffee00-1234-4abc-8def-000000000001',
    timestamp: '2026-11-21T08:30:00.000Z',
    ...more,
  }
}

/** The same as an answer of the server. */
export function refusal(code: ErrorCode, facts: Facts = {}, more: Partial<Problem> = {}): Response {
  return Response.json(problemBody(code, facts, more), { status: errorCatalog[code].status })
}
