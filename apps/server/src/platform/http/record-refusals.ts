import type { ErrorCode } from '@studioops/contracts/errors'
import type { FastifyInstance } from 'fastify'
import type { Audit } from '../audit/audit.ts'
import { AppError } from '../errors/app-error.ts'

/** Refusals of a right, which nobody meets by using the page as it is. */
const refusals: ReadonlySet<ErrorCode> = new Set([
  'session.not-allowed',
  'session.read-only',
  'request.forged',
])

/** Lets the audit log know who tried what they may not. */
export function recordRefusals(http: FastifyInstance, audit: Audit): void {
  http.addHook('onError', async (request, _, error: unknown) => {
    if (!(error instanceof AppError) || !refusals.has(error.code)) return
    const { userId, route = '' } = request.work
    await audit
      .record({
        ...(userId === undefined ? {} : { actorId: userId }),
        action: 'access.refuse',
        target: `route:${route}`,
        outcome: 'refused',
        facts: { code: error.code },
      })
      // The refusal is the answer in any case.
      .catch((failure: unknown) => request.log.error({ err: failure }, 'refusal not recorded'))
  })
}
