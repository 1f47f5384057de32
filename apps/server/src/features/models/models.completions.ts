import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import type { ChatMessage } from '../../integrations/llm/chat-request.ts'
import type { ToolCall, ToolChoice } from '../../integrations/llm/tool-calls.ts'
import { AppError } from '../../platform/errors/app-error.ts'
import { withoutAbsent } from '../../platform/values/without-absent.ts'
import type { AnswerDone, AnswerEvent, Question } from './models.port.ts'

/** The name by which a program leaves the choice of a model to the workspace. */
export const anyModel = 'studioops'

const textPart = z.object({ type: z.literal('text'), text: z.string() })
const content = z.union([z.string(), z.array(textPart)])

const call = z.object({
  id: z.string(),
  type: z.literal('function').optional(),
  function: z.object({ name: z.string(), arguments: z.string() }),
})

const message = z.discriminatedUnion('role', [
  z.object({ role: z.enum(['system', 'developer', 'user']), content }),
  z.object({
    role: z.literal('assistant'),
    content: content.nullish(),
    tool_calls: z.array(call).optional(),
    reasoning_content: z.string().optional(),
  }),
  z.object({ role: z.literal('tool'), content, tool_call_id: z.string() }),
])

const tool = z.object({
  type: z.literal('function'),
  function: z.object({
    name: z.string().regex(/^[\w-]{1,64}$/),
    description: z.string().optional(),
    parameters: z.record(z.string(), z.unknown()).optional(),
  }),
})

const format = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text') }),
  z.object({ type: z.literal('json_object') }),
  z.object({
    type: z.literal('json_schema'),
    json_schema: z.object({
      name: z.string().regex(/^[\w-]{1,64}$/),
      schema: z.record(z.string(), z.unknown()),
    }),
  }),
])

/** OpenAI's request, as far as every provider can be asked the same; what else it holds is passed over. */
export const completionRequest = z.object({
  model: z.string().min(1).max(300),
  messages: z.array(message).min(1).max(2_000),
  stream: z.boolean().nullish(),
  stream_options: z.object({ include_usage: z.boolean().nullish() }).nullish(),
  max_tokens: z.int().min(1).nullish(),
  max_completion_tokens: z.int().min(1).nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  n: z.literal(1).nullish(),
  tools: z.array(tool).max(256).nullish(),
  tool_choice: z
    .union([
      z.enum(['auto', 'none', 'required']),
      z.object({ type: z.literal('function'), function: z.object({ name: z.string() }) }),
    ])
    .nullish(),
  response_format: format.nullish(),
})
export type CompletionRequest = z.output<typeof completionRequest>

/** An agent that works on code asks for long answers. */
const totalMs = 600_000

/** What a request of a program asks of the chain. */
export function questionOf(
  request: CompletionRequest,
): Omit<Question, 'userId' | 'language' | 'choice' | 'signal'> {
  const { messages, tools, tool_choice: choice, response_format: wanted } = request
  return {
    purpose: 'api',
    messages: messages.map(messageOf),
    deadlines: { totalMs },
    ...withoutAbsent({
      tools: tools?.map(({ function: { name, description = '', parameters = emptySchema } }) => ({
        name,
        description,
        parameters,
      })),
      toolChoice: choiceOf(choice),
      reply: replyOf(wanted),
      maxOutputTokens: request.max_completion_tokens ?? request.max_tokens ?? undefined,
      temperature: request.temperature ?? undefined,
    }),
  }
}

const emptySchema = { type: 'object', properties: {} }

function textOf(value: z.output<typeof content> | null | undefined): string {
  if (typeof value === 'string') return value
  return (value ?? []).map(({ text }) => text).join('')
}

function messageOf(given: z.output<typeof message>): ChatMessage {
  const text = textOf(given.content)
  if (given.role === 'tool') return { role: 'tool', content: text, toolCallId: given.tool_call_id }
  if (given.role !== 'assistant')
    return { role: given.role === 'user' ? 'user' : 'system', content: text }
  const toolCalls = given.tool_calls?.map(({ id, function: made }) => ({ id, ...made }))
  return {
    role: 'assistant',
    content: text,
    ...withoutAbsent({ toolCalls, reasoning: given.reasoning_content }),
  }
}

