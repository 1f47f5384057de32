import type { CallbackManagerForLLMRun } from '@langchain/core/callbacks/manager'
import type { BaseLanguageModelInput } from '@langchain/core/language_models/base'
import {
  BaseChatModel,
  type BaseChatModelCallOptions,
  type BindToolsInput,
} from '@langchain/core/language_models/chat_models'
import {
  AIMessage,
  AIMessageChunk,
  type BaseMessage,
  SystemMessage,
  ToolMessage,
} from '@langchain/core/messages'
import { ChatGenerationChunk, type ChatResult } from '@langchain/core/outputs'
import type { Runnable } from '@langchain/core/runnables'
import { convertToOpenAITool } from '@langchain/core/utils/function_calling'
import type { ChatModel, StreamOptions } from './chat-model.ts'
import type { ChatMessage } from './chat-request.ts'
import type { ModelEvent } from './stream-answer.ts'
import { type ToolChoice, type ToolOffer } from './tool-calls.ts'
import { asRecord } from './vendor-refusal.ts'

type OwnOptions = BaseChatModelCallOptions & {
  readonly tools?: readonly ToolOffer[]
  readonly toolChoice?: ToolChoice
  readonly maxOutputTokens?: number
  readonly temperature?: number
}

type Fields = {
  readonly model: ChatModel
  readonly times?: Pick<StreamOptions, 'firstTokenMs' | 'idleMs' | 'totalMs'>
}

/**
 * Any model of ours as LangChain knows one (LLM-4): OpenAI, Kimi, GLM, whatever speaks as they do.
 * The guard beneath is ours: it ends with an answer that is whole, or throws a ModelError. LangChain
 * retries nothing, and nothing is traced to anywhere.
 */
export class StudioChatModel extends BaseChatModel<OwnOptions, AIMessageChunk> {
  readonly #model: ChatModel
  readonly #times: NonNullable<Fields['times']>

  constructor({ model, times = {} }: Fields) {
    super({ maxRetries: 0 })
    this.#model = model
    this.#times = times
  }

  override _llmType(): string {
    return 'studioops'
  }

  /** @param tools anything that LangChain takes for a tool */
  override bindTools(
    tools: BindToolsInput[],
    options: Partial<OwnOptions> = {},
  ): Runnable<BaseLanguageModelInput, AIMessageChunk, OwnOptions> {
    return this.withConfig({ ...options, tools: tools.map(toOffer) } as Partial<OwnOptions>)
  }

  /** @throws ModelError */
  override async _generate(
    messages: BaseMessage[],
    options: this['ParsedCallOptions'],
    runManager?: CallbackManagerForLLMRun,
  ): Promise<ChatResult> {
    let whole: ChatGenerationChunk | undefined
    for await (const chunk of this._streamResponseChunks(messages, options, runManager))
      whole = whole === undefined ? chunk : whole.concat(chunk)
    // Base structured output refuses anything but a chunk.
    return { generations: [whole ?? textChunk('')] }
  }

  /** @throws ModelError; what came before it is no answer */
  override async *_streamResponseChunks(
    messages: BaseMessage[],
    options: this['ParsedCallOptions'],
    runManager?: CallbackManagerForLLMRun,
  ): AsyncGenerator<ChatGenerationChunk> {
    const leaving = new AbortController()
    const { tools, toolChoice, maxOutputTokens, temperature, signal: caller } = options
    const signal = caller === undefined ? leaving.signal : AbortSignal.any([caller, leaving.signal])
    const asked: StreamOptions = {
      ...this.#times,
      signal,
      tools,
      toolChoice,
      ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
      ...(temperature === undefined ? {} : { temperature }),
    }
    const { readable, writable } = new TransformStream<ModelEvent>(undefined, {
      highWaterMark: Number.POSITIVE_INFINITY,
    })
    const writer = writable.getWriter()
    const running = this.#model
      .stream(messages.map(toMessage), asked, (event) => void writer.write(event).catch(() => {}))
      .then(
        () => writer.close(),
        (error: unknown) => writer.abort(error),
      )
    try {
      for await (const event of readable) {
        const chunk = toChunk(event)
        if (chunk === undefined) continue
        yield chunk
        await runManager?.handleLLMNewToken(
          chunk.text,
          undefined,
          undefined,
          undefined,
          undefined,
          {
            chunk,
          },
        )
      }
    } finally {
      // Whoever leaves the loop closes the request.
      leaving.abort()
      await running.catch(() => {})
    }
  }
}

/** The company's own model in LangChain: configured by its four files (LLM-3), asked like the others. */
export class CompanyChatModel extends StudioChatModel {
  override _llmType(): string {
    return 'studioops-company'
  }
}

function toOffer(tool: BindToolsInput): ToolOffer {
  const { name, description = '', parameters } = convertToOpenAITool(tool).function
  return { name, description, parameters: asRecord(parameters) ?? { type: 'object' } }
}

function toMessage(message: BaseMessage): ChatMessage {
  const content = message.text
  if (message instanceof SystemMessage) return { role: 'system', content }
  if (message instanceof ToolMessage)
    return { role: 'tool', content, toolCallId: message.tool_call_id }
  if (!AIMessage.isInstance(message)) return { role: 'user', content }
  const reasoning = message.additional_kwargs['reasoning_content']
  const toolCalls = (message.tool_calls ?? []).map(({ id = '', name, args }) => ({
    id,
    name,
    arguments: JSON.stringify(args),
  }))
  return {
    role: 'assistant',
    content,
    ...(toolCalls.length === 0 ? {} : { toolCalls }),
    ...(typeof reasoning === 'string' ? { reasoning } : {}),
  }
}

function textChunk(text: string): ChatGenerationChunk {
  return new ChatGenerationChunk({ text, message: new AIMessageChunk({ content: text }) })
}

function toChunk(event: ModelEvent): ChatGenerationChunk | undefined {
  switch (event.type) {
    case 'token':
      return textChunk(event.text)
    case 'thinking': {
      const additional_kwargs = { reasoning_content: event.text }
      const message = new AIMessageChunk({ content: '', additional_kwargs })
      return new ChatGenerationChunk({ text: '', message })
    }
    case 'tool': {
      const { index, id, name, arguments: args } = event.call
      const piece = {
        type: 'tool_call_chunk' as const,
        index,
        args,
        ...(id === undefined ? {} : { id }),
        ...(name === undefined ? {} : { name }),
      }
      const message = new AIMessageChunk({ content: '', tool_call_chunks: [piece] })
      return new ChatGenerationChunk({ text: '', message })
    }
    case 'done': {
      const { finishReason, usage } = event
      const message = new AIMessageChunk({ content: '' })
      // Its constructor takes these for certain providers of LangChain only.
      Object.assign(message, {
        response_metadata: { finish_reason: finishReason },
        ...(usage && {
          usage_metadata: {
            input_tokens: usage.inputTokens,
            output_tokens: usage.outputTokens,
            total_tokens: usage.inputTokens + usage.outputTokens,
          },
        }),
      })
      return new ChatGenerationChunk({ text: '', message })
    }
  }
}
