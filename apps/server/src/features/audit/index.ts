export { registerAuditRoutes } from './audit.routes.ts'
export { type AuditService, createAuditService } from './audit.service.ts'
