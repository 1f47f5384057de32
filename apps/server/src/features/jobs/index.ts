export { registerJobRoutes } from './jobs.routes.ts'
export { createJobService, type JobService } from './jobs.service.ts'
