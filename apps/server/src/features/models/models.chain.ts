import type { ChatModel } from '../../integrations/llm/chat-model.ts'
import { toModelRefusal } from '../../integrations/llm/model-error.ts'
import type { ModelSettings } from '../../integrations/llm/model-connection.ts'
import type { Keyring } from '../../platform/crypto/keyring.ts'
import type { Database } from '../../platform/db/database.ts'
import { AppError } from '../../platform/errors/app-error.ts'
import type { CompanyModelService } from '../company-model/index.ts'
import type { ConnectionService } from '../connections/index.ts'
import type { OpenedModel, Question } from './models.port.ts'
import * as store from './models.store.ts'

export type ModelAddress = Pick<ModelSettings, 'baseUrl' | 'model' | 'apiKey' | 'tls'>

type Dependencies = {
  readonly database: Database
  readonly keyring: Keyring
  readonly connections: Pick<ConnectionService, 'readModel' | 'noteUse'>
  readonly companyModel: Pick<CompanyModelService, 'open'>
  readonly openModel: (credentialKey: string, address: ModelAddress) => ChatModel
}

/** Secrets of the workspace lie under data keys of their own, as if the workspace were a person. */
const workspaceId = '00000000-0000-0000-0000-000000000000'
export const keyPlace = (rowId: string) => ({
  table: 'model_providers',
  column: 'encrypted_key',
  rowId,
  userId: workspaceId,
})
export const keyOwner = workspaceId

export type OpenChain = ReturnType<typeof createModelChains>

/**
 * The models that a person may ask, in the order in which they are asked: the one of the question,
 * the person's choice, then the workspace's order.
 */
export function createModelChains(dependencies: Dependencies) {
  const { database, keyring, connections, companyModel, openModel } = dependencies

  async function openOwn({ userId }: Pick<Question, 'userId'>): Promise<Opened | undefined> {
    const settings = await connections.readModel(userId)
    if (settings === undefined) return undefined
    return {
      provider: URL.parse(settings.baseUrl)?.host ?? '',
      candidate: { key: `own ${userId}`, model: openModel(userId, settings) },
      voice: {},
      toRefusal: toModelRefusal,
      noteUse: (refusal) => connections.noteUse(userId, 'model', refusal),
    }
  }

  async function openCompany({ userId, language }: Asking): Promise<Opened | undefined> {
    const opened = await companyModel.open(userId, language)
    if (opened === undefined) return undefined
    const { model, systemPrompt, repairPrompt, toRefusal, noteUse } = opened
    return {
      provider: model.name,
      candidate: { key: `company ${userId}`, model },
      voice: { company: { systemPrompt, repairPrompt } },
      toRefusal,
      noteUse,
    }
  }

  /** @throws AppError `secret.locked` */
  function openServer(row: store.ProviderRow): Opened {
    const { id, base_url: baseUrl, model, wrapped_key: wrapped, encrypted_key: text } = row
    const hasKey = wrapped !== null && text !== null
    const address = {
      baseUrl: baseUrl ?? '',
      model: model ?? '',
      ...(hasKey ? { apiKey: keyring.decrypt(wrapped, keyPlace(id), text) } : {}),
    }
    return {
      provider: row.name,
      candidate: { key: `server ${id}`, model: openModel(`workspace ${id}`, address) },
      voice: {},
      toRefusal: toModelRefusal,
      noteUse: async () => {},
    }
  }

  async function open(row: store.ProviderRow, asking: Asking): Promise<OpenedModel | undefined> {
    const opened = await openerOf(row.kind)(row, asking)
    if (opened === undefined) return undefined
    return {
      ...opened,
      id: row.id,
      noteUse: async (refusal) => {
        await opened.noteUse(refusal)
        // An own connection or cookie that fails says nothing of anybody else's.
        if (row.kind === 'server')
          await database.writeAsMaintenance((db) => store.noteProvider(db, row.id, refusal?.code))
      },
    }
  }

  function openerOf(kind: string) {
    if (kind === 'own') return (_: store.ProviderRow, asking: Asking) => openOwn(asking)
    if (kind === 'company') return (_: store.ProviderRow, asking: Asking) => openCompany(asking)
    return async (row: store.ProviderRow) => openServer(row)
  }

  /** @throws AppError why the only one there is cannot be opened */
  return async function openChain(asking: Asking): Promise<readonly OpenedModel[]> {
    const { userId, choice } = asking
    const [rows, chosen] = await Promise.all([
      database.readAsUser(userId, store.listProviders),
      choice ?? database.readAsUser(userId, (db) => store.findChoice(db, userId)),
    ])
    const enabled = rows.filter((row) => row.is_enabled)
    const first = enabled.filter((row) => row.id === chosen)
    const order = [...first, ...enabled.filter((row) => row.id !== chosen)]
    const openings = await Promise.allSettled(order.map((row) => open(row, asking)))
    return openedOf(openings)
  }
}

type Opened = Omit<OpenedModel, 'id'>
type Asking = Pick<Question, 'userId' | 'language' | 'choice'>

/** One that cannot be opened is passed over, unless it is the only one. */
function openedOf(
  openings: readonly PromiseSettledResult<OpenedModel | undefined>[],
): readonly OpenedModel[] {
  const refusals: AppError[] = []
  const opened: OpenedModel[] = []
  for (const opening of openings) {
    if (opening.status === 'fulfilled') {
      if (opening.value !== undefined) opened.push(opening.value)
    } else if (opening.reason instanceof AppError) refusals.push(opening.reason)
    else throw opening.reason
  }
  const [refusal] = refusals
  if (opened.length === 0 && refusal !== undefined) throw refusal
  return opened
}
