export { createAskModels } from './models.ask.ts'
export { createModelChains } from './models.chain.ts'
export type {
  AnswerDone,
  AnswerEvent,
  AskModels,
  ModelPurpose,
  OpenedModel,
  Passage,
  Question,
  ToldEvent,
  Voice,
} from './models.port.ts'
export { createModelBooks, type ModelBooks } from './models.books.ts'
export { registerModelRoutes } from './models.routes.ts'
export { type AskStructured, createAskStructured } from './models.structured.ts'
export { createModelService, type ModelService } from './models.service.ts'
export { deleteOldUsage } from './models.store.ts'
export { serveCompletions } from './models.completions.routes.ts'
