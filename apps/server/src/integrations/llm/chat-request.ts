import type { Dialect } from './dialect.ts'
import type { ProviderQuirks } from './provider-quirks.ts'
import { type JsonSchema, strictSchema } from './strict-schema.ts'
import { type ToolCall, type ToolChoice, type ToolOffer, toolMembers } from './tool-calls.ts'

export type ChatMessage =
  | { readonly role: 'system' | 'user'; readonly content: string }
  | {
      readonly role: 'assistant'
      readonly content: string
      readonly toolCalls?: readonly ToolCall[]
      /** What the model thought. Providers that think want it back with each round of tools. */
      readonly reasoning?: string
    }
  /** What a tool said, after the message of the model that called it. */
  | { readonly role: 'tool'; readonly content: string; readonly toolCallId: string }

/** An answer that must be one JSON object. */
export type ReplyShape = {
  /** At most 64 of `A-Z a-z 0-9 _ -`. */
  readonly name: string
  /** Of the object, or of a choice between objects. */
  readonly schema: JsonSchema
}

export type ChatQuestion = {
  readonly messages: readonly ChatMessage[]
  readonly reply?: ReplyShape | undefined
  readonly maxOutputTokens?: number | undefined
  readonly temperature?: number | undefined
  readonly tools?: readonly ToolOffer[] | undefined
  readonly toolChoice?: ToolChoice | undefined
  /** Another model is asked before this one is asked again. */
  readonly isOneOfMany?: boolean | undefined
}

type Asking = {
  readonly model: string
  readonly quirks: ProviderQuirks
  readonly dialect: Dialect
}

/** The body of `POST /chat/completions`. Members that this server does not take are not in it. */
export function chatRequest(question: ChatQuestion, { model, quirks, dialect }: Asking) {
  const { messages, reply, maxOutputTokens, temperature } = question
  // In words for a forced tool too: some servers pass over tools without a word.
  const isTold = reply !== undefined && dialect.replyMode !== 'json_schema'
  const body: Record<string, unknown> = {
    model,
    messages: wireMessages(isTold ? withReplyShape(messages, reply) : messages, quirks),
    stream: true,
    ...(dialect.streamOptions && { stream_options: { include_usage: true } }),
    ...limit(maxOutputTokens, dialect),
    ...sampling(temperature, dialect),
    ...toolMembers(question, { quirks, dialect }),
    ...(reply &&
      dialect.replyMode !== 'tool' &&
      responseFormat(reply, dialect, !quirks.drop.includes('strict'))),
  }
  for (const member of quirks.drop) delete body[member]
  return body
}

function limit(tokens: number | undefined, { limitMember }: Dialect): Record<string, number> {
  return tokens === undefined || limitMember === 'none' ? {} : { [limitMember]: tokens }
}

function sampling(wish: number | undefined, dialect: Dialect): Record<string, number> {
  if (wish === undefined) return {}
  switch (dialect.sampling) {
    case 'as-asked':
      return { temperature: wish }
    case 'omit':
      return {}
    case 'clamp':
      return { temperature: Math.min(0.99, Math.max(0.01, wish)) }
  }
}

function responseFormat(
  { name, schema }: ReplyShape,
  { replyMode }: Dialect,
  strict: boolean,
): Record<string, unknown> {
  switch (replyMode) {
    case 'json_schema':
      return {
        response_format: {
          type: 'json_schema',
          json_schema: { name, schema: strictSchema(schema), ...(strict && { strict }) },
        },
      }
    case 'json_object':
      return { response_format: { type: 'json_object' } }
    case 'tool':
    case 'none':
      return {}
  }
}

/** A conversation as the provider wants to see it (`external-apis.md` 6 to 8). */
export function wireMessages(
  messages: readonly ChatMessage[],
  quirks: Pick<ProviderQuirks, 'reasoningBack' | 'emptyContent'>,
): readonly Record<string, unknown>[] {
  return messages.map((message) => {
    if (message.role === 'tool')
      return { role: 'tool', tool_call_id: message.toolCallId, content: message.content }
    if (message.role !== 'assistant') return { role: message.role, content: message.content }
    const { content, toolCalls = [], reasoning = '' } = message
    return {
      role: 'assistant',
      ...(toolCalls.length === 0 || content !== '' ? { content } : emptyContent(quirks)),
      ...(quirks.reasoningBack ? { reasoning_content: reasoning } : {}),
      ...(toolCalls.length === 0 ? {} : { tool_calls: toolCalls.map(wireToolCall) }),
    }
  })
}

function emptyContent({ emptyContent: mode }: Pick<ProviderQuirks, 'emptyContent'>) {
  return mode === 'null' ? { content: null } : {}
}

function wireToolCall({ id, name, arguments: text }: ToolCall) {
  return { id, type: 'function', function: { name, arguments: text } }
}

/**
 * Says the shape in words. It joins the last message of the user, because some chat templates take
 * neither a second system message nor two messages of the user in a row.
 */
function withReplyShape(
  messages: readonly ChatMessage[],
  { schema }: ReplyShape,
): readonly ChatMessage[] {
  const wish = `Answer with one JSON object and nothing around it. Its JSON schema is:\n${JSON.stringify(strictSchema(schema))}`
  const last = messages.at(-1)
  if (last?.role !== 'user') return [...messages, { role: 'user', content: wish }]
  return [...messages.slice(0, -1), { role: 'user', content: `${last.content}\n\n${wish}` }]
}
