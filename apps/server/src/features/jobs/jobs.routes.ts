import * as api from '@studioops/contracts/jobs'
import type { Router } from '../../platform/http/route.ts'
import type { JobService } from './jobs.service.ts'

export function registerJobRoutes(router: Router, jobs: JobService): void {
  router.serve(api.listJobs, async ({ query, principal, language }) => ({
    jobs: await jobs.list(principal.userId, { ...query, language }),
  }))

  router.serve(api.cancelJob, async ({ params, principal, language }) => ({
    job: await jobs.cancel({ userId: principal.userId, ...params, language }),
  }))

  router.serve(api.retryJob, async ({ params, principal, language }) => ({
    job: await jobs.retry({ userId: principal.userId, ...params, language }),
  }))

  router.serve(api.getJobCounts, ({ principal, language }) =>
    jobs.counts(principal.userId, language),
  )
}
