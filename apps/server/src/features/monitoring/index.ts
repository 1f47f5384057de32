export { type FlowStep, listFlow } from './monitoring.flow.store.ts'
export { createMonitoringRoom } from './monitoring.room.ts'
export { registerMonitoringRoutes } from './monitoring.routes.ts'
export {
  createMonitoringService,
  type MonitoringService,
  tellHealth,
} from './monitoring.service.ts'
export { tellCall, watchAudit, watchBooks, watchObjects, watchTools } from './monitoring.watch.ts'
