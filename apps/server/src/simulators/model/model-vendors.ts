import { isJsonObject, memberText, type JsonObject, type JsonValue } from '../json-value.ts'

/** Whose dialect of OpenAI's API a simulated model speaks (`external-apis.md` 5 to 7). */
export type ModelVendor = 'openai' | 'kimi' | 'glm'

export type Refusal =
  | 'key'
  | 'unknown-model'
  | 'rate'
  | 'quota'
  | 'server'
  | 'overload'
  | 'content'
  | 'bad-request'

type Told = { readonly status: number; readonly type: string; readonly code: string }

const refusals: Readonly<Record<ModelVendor, Readonly<Record<Refusal, Told>>>> = {
  openai: {
    key: { status: 401, type: 'invalid_request_error', code: 'invalid_api_key' },
    'unknown-model': { status: 404, type: 'invalid_request_error', code: 'model_not_found' },
    rate: { status: 429, type: 'requests', code: 'rate_limit_exceeded' },
    quota: { status: 429, type: 'insufficient_quota', code: 'insufficient_quota' },
    server: { status: 500, type: 'server_error', code: '' },
    overload: { status: 503, type: 'server_error', code: '' },
    content: { status: 400, type: 'invalid_request_error', code: 'content_policy_violation' },
    'bad-request': { status: 400, type: 'invalid_request_error', code: '' },
  },
  kimi: {
    key: { status: 401, type: 'incorrect_api_key_error', code: '' },
    'unknown-model': { status: 404, type: 'resource_not_found_error', code: '' },
    rate: { status: 429, type: 'rate_limit_reached_error', code: '' },
    quota: { status: 429, type: 'exceeded_current_quota_error', code: '' },
    server: { status: 500, type: 'server_error', code: '' },
    overload: { status: 429, type: 'engine_overloaded_error', code: '' },
    content: { status: 400, type: 'content_filter', code: '' },
    'bad-request': { status: 400, type: 'invalid_request_error', code: '' },
  },
  glm: {
    key: { status: 401, type: '', code: '1002' },
    'unknown-model': { status: 400, type: '', code: '1211' },
    rate: { status: 429, type: '', code: '1302' },
    quota: { status: 429, type: '', code: '1113' },
    server: { status: 500, type: '', code: '500' },
    overload: { status: 429, type: '', code: '1305' },
    content: { status: 400, type: '', code: '1301' },
    'bad-request': { status: 400, type: '', code: '1210' },
  },
}

export function refusalOf(vendor: ModelVendor, refusal: Refusal): Told {
  return refusals[vendor][refusal]
}

/** An error body with the members that the vendor has. */
export function vendorError(
  vendor: ModelVendor,
  {
    message,
    type,
    param,
    code,
  }: { message: string; type: string; param: JsonValue; code: JsonValue },
): JsonObject {
  switch (vendor) {
    case 'openai':
      return { error: { message, type, param, code } }
    case 'kimi':
      return { error: { message, type } }
    case 'glm':
      return { error: { message, code } }
  }
}

/** What a vendor does not take although it is OpenAI's; undefined where the request is well. */
export function objectionOf(vendor: ModelVendor, body: JsonObject): string | undefined {
  if (vendor === 'kimi') return kimiObjection(body)
  return vendor === 'glm' ? glmObjection(body) : undefined
}

function kimiObjection(body: JsonObject): string | undefined {
  if (['temperature', 'top_p', 'n', 'presence_penalty', 'frequency_penalty'].some((m) => m in body))
    return 'invalid temperature: only the default is allowed for this model'
  if (isJsonObject(body['tool_choice'] ?? null))
    return "tool_choice 'specified' is incompatible with thinking enabled"
  if (toolsOf(body).some((tool) => !hasTypes(tool['parameters'])))
    return 'tool parameters: every property must have a type'
  const turns = messagesOf(body).filter((message) => message['role'] === 'assistant')
  if (turns.some((turn) => turn['tool_calls'] !== undefined && turn['content'] === ''))
    return 'text content is empty'
  const isThoughtless = turns.some(
    (turn) => turn['tool_calls'] !== undefined && turn['reasoning_content'] === undefined,
  )
  return isThoughtless ? 'reasoning_content is missing in an assistant message' : undefined
}

function glmObjection(body: JsonObject): string | undefined {
  const refused = [
    'stream_options',
    'frequency_penalty',
    'presence_penalty',
    'max_completion_tokens',
  ]
  const found = refused.find((member) => member in body)
  if (found !== undefined) return `parameter ${found} is not supported`
  const { tool_choice: choice, temperature } = body
  if (choice !== undefined && choice !== 'auto') return 'tool_choice only supports auto'
  if (typeof temperature === 'number' && (temperature < 0.01 || temperature > 0.99))
    return 'temperature must be within (0, 1)'
  const hasUser = messagesOf(body).some((message) => message['role'] === 'user')
  return hasUser ? undefined : 'messages must contain a user message'
}

function messagesOf(body: JsonObject): JsonObject[] {
  const { messages } = body
  return Array.isArray(messages) ? messages.filter(isJsonObject) : []
}

export function toolsOf(body: JsonObject): JsonObject[] {
  const { tools } = body
  if (!Array.isArray(tools)) return []
  return tools.flatMap((tool) => {
    const made = isJsonObject(tool) ? tool['function'] : undefined
    return made !== undefined && isJsonObject(made) && memberText(made, 'name') !== '' ? [made] : []
  })
}

function hasTypes(schema: JsonValue | undefined): boolean {
  if (schema === undefined || !isJsonObject(schema)) return true
  const properties = schema['properties']
  if (properties === undefined || !isJsonObject(properties)) return true
  return Object.values(properties).every(
    (property) => isJsonObject(property) && property['type'] !== undefined && hasTypes(property),
  )
}
