import { isJsonObject, memberText, type JsonObject, type JsonValue } from '../json-value.ts'
import { sampleOfSchema } from './schema-sample.ts'
import { follow, obey, type Reaction, signOf } from './model-orders.ts'
import { toolsOf } from './model-vendors.ts'
import { isHebrew, readStoryPrompt } from './story-prompt.ts'
import { splitStory } from './story-split.ts'
import { writeStory } from './story-writer.ts'

export type ChatRequest = {
  readonly model: string
  readonly messages: readonly {
    readonly role: string
    readonly text: string
    /** Of its tools, as `signOf` writes them. */
    readonly calls?: readonly string[]
  }[]
  /** Names of the tools that are offered. */
  readonly tools?: readonly string[]
  /** A tool that has to be called. */
  readonly forcedTool?: { readonly name: string; readonly parameters: JsonObject } | undefined
  readonly stream: boolean
  readonly includesUsage: boolean
  readonly format: 'text' | 'json_object' | 'json_schema'
  readonly schema: JsonObject | undefined
  readonly tokensMax: number | undefined
}

/** What OpenAI's API says about a request that it does not take. */
export type BadRequest = {
  readonly message: string
  readonly param: string | null
  readonly code: string | null
}

export type ReadRequest =
  | { readonly kind: 'chat'; readonly chat: ChatRequest; readonly body: JsonObject }
  | { readonly kind: 'bad'; readonly problem: BadRequest }

export function readChatRequest(body: JsonValue): ReadRequest {
  if (!isJsonObject(body)) return bad('The body must be a JSON object.', null)
  const model = memberText(body, 'model')
  if (model === '') return bad('you must provide a model parameter', 'model')
  const messages = readMessages(body['messages'])
  if (messages === undefined || messages.length === 0)
    return bad("Missing required parameter: 'messages'.", 'messages', 'missing_required_parameter')
  if (Number(memberText(body, 'n') || 1) !== 1)
    return bad('The simulated model gives one choice only.', 'n', 'unsupported_value')
  const format = readFormat(body['response_format'], messages)
  if ('problem' in format) return { kind: 'bad', problem: format.problem }
  const tokensMax = Number(memberText(body, 'max_completion_tokens', 'max_tokens') || Number.NaN)
  return {
    kind: 'chat',
    body,
    chat: {
      model,
      messages,
      stream: body['stream'] === true,
      includesUsage: memberText(body['stream_options'], 'include_usage') === 'true',
      ...format,
      ...readTools(body),
      tokensMax: Number.isInteger(tokensMax) ? tokensMax : undefined,
    },
  }
}

function bad(message: string, param: string | null, code: string | null = null): ReadRequest {
  return { kind: 'bad', problem: { message, param, code } }
}

const roles = ['system', 'developer', 'user', 'assistant', 'tool']

function readMessages(list: JsonValue | undefined): ChatRequest['messages'] | undefined {
  if (!Array.isArray(list)) return undefined
  const messages = list.map((message) => ({
    role: memberText(message, 'role'),
    text: isJsonObject(message) ? contentText(message['content']) : '',
    calls: isJsonObject(message) ? signsOf(message['tool_calls']) : [],
  }))
  return messages.every(({ role }) => roles.includes(role)) ? messages : undefined
}

function signsOf(calls: JsonValue | undefined): string[] {
  if (!Array.isArray(calls)) return []
  return calls.map((call) => {
    const made = isJsonObject(call) ? call['function'] : undefined
    return signOf({ name: memberText(made, 'name'), arguments: memberText(made, 'arguments') })
  })
}

function readTools(body: JsonObject): Pick<ChatRequest, 'tools' | 'forcedTool'> {
  const offered = toolsOf(body)
  const choice = body['tool_choice']
  if (choice === 'none') return { tools: [] }
  const wanted = choice !== undefined && isJsonObject(choice) ? choice['function'] : undefined
  const name = choice === 'required' ? memberText(offered[0], 'name') : memberText(wanted, 'name')
  const forced = offered.find((tool) => name !== '' && memberText(tool, 'name') === name)
  const parameters = forced?.['parameters']
  return {
    tools: offered.map((tool) => memberText(tool, 'name')),
    ...(forced === undefined
      ? {}
      : {
          forcedTool: {
            name,
            parameters: parameters !== undefined && isJsonObject(parameters) ? parameters : {},
          },
        }),
  }
}

