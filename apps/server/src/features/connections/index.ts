export { createCredentialChecks, type CredentialChecks } from './connections.checks.ts'
export { registerConnectionRoutes } from './connections.routes.ts'
export { type ConnectionService, createConnectionService } from './connections.service.ts'
export { createWorkspaceConnections } from './connections.workspace.ts'
