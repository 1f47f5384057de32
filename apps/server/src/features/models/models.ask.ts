import type { ChatMessage } from '../../integrations/llm/chat-request.ts'
import {
  askChain,
  type Attempt,
  type ChainEnd,
  type ChainEvent,
} from '../../integrations/llm/failover.ts'
import { type ModelError, modelErrorCode } from '../../integrations/llm/model-error.ts'
import type { Standings } from '../../integrations/llm/standings.ts'
import { AppError } from '../../platform/errors/app-error.ts'
import type { Log } from '../../platform/log/log.ts'
import type { ModelBooks } from './models.books.ts'
import { composeOfflineAnswer } from './models.offline.ts'
import type { AnswerDone, AskModels, OpenedModel, Question, ToldEvent } from './models.port.ts'

type Dependencies = {
  readonly log: Log
  readonly standings: Standings
  /** The models that this person may ask, the first to be asked first. */
  readonly openChain: (question: Question) => Promise<readonly OpenedModel[]>
  readonly books: Pick<ModelBooks, 'requireBudget' | 'note'>
}

type Hear = (event: ToldEvent) => void

/** The port by which a feature asks for an answer. */
export function createAskModels(dependencies: Dependencies): AskModels {
  const { log, standings, openChain, books } = dependencies

  return async (question, hear = () => {}) => {
    // Neither waits for the other.
    const [chain] = await Promise.all([findChain(question), books.requireBudget(question)])
    if (chain instanceof AppError) return offline(question, chain, hear)
    const end = await ask(question, chain, hear)
    switch (end.kind) {
      case 'complete':
        return complete(end, chain, hear)
      case 'stopped':
        return { ...nothing, type: 'done', state: 'stopped', text: end.text }
      case 'failed':
        return failed(question, { end, chain, hear })
    }
  }

  async function findChain(question: Question): Promise<readonly OpenedModel[] | AppError> {
    try {
      const chain = await openChain(question)
      return chain.length === 0 ? new AppError('model.not-configured') : chain
    } catch (error) {
      if (error instanceof AppError) return error
      throw error
    }
  }

  async function ask(
    question: Question,
    chain: readonly OpenedModel[],
    hear: Hear,
  ): Promise<ChainEnd> {
    const { signal, reply, tools, toolChoice, maxOutputTokens, temperature, callType } = question
    const attempts: Attempt[] = []
    const end = await askChain({
      standings,
      keepsPartial: question.keepsPartial === true,
      candidates: chain.map(({ candidate, voice }) => ({
        ...candidate,
        messages: () => messagesOf(question, voice),
      })),
      options: {
        ...question.deadlines,
        signal,
        tools,
        toolChoice,
        ...(reply && { reply }),
        ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
        ...(temperature === undefined ? {} : { temperature }),
        ...(callType && { callType }),
      },
      hear: (event) => hear(toToldEvent(event, chain)),
      note: (attempt) => attempts.push(attempt),
    })
    await Promise.all(
      attempts.flatMap((attempt) => {
        const model = chain[attempt.candidate]
        if (model === undefined) return []
        return [books.note(question, model, attempt), noteUse(model, attempt)]
      }),
    )
    return end
  }

  /** A verdict that cannot be kept is no reason to withhold an answer. */
  async function noteUse(model: OpenedModel, { outcome, error }: Attempt): Promise<void> {
    if (outcome === 'stopped') return
    const refusal = error === undefined ? undefined : model.toRefusal(error)
    await model
      .noteUse(refusal)
      .catch((err: unknown) => log.warn({ err }, 'use of a model not noted'))
  }

  async function failed(
    question: Question,
    told: {
      readonly end: Extract<ChainEnd, { kind: 'failed' }>
      readonly chain: readonly OpenedModel[]
      readonly hear: Hear
    },
  ): Promise<AnswerDone> {
    const { end, chain, hear } = told
    const reason = reasonOf(end.errors, chain)
    if (end.partial === undefined) return offline(question, reason, hear)
    const { candidate, text } = end.partial
    const { provider = '', candidate: by } = chain[candidate] ?? {}
    const model = by?.model.name ?? ''
    return { ...nothing, type: 'done', state: 'partial', text, provider, model, reason }
  }

  /** @throws AppError `reason`, where there is nothing to compose an answer from */
  async function offline(question: Question, reason: AppError, hear: Hear): Promise<AnswerDone> {
    const { passages, language } = question
    if (passages === undefined || hopeless.has(reason.code)) throw reason
    const found = typeof passages === 'function' ? await passages() : passages
    const asked = lastWords(messagesOf(question, {}))
    const { text, citations } = composeOfflineAnswer(asked, found, language)
    hear({ type: 'status', provider: 'offline', model: 'offline', attempt: 0, after: reason.code })
    hear({ type: 'token', text })
    return { ...nothing, type: 'done', state: 'offline', fallback: true, text, citations, reason }
  }
}

