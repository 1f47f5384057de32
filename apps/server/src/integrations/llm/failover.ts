import type { ChatModel, StreamOptions } from './chat-model.ts'
import type { ChatMessage } from './chat-request.ts'
import type { FinishReason, Usage } from './completion-reader.ts'
import { ModelError, type ModelErrorKind } from './model-error.ts'
import type { Standings } from './standings.ts'
import type { ModelEvent } from './stream-answer.ts'
import { createToolCallJoiner, type ToolCall } from './tool-calls.ts'

/** A model that may answer. */
export type Candidate = {
  /** Of the provider together with the credential: what breaks down and comes back as one. */
  readonly key: string
  readonly model: ChatModel
  /** The conversation in the words of this model's provider. */
  readonly messages: () => readonly ChatMessage[]
}

/** What is heard of one question over a chain of models (`external-apis.md` 9.3). */
export type ChainEvent =
  /** An attempt begins. `after`: why the one before it ended. */
  | {
      readonly type: 'provider'
      readonly candidate: number
      readonly attempt: number
      readonly after?: ModelErrorKind
    }
  | Exclude<ModelEvent, { readonly type: 'done' }>
  /** Everything since the last `provider` is void. */
  | {
      readonly type: 'reset'
      readonly discarded: string
      readonly discardedCalls: number
      readonly reason: ModelErrorKind
    }

/** One attempt, for the books. Tokens of an attempt that broke off are known where it said them. */
export type Attempt = {
  readonly candidate: number
  readonly outcome: 'complete' | 'failed' | 'stopped'
  readonly error?: ModelError
  readonly usage?: Usage
  /** Until the first text or call; absent where nothing came. */
  readonly ttftMs?: number
  readonly durationMs: number
  /** Tokens of the question, roughly; for attempts whose provider does not say. */
  readonly asked: number
  /** Of the text, the thoughts and the arguments that came, in UTF-16 units. */
  readonly length: number
}

export type ChainEnd =
  | {
      readonly kind: 'complete'
      readonly candidate: number
      readonly text: string
      readonly reasoning: string
      readonly toolCalls: readonly ToolCall[]
      readonly finishReason: FinishReason
      readonly usage?: Usage
      readonly ttftMs: number
    }
  /** Nobody answered, or going on would be useless. `partial`: what the last one had said. */
  | {
      readonly kind: 'failed'
      readonly errors: readonly ModelError[]
      readonly partial: { readonly candidate: number; readonly text: string } | undefined
    }
  | { readonly kind: 'stopped'; readonly text: string }

export type ChainQuestion = {
  readonly candidates: readonly Candidate[]
  readonly options: StreamOptions
  readonly standings: Standings
  /** What the last one of the chain had said may stay, marked as partial; else it is taken back. */
  readonly keepsPartial: boolean
  readonly hear: (event: ChainEvent) => void
  readonly note: (attempt: Attempt) => void
}

/** After these, another model would refuse as well, or the person has decided. */
const finalKinds: ReadonlySet<ModelErrorKind> = new Set(['request', 'content', 'aborted'])

/**
 * Asks one model after the other until one answers whole. Before its first word a model is left
 * silently; after it what it said is taken back, and the next one begins anew: the text of two
 * models is never spliced. How often more than one is asked has a budget.
 *
 * @throws what `hear` throws
 */
export async function askChain(question: ChainQuestion): Promise<ChainEnd> {
  const { candidates, standings } = question
  const order = standings.order(candidates.map(({ key }) => key))
  const errors: ModelError[] = []
  for (const index of order) {
    const candidate = candidates[index]
    if (candidate === undefined || (errors.length > 0 && !standings.mayAskAgain())) break
    const attempt = errors.length + 1
    const after = errors.at(-1)?.kind
    question.hear({ type: 'provider', candidate: index, attempt, ...(after && { after }) })
    const trial = await tryOne({ ...question, candidate, index })
    if (trial.kind === 'complete') return trial
    errors.push(trial.error)
    const isLast = attempt === order.length || finalKinds.has(trial.error.kind)
    const end = endAfter(trial, { question, index, isLast, errors })
    if (end !== undefined) return end
  }
  return { kind: 'failed', errors, partial: undefined }
}

