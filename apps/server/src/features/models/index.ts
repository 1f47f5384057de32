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
  Voice,
} from './models.port.ts'
