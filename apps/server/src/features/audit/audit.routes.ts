import { Readable } from 'node:stream'
import * as api from '@studioops/contracts/audit'
import type { FastifyInstance } from 'fastify'
import { AppError } from '../../platform/errors/app-error.ts'
import { fieldErrors } from '../../platform/http/field-errors.ts'
import type { Authenticator } from '../../platform/http/principal.ts'
import { admit, type Router } from '../../platform/http/route.ts'
import type { AuditService } from './audit.service.ts'

type Dependencies = {
  readonly router: Router
  readonly http: FastifyInstance
  readonly authenticator: Authenticator
  readonly auditLog: AuditService
}

const mediaTypes = { csv: 'text/csv; charset=utf-8', jsonl: 'application/x-ndjson' }

export function registerAuditRoutes({ router, http, authenticator, auditLog }: Dependencies): void {
  router.serve(api.listAuditEvents, ({ query: { before, ...filter }, principal }) =>
    auditLog.list(principal.userId, filter, before),
  )

  router.serve(api.listAuditPeople, ({ principal }) => auditLog.people(principal.userId))

  router.serve(api.verifyAudit, ({ principal }) => auditLog.verify(principal.userId))

  router.serve(api.prepareAuditExport, async ({ body }) => ({
    path: `/api/audit/export?${new URLSearchParams(body as Record<string, string>).toString()}`,
  }))

  http.get('/api/audit/export', async (request, reply) => {
    const guard = { method: 'GET', access: 'admin', stepUp: true } as const
    const principal = await admit(guard, { request, authenticator })
    const parsed = api.auditExport.filter.safeParse(request.query, { reportInput: true })
    if (!parsed.success)
      throw new AppError('request.invalid', { fields: fieldErrors(parsed.error.issues) })
    if (principal === undefined) throw new AppError('session.required')
    const { form, ...filter } = parsed.data
    await auditLog.noteExport(principal.userId, filter, form)
    return reply
      .type(mediaTypes[form])
      .header('cache-control', 'no-store')
      .header('content-disposition', `attachment; filename="audit.${form}"`)
      .send(Readable.from(auditLog.lines(principal.userId, filter, form)))
  })
}