type After = {
  readonly question: ChainQuestion
  readonly index: number
  readonly isLast: boolean
  readonly errors: readonly ModelError[]
}

/** @returns undefined where the next one is to be asked; what this one said is taken back then */
function endAfter(trial: Failed, { question, index, isLast, errors }: After): ChainEnd | undefined {
  const { text, calls, error } = trial
  if (question.options.signal?.aborted === true) return { kind: 'stopped', text }
  if (isLast && question.keepsPartial && calls === 0 && text !== '')
    return { kind: 'failed', errors, partial: { candidate: index, text } }
  if (text !== '' || calls > 0)
    question.hear({ type: 'reset', discarded: text, discardedCalls: calls, reason: error.kind })
  return isLast ? { kind: 'failed', errors, partial: undefined } : undefined
}

type Failed = {
  readonly kind: 'failed'
  readonly error: ModelError
  readonly text: string
  readonly calls: number
}

type Trial = ChainQuestion & { readonly candidate: Candidate; readonly index: number }
type Complete = Extract<ChainEnd, { readonly kind: 'complete' }>

async function tryOne({ candidate, index, ...question }: Trial): Promise<Complete | Failed> {
  const { options, standings, hear, note } = question
  const began = performance.now()
  const calls = createToolCallJoiner()
  const text = createText()
  const reasoning = createText()
  let length = 0
  let firstAt: number | undefined
  let end: Extract<ModelEvent, { type: 'done' }> | undefined
  const messages = candidate.messages()
  const told = () => ({
    candidate: index,
    asked: Math.ceil(messages.reduce((sum, { content }) => sum + content.length, 0) / 3),
    length,
    durationMs: Math.round(performance.now() - began),
    ...(firstAt === undefined ? {} : { ttftMs: Math.round(firstAt - began) }),
  })
  const listen = (event: ModelEvent) => {
    if (event.type === 'done') {
      end = event
      return
    }
    if (event.type === 'tool') calls.add(event.call)
    else if (event.type === 'token') text.add(event.text)
    else reasoning.add(event.text)
    if (event.type !== 'thinking') firstAt ??= performance.now()
    length += event.type === 'tool' ? event.call.arguments.length : event.text.length
    hear(event)
  }
  const isOneOfMany = question.candidates.length > 1
  standings.asked(candidate.key)
  try {
    await candidate.model.stream(messages, { ...options, isOneOfMany }, listen)
    if (end === undefined) throw new Error('the stream ended without an end')
  } catch (error) {
    if (!(error instanceof ModelError)) {
      standings.left(candidate.key)
      throw error
    }
    const isStopped = options.signal?.aborted === true
    if (isStopped) standings.left(candidate.key)
    else standings.failed(candidate.key, error)
    note({ ...told(), outcome: isStopped ? 'stopped' : 'failed', error })
    return { kind: 'failed', error, text: text.whole(), calls: calls.calls().length }
  }
  const { finishReason, usage, ttftMs } = end
  standings.answered(candidate.key)
  note({ ...told(), outcome: 'complete', ttftMs, ...(usage && { usage }) })
  return {
    kind: 'complete',
    candidate: index,
    text: text.whole(),
    reasoning: reasoning.whole(),
    toolCalls: calls.calls(),
    finishReason,
    ...(usage && { usage }),
    ttftMs,
  }
}

const piecesMax = 64

/** Text that grows by tokens: a string that grew by each of them would hold a node for each. */
function createText() {
  let joined = ''
  let pieces: string[] = []
  const join = () => {
    joined += pieces.join('')
    pieces = []
    return joined
  }
  return {
    add(piece: string): void {
      if (pieces.push(piece) === piecesMax) join()
    },
    whole: join,
  }
}
