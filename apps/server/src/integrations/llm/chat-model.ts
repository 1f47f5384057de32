import { OutboundError } from '../../platform/outbound/outbound-error.ts'
import { askModel } from './ask-model.ts'
import type { ChatMessage, ChatQuestion, ReplyShape } from './chat-request.ts'
import {
  AnswerFault,
  type CompletionReader,
  createCompletionReader,
  type FinishReason,
  type Usage,
} from './completion-reader.ts'
import { type ModelConnection, type ModelSettings, toConnection } from './model-connection.ts'
import { fromOutbound, ModelError } from './model-error.ts'
import { startWatch, type Watch } from './watch.ts'

export type ModelEvent =
  /** The model reasons; comes once per stretch of reasoning. */
  | { readonly type: 'thinking' }
  /** What has arrived since the last one: one token or many. */
  | { readonly type: 'token'; readonly text: string }
  /** The answer is whole. `ttftMs`: from the call to the first text. */
  | {
      readonly type: 'done'
      readonly finishReason: FinishReason
      readonly usage?: Usage
      readonly ttftMs: number
    }

export type StreamOptions = {
  /** The caller's stop: the request is closed at once, and the stream throws `aborted`. */
  readonly signal?: AbortSignal | undefined
  /** Until text, reasoning or a tool call. Default 10 000. */
  readonly firstTokenMs?: number
  /** Between two events after that. Default 15 000. */
  readonly idleMs?: number
  /** Default 120 000. */
  readonly totalMs?: number
  /** The answer is to be one JSON object. Its text comes raw: `extractJson` cuts the object out. */
  readonly reply?: ReplyShape
  readonly maxOutputTokens?: number
  /** 0 to 2. Where the provider fixes or narrows it, its rules win. */
  readonly temperature?: number
}

/** A model that can be asked. */
export type ChatModel = {
  /** As its server calls it. */
  readonly name: string
  /**
   * Asks, and gives the answer as it comes. Asks again by itself where the server refuses a member
   * of the request by name, and once where nothing was answered at all. Leaving the loop closes the
   * request. The text counts only once `done` has come.
   *
   * @throws ModelError
   */
  stream(messages: readonly ChatMessage[], options?: StreamOptions): AsyncGenerator<ModelEvent>
}

/** A model behind any server that speaks OpenAI's chat completions (`external-apis.md` 5, 8, 9). */
export function createChatModel(settings: ModelSettings): ChatModel {
  const connection = toConnection(settings)
  return {
    name: settings.model,
    stream: (messages, options = {}) => stream(connection, { ...options, messages }),
  }
}

const defaultTimes = { firstTokenMs: 10_000, idleMs: 15_000, totalMs: 120_000 }

async function* stream(
  connection: ModelConnection,
  { signal, ...question }: StreamOptions & ChatQuestion,
): AsyncGenerator<ModelEvent> {
  const began = performance.now()
  const watch = startWatch({ ...defaultTimes, ...question }, signal)
  const reader = createCompletionReader()
  try {
    const answer = await askModel({ connection, question, signal: watch.signal })
    reader.begin(answer.headers['content-type'])
    if (reader.isWhole()) watch.settle()
    for await (const bytes of answer.body) {
      if (!reader.feed(bytes)) continue
      watch.hold()
      if (reader.takeThinking()) yield { type: 'thinking' }
      const text = reader.takeText()
      if (text !== '') yield { type: 'token', text }
      if (!goesOn(reader, watch)) break
    }
    reader.end()
  } catch (error) {
    if (!isHarmless(error, reader, watch)) throw explain(error, { connection, reader, watch })
  } finally {
    watch.stop()
  }
  yield* ending(reader, began)
}

function* ending(reader: CompletionReader, began: number): Generator<ModelEvent> {
  const { finishReason = 'other', usage, firstTextAt = performance.now() } = reader.reading
  const text = reader.takeText()
  if (text !== '') yield { type: 'token', text }
  const ttftMs = Math.round(firstTextAt - began)
  yield { type: 'done', finishReason, ...(usage && { usage }), ttftMs }
}

/** Usage may follow the reason to finish. */
const trailerMs = 1_000
/** After `[DONE]` only the end of the body follows; with it the connection can be used again. */
const drainMs = 50

/** Sets the clock for the next event; false when there is nothing to wait for. */
function goesOn({ reading }: CompletionReader, watch: Watch): boolean {
  if (reading.fault !== undefined) throw reading.fault
  if (reading.finishReason !== undefined) {
    watch.finish(reading.ended ? drainMs : trailerMs)
    return true
  }
  if (reading.alive) watch.heard()
  return !reading.ended
}

/** Once a reason to finish was seen, a connection that breaks or stays silent breaks nothing. */
function isHarmless(error: unknown, { reading }: CompletionReader, watch: Watch): boolean {
  if (!(error instanceof OutboundError) || watch.expiry()?.kind === 'aborted') return false
  return reading.finishReason !== undefined
}

type Circumstances = {
  readonly connection: ModelConnection
  readonly reader: CompletionReader
  readonly watch: Watch
}

function explain(error: unknown, { connection, reader, watch }: Circumstances): unknown {
  const { host, model } = connection
  // An abort looks the same for all who pass it on; the watch knows why there was one.
  const expiry = isAbort(error) ? watch.expiry() : undefined
  const fault = expiry ?? (error instanceof AnswerFault ? error : undefined)
  if (fault !== undefined)
    return new ModelError({ kind: fault.kind, detail: fault.detail, host, model }, error)
  if (!(error instanceof OutboundError)) return error
  if (!reader.hasBegun() || error.kind === 'too-large') return fromOutbound(error, model)
  const detail = 'the connection broke inside the answer'
  return new ModelError({ kind: 'truncated', detail, host, model }, error)
}

function isAbort(error: unknown): boolean {
  return (error instanceof OutboundError || error instanceof ModelError) && error.kind === 'aborted'
}
