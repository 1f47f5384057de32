export { type ProjectAccess, type ProjectPart, projectAccess } from './projects.access.ts'
export { registerProjectRoutes } from './projects.routes.ts'
export { createProjectService, type ProjectService } from './projects.service.ts'
