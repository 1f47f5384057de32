import type { Dialect } from './dialect.ts'
import type { ProviderQuirks } from './provider-quirks.ts'
import { type JsonSchema, strictSchema } from './strict-schema.ts'

export type ChatMessage = {
  readonly role: 'system' | 'user' | 'assistant'
  readonly content: string
}

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
}

type Asking = {
  readonly model: string
  readonly quirks: ProviderQuirks
  readonly dialect: Dialect
}

/** The body of `POST /chat/completions`. Members that this server does not take are not in it. */
export function chatRequest(question: ChatQuestion, { model, quirks, dialect }: Asking) {
  const { messages, reply, maxOutputTokens, temperature } = question
  const isTold = reply !== undefined && dialect.replyMode !== 'json_schema'
  const body: Record<string, unknown> = {
    model,
    messages: isTold ? withReplyShape(messages, reply) : messages,
    stream: true,
    ...(dialect.streamOptions && { stream_options: { include_usage: true } }),
    ...limit(maxOutputTokens, dialect),
    ...sampling(temperature, dialect),
    ...(reply && responseFormat(reply, dialect, !quirks.drop.includes('strict'))),
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
    case 'none':
      return {}
  }
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
