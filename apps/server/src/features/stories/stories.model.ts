import type { ChatModel } from '../../integrations/llm/chat-model.ts'
import { type ModelError, toModelRefusal } from '../../integrations/llm/model-error.ts'
import { AppError } from '../../platform/errors/app-error.ts'
import type { CompanyModelService } from '../company-model/index.ts'
import type { ConnectionService } from '../connections/index.ts'
import { ownSystemPrompt, repairRequest, type SystemPrompt } from './stories.prompt.ts'

/** A model that writes stories, with the words in which it is asked. */
export type StoryModel = {
  readonly model: ChatModel
  readonly systemPrompt: SystemPrompt
  repairPrompt(repair: { readonly problem: string; readonly language: 'en' | 'he' }): string
  /** What a failure means for a person. */
  toRefusal(error: ModelError): AppError
  /** Real use is a test of the connection too. */
  noteUse(refusal: AppError | undefined): Promise<void>
}

type Dependencies = {
  readonly connections: Pick<ConnectionService, 'readModel' | 'noteUse'>
  readonly companyModel: Pick<CompanyModelService, 'open'>
  readonly openModel: (
    userId: string,
    settings: NonNullable<Awaited<ReturnType<ConnectionService['readModel']>>>,
  ) => ChatModel
}

export type OpenStoryModel = ReturnType<typeof createStoryModels>

/** The model of a person: the one that they connected themselves, else that of the company. */
export function createStoryModels({ connections, companyModel, openModel }: Dependencies) {
  /** @throws AppError `model.not-configured`, and what keeps a connection from being opened */
  return async function openStoryModel(
    userId: string,
    assignment: Promise<{ readonly language: 'en' | 'he' }>,
  ): Promise<StoryModel> {
    const settings = await connections.readModel(userId)
    if (settings === undefined) {
      const { language } = await assignment
      const company = await companyModel.open(userId, language)
      if (company === undefined) throw new AppError('model.not-configured')
      return company
    }
    return {
      model: openModel(userId, settings),
      systemPrompt: ownSystemPrompt,
      repairPrompt: repairRequest,
      toRefusal: toModelRefusal,
      noteUse: (refusal) => connections.noteUse(userId, 'model', refusal),
    }
  }
}
