import type { ModelErrorKind } from './model-error.ts'

/** What an error body says. The text is theirs: read it to decide, never show or log it. */
export type VendorRefusal = {
  /** Lower case, the most telling first: `error.code`, then `error.type`. */
  readonly codes: readonly string[]
  /** The member that they name as wrong, and their words, lower case, at most 4 000 characters. */
  readonly text: string
}

const textLengthMax = 4_000

/**
 * Reads the error bodies of OpenAI, Kimi, GLM, OpenRouter, Ollama, vLLM, FastAPI and Gemini's
 * OpenAI surface, which wraps it in a list.
 *
 * @param body parsed JSON, or undefined when it was none
 * @returns undefined when nothing in it reads like an error. Never throws.
 */
export function readRefusal(body: unknown): VendorRefusal | undefined {
  const holder = asRecord(Array.isArray(body) ? body[0] : body)
  if (holder === undefined) return undefined
  if (typeof holder['error'] === 'string') return { codes: [], text: clip([holder['error']]) }
  const error = asRecord(holder['error']) ?? (isBare(holder) ? holder : undefined)
  if (error === undefined) return undefined
  const { code, type, status, param, message, detail } = error
  return {
    codes: [code, type, status].flatMap((value) => toCode(value)),
    text: clip([param, message, detail]),
  }
}

/** vLLM (`object: 'error'`), FastAPI (`detail`) and gateways put the members at the top. */
function isBare(holder: Record<string, unknown>): boolean {
  if (holder['object'] === 'error' || holder['detail'] !== undefined) return true
  return typeof holder['message'] === 'string' && holder['choices'] === undefined
}

function toCode(value: unknown): string[] {
  const isCode = typeof value === 'string' || typeof value === 'number'
  return isCode && value !== '' ? [String(value).toLowerCase()] : []
}

function clip(parts: readonly unknown[]): string {
  return parts
    .filter((part) => part !== undefined && part !== null)
    .map((part) => (typeof part === 'string' ? part : JSON.stringify(part)))
    .join(' ')
    .slice(0, textLengthMax)
    .toLowerCase()
}

export function asRecord(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined
}

/**
 * One list for all vendors, because a gateway passes on the codes of whoever stands behind it.
 * Digits are GLM's (`external-apis.md` 7).
 */
const codesOfKind: Partial<Record<ModelErrorKind, string>> = {
  quota:
    'insufficient_quota exceeded_current_quota_error billing_hard_limit_reached billing_not_active insufficient_balance 1113',
  rate: 'rate_limit_exceeded rate_limit_reached_error rate_limit_error too_many_requests 1302 1303',
  server:
    'server_error engine_overloaded_error overloaded_error overloaded internal_error internal_server_error service_unavailable 1305',
  auth: 'invalid_api_key incorrect_api_key_error invalid_authentication_error authentication_error permission_denied_error 1000 1001 1002 1003 1004',
  model: 'model_not_found unknown_model 1211',
  content: 'content_filter content_policy_violation responsibleaipolicyviolation sensitive 1301',
  context: 'context_length_exceeded 1261',
  request: '1210 1212 1213 1214 1215',
}

const kindOfCode: ReadonlyMap<string, ModelErrorKind> = new Map(
  (Object.entries(codesOfKind) as [ModelErrorKind, string][]).flatMap(([kind, list]) =>
    list.split(' ').map((code) => [code, kind] as const),
  ),
)

/** For the many servers that have one code, or none, for everything that is wrong with a request. */
const wordings: readonly { readonly kind: ModelErrorKind; readonly pattern: RegExp }[] = [
  {
    kind: 'context',
    pattern:
      /context (length|window|size)|maximum context|prompt (is )?too long|too many (input |prompt )?tokens|reduce the length/,
  },
  {
    kind: 'model',
    pattern:
      /\bmodel\b.{0,100}(not found|not exist|does ?n.t exist|unknown|not available)|(unknown|invalid|no such|not find|not found)( the)? model\b|not a chat model|does not support chat/,
  },
  { kind: 'quota', pattern: /insufficient (balance|funds|credit)|credit balance is too low/ },
  { kind: 'content', pattern: /content (filter|policy|management policy)|safety system/ },
]

const wordedStatuses: ReadonlySet<number> = new Set([400, 403, 404, 413, 422, 429])

const kindOfStatus: Readonly<Record<number, ModelErrorKind>> = {
  401: 'auth',
  402: 'quota',
  403: 'auth',
  404: 'unexpected-answer',
  405: 'unexpected-answer',
  408: 'rate',
  409: 'rate',
  410: 'unexpected-answer',
  413: 'context',
  425: 'rate',
  429: 'rate',
  501: 'unexpected-answer',
}

/**
 * What a refusal means: first by the code in the body, then by its words, then by the status. An
 * error inside a stream has no status and is the server's fault unless it says otherwise.
 *
 * @param status of the HTTP answer; undefined inside a stream or when it was 200
 */
export function classifyRefusal(
  refusal: VendorRefusal | undefined,
  status: number | undefined,
): ModelErrorKind {
  const { codes, text } = refusal ?? { codes: [], text: '' }
  const said = codes.map((code) => kindOfCode.get(code)).find((kind) => kind !== undefined)
  const meant = status ?? statusAmong(codes) ?? 500
  const isWorded = status === undefined || wordedStatuses.has(meant)
  const worded = isWorded ? wordings.find(({ pattern }) => pattern.test(text))?.kind : undefined
  return said ?? worded ?? kindOfStatus[meant] ?? kindOfClass(meant)
}

/** OpenRouter and vLLM write the HTTP status as the code of an error inside the stream. */
function statusAmong(list: readonly string[]): number | undefined {
  const code = list.find((entry) => /^[45]\d\d$/.test(entry))
  return code === undefined ? undefined : Number(code)
}

function kindOfClass(status: number): ModelErrorKind {
  if (status >= 500) return 'server'
  return status >= 400 ? 'request' : 'unexpected-answer'
}

/** Their code for the log; a value that could be a key or a sentence is left out. */
export function safeCode(refusal: VendorRefusal | undefined): string | undefined {
  return refusal?.codes.find((code) => /^(?:[a-z]+(?:_[a-z]+){0,6}|\d{3,4})$/.test(code))
}
