import { askModel } from './ask-model.ts'
import type { ChatMessage, ReplyShape } from './chat-request.ts'
import { createCompletionReader } from './completion-reader.ts'
import { type ModelSettings, toConnection } from './model-connection.ts'
import { type ModelEvent, streamAnswer } from './stream-answer.ts'
import type { ToolChoice, ToolOffer } from './tool-calls.ts'

export type { ModelEvent }

export type StreamOptions = {
  /** The caller's stop: the request is closed at once, and it throws `aborted`. */
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
  /** Not together with `reply`. */
  readonly tools?: readonly ToolOffer[] | undefined
  readonly toolChoice?: ToolChoice | undefined
  /** Another model is asked before this one is asked again. */
  readonly isOneOfMany?: boolean
  /** Which of its templates a model that has several takes (D-20); others have no use for it. */
  readonly callType?: 'chat' | 'stream' | 'refine' | 'validate'
}

/** A model that can be asked. */
export type ChatModel = {
  /** As its server calls it. */
  readonly name: string
  /**
   * Asks, and tells the answer as it comes, each piece in the turn in which it arrives. Asks again by
   * itself where the server refuses a member of the request by name, and once where nothing was
   * answered at all. The text counts only once `done` has come, which is the last thing told.
   *
   * @throws ModelError; what `hear` throws, and then the request is closed
   */
  stream(
    messages: readonly ChatMessage[],
    options: StreamOptions,
    hear: (event: ModelEvent) => void,
  ): Promise<void>
}

/** A model behind any server that speaks OpenAI's chat completions (`external-apis.md` 5, 8, 9). */
export function createChatModel(settings: ModelSettings): ChatModel {
  const connection = toConnection(settings)
  return {
    name: settings.model,
    stream(messages, options, hear) {
      const question = { ...options, messages }
      return streamAnswer(
        {
          host: connection.host,
          model: connection.model,
          reader: createCompletionReader(),
          isShaped: options.reply !== undefined && (options.tools ?? []).length === 0,
          ask: (signal) => askModel({ connection, question, signal }),
        },
        options,
        hear,
      )
    },
  }
}
