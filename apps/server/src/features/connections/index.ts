export { createCredentialChecks } from './connections.checks.ts'
export { registerConnectionRoutes } from './connections.routes.ts'
export {
  type ConnectionService,
  createConnectionService,
  type ModelSettings,
  type TryConnection,
} from './connections.service.ts'
export { createWorkspaceConnections } from './connections.workspace.ts'