/** What another answer would not help against. */
const hopeless: ReadonlySet<string> = new Set([
  'model.refused',
  'model.too-long',
  'internal',
  'secret.locked',
])

const nothing = {
  fallback: false,
  reasoning: '',
  toolCalls: [],
  finishReason: 'other',
  provider: 'offline',
  model: 'offline',
} as const satisfies Partial<AnswerDone>

function complete(
  end: Extract<ChainEnd, { kind: 'complete' }>,
  chain: readonly OpenedModel[],
  hear: Hear,
): AnswerDone {
  const { kind: _, candidate, usage, ...answer } = end
  const { provider = '', candidate: by } = chain[candidate] ?? {}
  if (usage !== undefined) hear({ type: 'usage', ...usage })
  const model = by?.model.name ?? ''
  return {
    ...answer,
    type: 'done',
    state: 'complete',
    fallback: false,
    provider,
    model,
    ...(usage && { usage }),
  }
}

function messagesOf({ messages }: Question, voice: OpenedModel['voice']): readonly ChatMessage[] {
  return typeof messages === 'function' ? messages(voice) : messages
}

function lastWords(messages: readonly ChatMessage[]): string {
  return messages.findLast(({ role }) => role === 'user')?.content ?? ''
}

function toToldEvent(event: ChainEvent, chain: readonly OpenedModel[]): ToldEvent {
  switch (event.type) {
    case 'provider': {
      const { provider = '', candidate } = chain[event.candidate] ?? {}
      const after = event.after && codeOfKind(event.after)
      const model = candidate?.model.name ?? ''
      return { type: 'status', provider, model, attempt: event.attempt, ...(after && { after }) }
    }
    case 'reset': {
      const { discarded, discardedCalls, reason } = event
      return {
        type: 'reset',
        discarded,
        discardedCalls,
        reason: reason === 'stalled' ? 'stalled' : 'broke-off',
        code: codeOfKind(reason),
      }
    }
    default:
      return event
  }
}

function codeOfKind(kind: ModelError['kind']) {
  return modelErrorCode({ kind } as ModelError)
}

/** What a person can do something about is told rather than that somebody was not there. */
const telling: readonly ModelError['kind'][] = [
  'content',
  'request',
  'context',
  'auth',
  'quota',
  'model',
  'not-allowed',
  'tls',
  'rate',
]

function reasonOf(errors: readonly ModelError[], chain: readonly OpenedModel[]): AppError {
  const rank = (error: ModelError) => {
    const place = telling.indexOf(error.kind)
    return place === -1 ? telling.length : place
  }
  const [worst] = errors.toSorted((one, other) => rank(one) - rank(other))
  if (worst === undefined) return new AppError('model.not-configured')
  const { model, host } = worst.failure
  const by = chain.find(({ candidate }) => candidate.model.name === model && host !== '')
  return (by ?? chain[0])?.toRefusal(worst) ?? new AppError('model.not-configured')
}
