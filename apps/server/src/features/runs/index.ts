export { registerRunRoutes } from './runs.routes.ts'
export { createRunEventLog, type RunEventLog } from './runs.log.ts'
export {
  createRunService,
  type Clarification,
  type Generate,
  isOpen,
  type Outcome,
  type RunContext,
  type RunService,
} from './runs.service.ts'
export { createRunSockets } from './runs.sockets.ts'
export { createSocketTickets } from './runs.tickets.ts'
export { deleteOldTickets } from './runs.tickets.store.ts'
export { deleteOldEvents, runsChannel, type RunSubject } from './runs.store.ts'
