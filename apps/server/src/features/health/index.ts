export { registerHealthRoutes } from './health.routes.ts'
export { createHealthService, type HealthService, reportOf } from './health.service.ts'