function choiceOf(choice: CompletionRequest['tool_choice']): ToolChoice | undefined {
  if (choice === null || choice === undefined) return undefined
  return typeof choice === 'string' ? choice : { name: choice.function.name }
}

function replyOf(wanted: CompletionRequest['response_format']): Question['reply'] {
  switch (wanted?.type) {
    case 'json_schema':
      return wanted.json_schema
    case 'json_object':
      return { name: 'reply', schema: { type: 'object' } }
    default:
      return undefined
  }
}

type Head = { readonly id: string; readonly created: number }

function head(): Head {
  return { id: `chatcmpl-${randomUUID()}`, created: Math.floor(Date.now() / 1_000) }
}

/**
 * The whole answer of OpenAI's API. What was taken back on the way is not in it.
 *
 * @throws AppError as the chain does, and why an answer broke off
 */
export async function wholeCompletion(answer: Promise<AnswerDone>) {
  const done = requireWhole(await answer)
  const { text, toolCalls, reasoning, usage } = done
  return {
    ...head(),
    object: 'chat.completion',
    model: done.model,
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: text === '' && toolCalls.length > 0 ? null : text,
          refusal: null,
          ...(reasoning === '' ? {} : { reasoning_content: reasoning }),
          ...(toolCalls.length === 0 ? {} : { tool_calls: toolCalls.map(wireCall) }),
        },
        logprobs: null,
        finish_reason: finishOf(done),
      },
    ],
    usage: wireUsage(usage),
  }
}

/**
 * The events of OpenAI's API. It has no word for taking back: where a model breaks off after its
 * first word, the stream ends with an error and without a reason to finish, never with the text of
 * another model behind it.
 *
 * @throws AppError before the first chunk as the chain does, and later why the answer broke off
 */
export async function* completionChunks(
  answer: AsyncIterable<AnswerEvent>,
  { includesUsage }: { readonly includesUsage: boolean },
): AsyncGenerator<object> {
  const first = head()
  let model = ''
  const chunk = (delta: object, finish: string | null = null) => ({
    ...first,
    object: 'chat.completion.chunk',
    model,
    choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
    ...(includesUsage ? { usage: null } : {}),
  })
  let hasBegun = false
  let end: AnswerDone | undefined
  for await (const event of answer) {
    if (event.type === 'status') model = event.model
    if (event.type === 'reset') throw new AppError(event.code)
    if (event.type === 'done') end = event
    const delta = deltaOf(event)
    if (delta === undefined) continue
    if (!hasBegun) yield chunk({ role: 'assistant', content: '', refusal: null })
    hasBegun = true
    yield chunk(delta)
  }
  const done = requireWhole(end)
  yield chunk({}, finishOf(done))
  if (includesUsage)
    yield {
      ...first,
      object: 'chat.completion.chunk',
      model,
      choices: [],
      usage: wireUsage(done.usage),
    }
}

function requireWhole(end: AnswerDone | undefined): AnswerDone {
  if (end?.state === 'complete') return end
  throw end?.reason ?? new AppError('model.broke-off')
}

function deltaOf(event: AnswerEvent): object | undefined {
  switch (event.type) {
    case 'token':
      return { content: event.text }
    case 'thinking':
      return event.text === '' ? undefined : { reasoning_content: event.text }
    case 'tool': {
      const { index, id, name, arguments: text } = event.call
      return {
        tool_calls: [
          {
            index,
            ...(id === undefined ? {} : { id, type: 'function' }),
            function: { ...(name === undefined ? {} : { name }), arguments: text },
          },
        ],
      }
    }
    default:
      return undefined
  }
}

function finishOf({ finishReason }: AnswerDone): string {
  return finishReason === 'other' ? 'stop' : finishReason
}

function wireCall({ id, name, arguments: text }: ToolCall) {
  return { id, type: 'function', function: { name, arguments: text } }
}

function wireUsage(usage: AnswerDone['usage']) {
  const { inputTokens = 0, outputTokens = 0 } = usage ?? {}
  return {
    prompt_tokens: inputTokens,
    completion_tokens: outputTokens,
    total_tokens: inputTokens + outputTokens,
  }
}
