import type { ReplyShape } from './chat-request.ts'
import type { Dialect } from './dialect.ts'
import type { ProviderQuirks } from './provider-quirks.ts'
import { type JsonSchema, strictSchema } from './strict-schema.ts'
import { asRecord } from './vendor-refusal.ts'

/** A tool that the model may call. It only asks: whoever offered the tool decides and acts. */
export type ToolOffer = {
  /** At most 64 of `A-Z a-z 0-9 _ -`. */
  readonly name: string
  readonly description: string
  /** JSON schema of an object. */
  readonly parameters: JsonSchema
}

/** A whole call; `arguments` is the JSON text as the model wrote it, unchecked. */
export type ToolCall = { readonly id: string; readonly name: string; readonly arguments: string }

/** `required`: at least one tool, whichever. */
export type ToolChoice = 'auto' | 'none' | 'required' | { readonly name: string }

/** A piece of a call. Id and name come once, the arguments in pieces; `index` joins them. */
export type ToolCallDelta = {
  readonly index: number
  readonly id?: string
  readonly name?: string
  readonly arguments: string
}

/** Of the calls of one answer, and of the arguments of one call in UTF-16 units. */
const callsMax = 64

/** Puts calls together from their pieces. */
export function createToolCallJoiner() {
  const calls: { id: string; name: string; arguments: string }[] = []
  return {
    add(delta: ToolCallDelta): void {
      const call = (calls[delta.index] ??= { id: '', name: '', arguments: '' })
      if (delta.id !== undefined && delta.id !== '') call.id = delta.id
      if (delta.name !== undefined) call.name ||= delta.name
      call.arguments += delta.arguments
    },
    calls: (): ToolCall[] =>
      calls.flatMap((call, index) =>
        call === undefined ? [] : [{ ...call, id: call.id || `call_${index}` }],
      ),
  }
}

/** Reads `tool_calls` of a delta or of a whole message, and the older `function_call`. */
export function readToolCalls(value: unknown): ToolCallDelta[] {
  if (!Array.isArray(value)) return []
  return value.flatMap((entry, place) => readToolCall(asRecord(entry), place) ?? [])
}

function readToolCall(
  call: Record<string, unknown> | undefined,
  place: number,
): ToolCallDelta | undefined {
  const index = typeof call?.['index'] === 'number' ? call['index'] : place
  if (call === undefined || !Number.isInteger(index) || index < 0 || index >= callsMax)
    return undefined
  const { name, arguments: written } = asRecord(call['function']) ?? {}
  return {
    index,
    ...(typeof call['id'] === 'string' ? { id: call['id'] } : {}),
    ...(typeof name === 'string' ? { name } : {}),
    arguments: argumentsOf(written),
  }
}

/** Ollama and some gateways send the object itself. */
function argumentsOf(written: unknown): string {
  if (typeof written === 'string') return written
  return written === undefined || written === null ? '' : JSON.stringify(written)
}

type Choices = Pick<ProviderQuirks, 'toolChoice'>

type Asked = {
  readonly tools?: readonly ToolOffer[] | undefined
  readonly toolChoice?: ToolChoice | undefined
  readonly reply?: ReplyShape | undefined
}
type Ways = { readonly quirks: ProviderQuirks; readonly dialect: Pick<Dialect, 'replyMode'> }

/** The members of a request that offer tools; an answer that is forced into a shape is one of them. */
export function toolMembers({ tools = [], toolChoice, reply }: Asked, { quirks, dialect }: Ways) {
  const isForced = reply !== undefined && dialect.replyMode === 'tool'
  if (isForced) {
    const offer = { name: reply.name, description: '', parameters: strictSchema(reply.schema) }
    return { tools: [wireTool(offer, quirks)], ...wireChoice({ name: reply.name }, quirks) }
  }
  if (tools.length === 0 || (toolChoice === 'none' && quirks.toolChoice === 'auto')) return {}
  return {
    tools: tools.map((tool) => wireTool(tool, quirks)),
    ...(quirks.toolStream ? { tool_stream: true } : {}),
    ...(toolChoice === undefined ? {} : wireChoice(toolChoice, quirks)),
  }
}

function wireTool(
  { name, description, parameters }: ToolOffer,
  { typedProperties }: ProviderQuirks,
) {
  return {
    type: 'function',
    function: {
      name,
      ...(description === '' ? {} : { description }),
      parameters: typedProperties ? withTypes(parameters) : parameters,
    },
  }
}

/** Where a choice is not taken, the model is left to choose: a call that is missing is seen. */
function wireChoice(choice: ToolChoice, { toolChoice }: Choices): Record<string, unknown> {
  if (typeof choice !== 'string')
    return toolChoice === 'named'
      ? { tool_choice: { type: 'function', function: { name: choice.name } } }
      : wireChoice('required', { toolChoice })
  return choice === 'auto' || toolChoice === 'auto' ? {} : { tool_choice: choice }
}

/** Kimi refuses a property without a type, such as one that is only an enumeration. */
export function withTypes(schema: JsonSchema): JsonSchema {
  const properties = asRecord(schema['properties'])
  const items = asRecord(schema['items'])
  return {
    ...schema,
    ...(properties && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([name, value]) => [name, typed(asRecord(value) ?? {})]),
      ),
    }),
    ...(items && { items: typed(items) }),
  }
}

function typed(schema: JsonSchema): JsonSchema {
  const inner = withTypes(schema)
  return inner['type'] === undefined ? { ...inner, type: guessType(inner) } : inner
}

function guessType(schema: JsonSchema): unknown {
  const values = [schema['enum'], [schema['const']]].find(
    (list): list is unknown[] => Array.isArray(list) && list[0] !== undefined,
  )
  if (values !== undefined) return typeof values[0] === 'number' ? 'number' : 'string'
  const choices = [schema['anyOf'], schema['oneOf']].find(Array.isArray) as unknown[] | undefined
  const types = (choices ?? []).map((choice) => asRecord(choice)?.['type'])
  return types.find((type) => type !== undefined && type !== 'null') ?? 'string'
}
