import { getSelfChecks, getStatus } from '@studioops/contracts/health'
import type { FastifyInstance } from 'fastify'
import type { Authenticator } from '../../platform/http/principal.ts'
import { statusOf } from '../../platform/http/probes.ts'
import type { Router } from '../../platform/http/route.ts'
import { type HealthService, reportOf, summaryOf } from './health.service.ts'

type Options = {
  readonly router: Router
  readonly http: FastifyInstance
  readonly authenticator: Authenticator
  readonly health: HealthService
  readonly version: string
}

export function registerHealthRoutes({ router, http, authenticator, health, version }: Options) {
  router.serve(getStatus, async () => health.status())
  router.serve(getSelfChecks, async () => ({ checks: health.results() }))

  // People of the workspace get everything, strangers whether it is well.
  http.get('/health', async (request, reply) => {
    const principal = await authenticator.identify(request).catch(() => undefined)
    const status = health.status()
    const report = principal === undefined ? summaryOf(status) : reportOf(status, version)
    return reply
      .code(statusOf(report))
      .header('cache-control', 'no-store')
      .type('application/health+json')
      .send(report)
  })
}
