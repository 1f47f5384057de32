export { registerConnectionRoutes } from './connections.routes.ts'
export {
  type ConnectionService,
  createConnectionService,
  type ModelSettings,
  type TestOutcome,
} from './connections.service.ts'