function contentText(content: JsonValue | undefined): string {
  if (typeof content === 'string') return content
  return Array.isArray(content) ? content.map((part) => memberText(part, 'text')).join('') : ''
}

type Format = Pick<ChatRequest, 'format' | 'schema'>

function readFormat(
  given: JsonValue | undefined,
  messages: ChatRequest['messages'],
): Format | { problem: BadRequest } {
  const type = memberText(given, 'type') || 'text'
  switch (type) {
    case 'text':
      return { format: 'text', schema: undefined }
    case 'json_object':
      if (messages.some(({ text }) => /json/i.test(text)))
        return { format: 'json_object', schema: undefined }
      return {
        problem: {
          message:
            "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.",
          param: 'messages',
          code: null,
        },
      }
    case 'json_schema':
      return readSchema(isJsonObject(given) ? given['json_schema'] : undefined)
    default:
      return {
        problem: {
          message: `Invalid value: '${type}'. Supported values are: 'json_object', 'json_schema', and 'text'.`,
          param: 'response_format.type',
          code: 'invalid_value',
        },
      }
  }
}

function readSchema(given: JsonValue | undefined): Format | { problem: BadRequest } {
  const param = 'response_format.json_schema'
  const name = memberText(given, 'name')
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(name))
    return {
      problem: {
        message: `Invalid '${param}.name': expected up to 64 letters, digits, underscores and dashes.`,
        param: `${param}.name`,
        code: 'invalid_value',
      },
    }
  const schema = isJsonObject(given) && isJsonObject(given['schema']) ? given['schema'] : {}
  if (memberText(given, 'strict') === 'true' && schema['type'] !== 'object')
    return {
      problem: {
        message: `Invalid schema for response_format '${name}': schema must be a JSON Schema of 'type: "object"'.`,
        param: 'response_format',
        code: 'invalid_json_schema',
      },
    }
  return { format: 'json_schema', schema }
}

const raw = '@@raw '

/** What it says, and which tools it calls. */
export function react(chat: ChatRequest, isObedient: boolean): Reaction {
  const { messages, tools = [], forcedTool } = chat
  if (isObedient) {
    const reaction = obey(messages, tools)
    const isIdle = reaction.text === '' && reaction.calls.length === 0
    return isIdle ? { ...reaction, text: answerChat(chat) } : reaction
  }
  if (forcedTool !== undefined) {
    const { name, parameters: schema } = forcedTool
    const text = answerChat({ ...chat, format: 'json_schema', schema })
    return { text: '', calls: [{ name, arguments: text }] }
  }
  const reaction = follow(messages, tools)
  if (reaction.calls.length > 0) return reaction
  return { text: reaction.text || answerChat(chat), calls: [] }
}

/** What the simulated model answers. The same messages give the same text. */
export function answerChat({ messages, format, schema }: ChatRequest): string {
  const texts = messages.filter(({ role }) => role === 'user').map(({ text }) => text)
  const last = texts.at(-1) ?? ''
  if (last.startsWith(raw)) return last.slice(raw.length)
  const prompt = readStoryPrompt(texts)
  if (prompt !== undefined) {
    const asked = prompt.instruction ?? prompt.requirement
    if (asked.startsWith(raw)) return asked.slice(raw.length)
    return JSON.stringify(splitStory(prompt) ?? writeStory(prompt))
  }
  const text = plainAnswer(last)
  if (format === 'json_schema') return JSON.stringify(sampleOfSchema(schema ?? {}, text))
  return format === 'json_object' ? JSON.stringify({ answer: text }) : text
}

function plainAnswer(question: string): string {
  const [, word] =
    /(?:reply|answer|respond)\s+(?:only\s+)?with\s+(?:only\s+|just\s+|exactly\s+)?(?:the\s+)?(?:single\s+)?(?:word\s+)?["'“]?([\p{L}\p{N}]+)/iu.exec(
      question,
    ) ?? []
  if (word !== undefined) return word
  const quoted = question.replaceAll(/\s+/g, ' ').trim().slice(0, 200)
  return isHebrew(question)
    ? `שלום, זה המודל המדומה של סביבת הניסיון. קיבלתי את ההודעה: "${quoted}". כדי לקבל סיפור, יש לפתוח את יוצר הסיפורים.`
    : `Hello, this is the simulated model of the demo. I received: "${quoted}". To get a story, open the story creator.`
}
