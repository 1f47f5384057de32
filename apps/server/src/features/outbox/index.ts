export type { EarlierStep, Executor, Executors, Found, Scope } from './outbox.executor.ts'
export { registerOutboxRoutes } from './outbox.routes.ts'
export {
  createOutboxService,
  type NewGroup,
  type OutboxService,
  type WholeOperation,
} from './outbox.service.ts'
export type { NewOperation, OperationRow } from './outbox.store.ts'
export { createOutboxWorker, type OutboxWorker } from './outbox.worker.ts'
