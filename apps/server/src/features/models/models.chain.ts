import type { ChatModel } from '../../integrations/llm/chat-model.ts'
import { toModelRefusal } from '../../integrations/llm/model-error.ts'
import { AppError } from '../../platform/errors/app-error.ts'
import type { CompanyModelService } from '../company-model/index.ts'
import type { ConnectionService } from '../connections/index.ts'
import type { OpenedModel, Question } from './models.port.ts'

type Dependencies = {
  readonly connections: Pick<ConnectionService, 'readModel' | 'noteUse'>
  readonly companyModel: Pick<CompanyModelService, 'open'>
  readonly openModel: (
    userId: string,
    settings: NonNullable<Awaited<ReturnType<ConnectionService['readModel']>>>,
  ) => ChatModel
}

/** The models that a person may ask: the one that they connected themselves, then the company's. */
export function createModelChains({ connections, companyModel, openModel }: Dependencies) {
  async function openOwn(userId: string): Promise<OpenedModel | undefined> {
    const settings = await connections.readModel(userId)
    if (settings === undefined) return undefined
    return {
      id: 'own',
      provider: URL.parse(settings.baseUrl)?.host ?? '',
      candidate: { key: `own ${userId}`, model: openModel(userId, settings) },
      voice: {},
      toRefusal: toModelRefusal,
      noteUse: (refusal) => connections.noteUse(userId, 'model', refusal),
    }
  }

  async function openCompany({ userId, language }: Question): Promise<OpenedModel | undefined> {
    const opened = await companyModel.open(userId, language)
    if (opened === undefined) return undefined
    const { model, systemPrompt, repairPrompt, toRefusal, noteUse } = opened
    return {
      id: 'company',
      provider: model.name,
      candidate: { key: `company ${userId}`, model },
      voice: { company: { systemPrompt, repairPrompt } },
      toRefusal,
      noteUse,
    }
  }

  /** @throws AppError why the only one there is cannot be opened */
  return async function openChain(question: Question): Promise<readonly OpenedModel[]> {
    const openings = await Promise.allSettled([openOwn(question.userId), openCompany(question)])
    const opened = openings.flatMap((opening) =>
      opening.status === 'fulfilled' && opening.value !== undefined ? [opening.value] : [],
    )
    const failure = openings.find(({ status }) => status === 'rejected')
    if (opened.length === 0 && failure?.status === 'rejected') throw failure.reason
    for (const opening of openings)
      if (opening.status === 'rejected' && !(opening.reason instanceof AppError))
        throw opening.reason
    return opened
  }
}
